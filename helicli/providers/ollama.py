"""The ollama dialect: chat, generate and embeddings of Ollama's own interface.

Owns how model, usage, finish reason and error stand in its JSON and its lines; what it streams, it streams unless told
otherwise. It counts no cache. https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.call import Usage
from helicli.providers import lenient
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.lines import of_lines

_STREAMS: Final = re.compile(r"/api/(?:chat|generate)(?:\?|$)")
_USES: Final = re.compile(r"/api/(?:chat|generate|embed|embeddings)(?:\?|$)")
_COUNTED: Final = (
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
)


class _Request(Struct):
    model: Any = None
    stream: Any = None


_request = msgspec.json.Decoder(_Request)


def read_request(path: str, body: bytes) -> RequestFacts:
    """The model of a request that uses one, and whether its answer is a stream."""
    said = lenient.decode(_request, body)
    if said is None or not _USES.search(path):
        return RequestFacts()
    return RequestFacts(lenient.word(said.model), bool(_STREAMS.search(path)) and said.stream is not False)


def read_usage(path: str, raw: bytes) -> Usage | None:
    """What a usage object, kept as it came, says."""
    return _usage(lenient.mapping(lenient.loads(raw)))


def read_json(path: str, body: bytes) -> ResponseFacts:
    """The facts of an answer: one JSON value, or a stream with one on each line, the last of which is `done`."""
    chunks = of_lines(body)
    if not chunks:
        return ResponseFacts(complete=lenient.loads(body) is not None)
    model = finish = error = usage = None
    done = not _STREAMS.search(path)
    for said in chunks:
        model = lenient.word(said.get("model")) or model
        finish = lenient.word(said.get("done_reason")) or finish
        error = lenient.word(said.get("error")) or error
        usage = _usage(said) or usage
        done = done or said.get("done") is True
    return ResponseFacts(model, finish, usage, error, done)


def read_stream(path: str, body: bytes) -> ResponseFacts:
    """Nothing: this dialect has no events."""
    return ResponseFacts(complete=False)


def ends(event: bytes) -> bool:
    """Whether this line ends its stream."""
    if b'"done"' not in event and b'"error"' not in event:
        return False
    said = lenient.mapping(lenient.loads(event))
    return said.get("done") is True or bool(said.get("error"))


def _usage(said: dict[str, Any]) -> Usage | None:
    """The counts of a line that has any. A prompt that was still in memory has none of its own."""
    if not any(isinstance(said.get(name), int) for name in ("prompt_eval_count", "eval_count")):
        return None
    return Usage(
        input=lenient.count(said.get("prompt_eval_count")),
        output=lenient.count(said.get("eval_count")),
        raw=lenient.compact({name: said[name] for name in _COUNTED if name in said}).encode(),
    )
