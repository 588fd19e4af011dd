"""The beginning of an answer that may still be thrown away: held until something is said.

Owns how much of it is held: the events before the first content of a stream, or a JSON answer that is not large. What
was held can be read again, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from helicli.providers import sse
from helicli.providers.content import Weight, status_of, weigh
from helicli.proxy.refusal import Refusal
from helicli.proxy.upstream import Answer
from helicli.store.encodings import content_encoding

HELD_MAX: Final = 1024 * 1024
"""Bytes of a JSON answer that are waited for; a larger one is passed on as it comes."""
PREAMBLE_MAX: Final = 64 * 1024


class Failure(Struct, frozen=True):
    """An error that a stream told before anything else: the status it would have had, and the event's data."""

    status: int
    body: bytes


async def begun(answer: Answer) -> Failure | None:
    """Wait until an answer has begun to say something; its failure where it does not. Raises Refusal for a cut.

    An answer that cannot be looked into, since it is encoded or neither a stream nor JSON, has begun with its head.
    """
    if answer.is_stream:
        return None if content_encoding(answer.headers) else await _stream(answer)
    if answer.header(b"content-type").startswith(b"application/json"):
        await answer.keep(HELD_MAX)
    return None


async def _stream(answer: Answer) -> Failure | None:
    kind = answer.header(b"content-type")
    if kind.startswith(b"text/event-stream"):
        events = _Events()
    elif kind.startswith(b"application/x-ndjson"):
        events = _Lines()
    else:
        return None
    held: list[bytes] = []
    size = 0
    try:
        while size < PREAMBLE_MAX:
            piece = await answer.piece()
            if not piece:
                raise Refusal(
                    502, "upstream_cut", "the stream ended before anything was said", type="api_connection_error"
                )
            held.append(piece)
            size += len(piece)
            for data in events.feed(piece):
                weight = weigh(data)
                if weight is Weight.ERROR:
                    return Failure(status_of(data), data)
                if weight is Weight.CONTENT:
                    return None
        return None
    finally:
        answer.unread(b"".join(held))


class _Events:
    """The data of server-sent events, as they become whole."""

    def __init__(self) -> None:
        self._splitter = sse.Splitter()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for event in self._splitter.feed(piece):
            data = sse.data_of(event)
            if data:
                yield data


class _Lines(_Events):
    """Lines of JSON, as they become whole."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        yield from filter(None, lines)
