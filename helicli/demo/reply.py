"""What the fake upstream answers with, before it is encoded and written.

Owns the shape of a reply, of a refusal, and the content types that are streams. Nothing here knows a dialect.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from helicli.call import Headers

JSON: Final = b"application/json"
EVENTS: Final = b"text/event-stream; charset=utf-8"
LINES: Final = b"application/x-ndjson"
ARRAY: Final = b"application/json; charset=UTF-8"
BINARY: Final = b"application/octet-stream"


class Reply(Struct, frozen=True):
    """An answer before it is encoded and written: `body` for one that stands whole, else `parts` one after the other.

    `size` is the length of `parts` together where it is known: of a file, not of a stream.
    """

    status: int = 200
    kind: bytes = JSON
    fields: Headers = []
    body: bytes | None = None
    parts: Iterable[bytes] = ()
    size: int | None = None

    @property
    def streams(self) -> bool:
        """Whether `parts` are events, lines, or elements of an array, which leave one by one."""
        return self.body is None and self.kind in (EVENTS, LINES, ARRAY)


class RefusedError(Exception):
    """A request the provider does not answer: status, message, code and parameter of the error body."""

    def __init__(self, status: int, text: str = "", code: str | None = None, param: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.code, self.param = status, text, code, param
