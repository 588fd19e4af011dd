"""The anthropic dialect: messages, count_tokens, and the old text completions.

Owns how model, usage, stop reason and error stand in its JSON and its streams. `input_tokens` of this dialect leaves
out what the cache read and wrote. https://docs.anthropic.com/en/api/messages and .../messages-streaming
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from helicli.call import Usage
from helicli.providers import lenient
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.sse import data_of, events

NULL: Final = Raw(b"null")

_COUNTED = re.compile(r"/count_tokens(?:\?|$)")
_COUNTS: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class _Request(Struct):
    model: Any = None
    stream: Any = None
    metadata: Any = None


class _Answer(Struct):
    """What is looked at of an answer or an event; what may be large stays unread."""

    type: Any = None
    model: Any = None
    stop_reason: Any = None
    usage: Any = None
    error: Any = None
    input_tokens: Any = None
    message: Raw = NULL
    delta: Raw = NULL


class _Typed(Struct):
    type: Any = None
    stop_reason: Any = None


_request = msgspec.json.Decoder(_Request)
_answer = msgspec.json.Decoder(_Answer)
_typed = msgspec.json.Decoder(_Typed)


def read_request(path: str, body: bytes) -> RequestFacts:
    """Model, stream and `metadata.user_id` of a JSON body."""
    said = lenient.decode(_request, body)
    if said is None:
        return RequestFacts()
    user = lenient.mapping(said.metadata).get("user_id")
    return RequestFacts(lenient.word(said.model), said.stream is True, lenient.word(user))


def read_usage(path: str, raw: bytes) -> Usage | None:
    """What a usage object, kept as it came, says."""
    return _usage(lenient.mapping(lenient.loads(raw)))


def read_json(path: str, body: bytes) -> ResponseFacts:
    """The facts of an answer that is one JSON value. What count_tokens counts was not used: it used no tokens."""
    said = lenient.decode(_answer, body)
    if said is None:
        return ResponseFacts(complete=lenient.loads(body) is not None)
    usage = _usage(lenient.mapping(said.usage))
    if usage is None and said.input_tokens is not None and _COUNTED.search(path):
        usage = Usage()
    mode = _mode(lenient.mapping(said.usage))
    return ResponseFacts(lenient.word(said.model), lenient.word(said.stop_reason), usage, _error(said), mode=mode)


def read_stream(path: str, body: bytes) -> ResponseFacts:
    """The facts of a stream; of the usage figures that come twice the later ones that are not null count."""
    model = finish = error = None
    usage: dict[str, Any] = {}
    complete = False
    for _, data in events(body):
        said = lenient.decode(_answer, data)
        if said is None:
            continue
        error = _error(said) or error
        complete = complete or said.type == "message_stop" or _ends_completion(said)
        for part in (said, _inner(said)):
            model = model or lenient.word(part.model)
            finish = lenient.word(part.stop_reason) or finish
            usage |= {name: value for name, value in lenient.mapping(part.usage).items() if value is not None}
    return ResponseFacts(model, finish, _usage(usage), error, complete, _mode(usage))


def ends(event: bytes) -> bool:
    """Whether this event ends its stream."""
    if not (b"message_stop" in event or b'"error"' in event or b'"completion"' in event):
        return False
    said = lenient.decode(_typed, data_of(event))
    return said is not None and (said.type in ("message_stop", "error") or _ends_completion(said))


def _inner(said: _Answer) -> _Answer:
    """The message that `message_start` brings, or the changes of `message_delta`."""
    raw = {"message_start": said.message, "message_delta": said.delta}.get(str(said.type), NULL)
    return lenient.decode(_answer, raw) or _Answer()


def _ends_completion(said: _Answer | _Typed) -> bool:
    """Streams of the old text completions end with the chunk that has a stop reason."""
    return said.type == "completion" and said.stop_reason is not None


def _error(said: _Answer) -> str | None:
    if not said.error:
        return None
    error = lenient.mapping(said.error)
    return lenient.word(error.get("message")) or lenient.word(error.get("type")) or lenient.compact(said.error)


def _mode(usage: dict[str, Any]) -> str:
    """Fast mode and batches have prices of their own; a priority tier is paid for otherwise.

    https://docs.anthropic.com/en/api/service-tiers and https://platform.claude.com/docs/en/build-with-claude/fast-mode
    """
    if usage.get("speed") == "fast":
        return "fast"
    return "batch" if usage.get("service_tier") == "batch" else ""


def _usage(said: dict[str, Any]) -> Usage | None:
    """Disjoint classes of a usage object, None where it counts no tokens.

    A summary made on the way, to make room in the context, is charged like the answer and stands in `iterations` only.
    What an advisor of another model used stands there too, and is charged by that model: it is not counted here.
    https://github.com/vercel/ai/blob/main/packages/anthropic/src/convert-anthropic-usage.ts
    """
    if not any(isinstance(said.get(name), (int, float)) for name in ("input_tokens", "output_tokens")):
        return None
    summaries = [each for each in lenient.mappings(said.get("iterations")) if each.get("type") == "compaction"]
    parts = [said, *summaries]
    read, output, cache_read, written = (sum(lenient.count(part.get(name)) for part in parts) for name in _COUNTS)
    lives = [lenient.mapping(part.get("cache_creation")) for part in parts]
    hour = sum(lenient.count(life.get("ephemeral_1h_input_tokens")) for life in lives)
    minutes = sum(lenient.count(life.get("ephemeral_5m_input_tokens")) for life in lives)
    cache_write = written or hour + minutes
    thinking = lenient.count(lenient.mapping(said.get("output_tokens_details")).get("thinking_tokens"))
    return Usage(
        input=read,
        output=output,
        cache_read=cache_read,
        cache_write=cache_write,
        cache_write_1h=min(hour, cache_write),
        reasoning=min(thinking, output),
        web_searches=lenient.count(lenient.mapping(said.get("server_tool_use")).get("web_search_requests")),
        raw=lenient.compact(said).encode(),
    )
