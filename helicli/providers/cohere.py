"""The cohere dialect: chat in versions 1 and 2, embeddings, classification.

Owns how usage, finish reason and error stand in its JSON, its events and its lines; no answer names its model. Billed
units are what counts: `tokens` holds the template that Cohere puts around a prompt and does not charge for.
https://docs.cohere.com/reference/chat and https://docs.cohere.com/docs/how-does-cohere-pricing-work
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.call import Usage
from helicli.providers import lenient
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.lines import of_lines
from helicli.providers.sse import data_of, events

_ENDINGS: Final = frozenset({"message-end", "stream-end"})


class _Request(Struct):
    model: Any = None
    stream: Any = None


_request = msgspec.json.Decoder(_Request)


def read_request(path: str, body: bytes) -> RequestFacts:
    """Model and stream of a JSON body."""
    said = lenient.decode(_request, body)
    return RequestFacts() if said is None else RequestFacts(lenient.word(said.model), said.stream is True)


def read_usage(path: str, raw: bytes) -> Usage | None:
    """What a usage object, kept as it came, says."""
    return _usage(lenient.mapping(lenient.loads(raw)))


def read_json(path: str, body: bytes) -> ResponseFacts:
    """The facts of one JSON value, or of a stream of version 1, which has one on each line."""
    chunks = of_lines(body)
    if len(chunks) > 1 or (chunks and "event_type" in chunks[0]):
        return _facts(chunks)
    if not chunks:
        return ResponseFacts(complete=lenient.loads(body) is not None)
    facts = _facts(chunks)
    error = None if facts.finish_reason else lenient.word(chunks[0].get("message"))
    return ResponseFacts(None, facts.finish_reason, facts.usage, facts.error_message or error)


def read_stream(path: str, body: bytes) -> ResponseFacts:
    """The facts of a stream of events."""
    return _facts(lenient.mapping(lenient.loads(data)) for _, data in events(body))


def ends(event: bytes) -> bool:
    """Whether this event, or this line of version 1, ends its stream."""
    if b"-end" not in event:
        return False
    return _kind(lenient.mapping(lenient.loads(data_of(event) or event))) in _ENDINGS


def _kind(said: dict[str, Any]) -> str:
    return lenient.text(said.get("type")) or lenient.text(said.get("event_type"))


def _facts(chunks: Iterable[dict[str, Any]]) -> ResponseFacts:
    finish = error = usage = None
    complete = False
    for chunk in chunks:
        complete = complete or _kind(chunk) in _ENDINGS
        for said in (chunk, lenient.mapping(chunk.get("delta")), lenient.mapping(chunk.get("response"))):
            finish = lenient.word(said.get("finish_reason")) or finish
            error = lenient.word(said.get("error")) or error
            usage = _usage(said.get("usage")) or _usage(said.get("meta")) or usage
    if finish in ("ERROR", "ERROR_TOXIC", "ERROR_LIMIT"):
        error = error or finish
    return ResponseFacts(None, finish, usage, error, complete)


def _usage(said: Any) -> Usage | None:
    """The billed tokens, else those that were read and written; None where neither is counted, as with searches."""
    given = lenient.mapping(said)
    for name in ("billed_units", "tokens"):
        counted = lenient.mapping(given.get(name))
        read, written = (lenient.count(counted.get(f"{side}_tokens")) for side in ("input", "output"))
        if read or written:
            return Usage(input=read, output=written, raw=lenient.compact(given).encode())
    return None
