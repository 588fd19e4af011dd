"""Streams of server-sent events, cut into events without changing a byte.

Owns the grammar of https://html.spec.whatwg.org/multipage/server-sent-events.html: LF, CRLF or CR ends a line, a blank
line ends an event. The cut does not depend on how the bytes arrived. Never re-frames: joined events are the input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

END: Final = re.compile(rb"\r\r|(?:\r\n|\n)(?:\r\n|\n|\r(?=[^\n]))")
"""The end of a line and the blank line after it.

A CR that ends the bytes at hand, after LF or CRLF, is no match yet: an LF that belongs to it may follow.
"""

BOM: Final = b"\xef\xbb\xbf"

_LINE = re.compile(rb"\r\n|\n|\r")


class Splitter:
    """Cuts a stream into events as it arrives."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """The bytes of the event that has not ended."""
        return self._rest

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes, each its exact bytes with its blank line; comments are kept in them."""
        buffer = self._rest + data if self._rest else data
        if b"\r" not in buffer:
            *found, self._rest = buffer.split(b"\n\n")
            return [event + b"\n\n" for event in found]
        # Only the last bytes held can be part of an end that the new ones complete.
        at = max(len(self._rest) - 2, 0)
        start, found = 0, []
        while match := END.search(buffer, at):
            at = match.end()
            found.append(buffer[start:at])
            start = at
        self._rest = buffer[start:]
        return found


def data_of(event: bytes) -> bytes:
    """The values of the `data` fields joined by LF, b"" when there are none."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return event[6:-2]
    return b"\n".join(_values(event, b"data"))


def name_of(event: bytes) -> bytes:
    """The value of the last `event` field, b"" when there is none."""
    return (_values(event, b"event") or [b""])[-1] if b"event" in event else b""


def events(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and data of each event of a whole body that has data.

    As the standard has it, an event that the end of the body cuts off is none.
    """
    splitter = Splitter()
    # At the end of a body nothing can follow a CR, so its blank line is whole.
    for event in splitter.feed(body + b"\n" if body.endswith(b"\n\r") else body):
        data = data_of(event)
        if data:
            yield name_of(event), data


def is_stream(content_type: str, body: bytes) -> bool:
    """Whether a body is a stream of events: by how it begins, by `content_type` where that does not tell."""
    start = body[:64].removeprefix(BOM).lstrip()
    if start.startswith((b"{", b"[")):
        return False
    return start.startswith((b"data:", b"event:")) or "text/event-stream" in content_type.lower()


def _values(event: bytes, field: bytes) -> list[bytes]:
    found = []
    for line in _LINE.split(event.removeprefix(BOM)):
        name, _, value = line.partition(b":")
        if name == field:
            found.append(value.removeprefix(b" "))
    return found
