"""A client that writes a request's exact bytes and sees an answer's exact bytes, also one that ends too soon."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.e2e.stage import Fields, Inbox, Left, parse_fields

HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"trailer"}
OURS = {b"helicone-id", b"helicone-status", b"helicone-cache-hit", b"helicone-overhead-ms"}


@dataclass
class Answer:
    """An answer, whole or not."""

    status: int
    fields: Fields
    body: bytes
    complete: bool

    def values(self, name: bytes) -> list[bytes]:
        """All values of a field, in order."""
        return [value for field, value in self.fields if field == name]

    @property
    def passed(self) -> Fields:
        """The fields that are the provider's, in order: neither those of this hop nor helicli's own."""
        return [pair for pair in self.fields if pair[0] not in HOP | OURS]


def request(target: str, body: bytes = b"", fields: Fields = (), method: str = "POST", version: str = "1.1") -> bytes:
    """The bytes of a request with a Content-Length; one without a body has none unless it is a POST."""
    lines = [f"{method} {target} HTTP/{version}".encode("latin-1"), b"Host: localhost"]
    lines += [name + b": " + value for name, value in fields]
    framed = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in fields)
    if (body or method == "POST") and not framed:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A body in chunks, one for each piece."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end


def reply(
    body: bytes = b"", fields: Fields = (), status: bytes = b"200 OK", kind: bytes = b"application/json"
) -> bytes:
    """The bytes of an answer with a Content-Length."""
    return head([*fields, (b"Content-Length", b"%d" % len(body))], status, kind) + body


def head(fields: Fields = (), status: bytes = b"200 OK", kind: bytes = b"application/json") -> bytes:
    """The bytes of an answer's head."""
    lines = [b"HTTP/1.1 " + status, *([b"Content-Type: " + kind] if kind else [])]
    return b"\r\n".join([*lines, *(name + b": " + value for name, value in fields)]) + b"\r\n\r\n"


class Caller:
    """One connection to an upstream or to helicli."""

    def __init__(self, url: str, seconds: float = 15.0) -> None:
        parts = urlsplit(url)
        self.connection = socket.create_connection((parts.hostname, parts.port), timeout=seconds)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._inbox = Inbox(self.connection)
        self._pieces: Iterator[bytes] = iter(())
        self._rest = b""

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, data: bytes) -> Caller:
        """Write bytes."""
        self.connection.sendall(data)
        return self

    def leave(self, *, rudely: bool = False) -> None:
        """Close; rudely with a reset."""
        if rudely:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def head(self, method: str = "POST") -> tuple[int, Fields]:
        """Status and fields of the next answer; 1xx are read over. Raises Left."""
        while True:
            line, _, rest = self._inbox.until(b"\r\n\r\n").partition(b"\r\n")
            status, fields = int(line.split(b" ")[1]), parse_fields(rest)
            if status >= 200:
                self._pieces = self._framed(method, status, dict(fields))
                self._rest = b""
                return status, fields

    def read(self, size: int) -> bytes:
        """So many bytes of the body, once they are there. Raises Left."""
        while len(self._rest) < size:
            self._rest += next(self._pieces)
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def rest(self) -> tuple[bytes, bool]:
        """The body to its end, and whether the end was a clean one."""
        found = [self._rest]
        try:
            for piece in self._pieces:
                found.append(piece)
        except (Left, ConnectionResetError):
            return b"".join(found), False
        return b"".join(found), True

    def answer(self, method: str = "POST") -> Answer:
        """The next answer."""
        status, fields = self.head(method)
        return Answer(status, fields, *self.rest())

    def _framed(self, method: str, status: int, fields: dict[bytes, bytes]) -> Iterator[bytes]:
        if method == "HEAD" or status in (204, 304):
            return
        if b"transfer-encoding" in fields:
            yield from self._chunks()
        elif b"content-length" in fields:
            yield from self._sized(int(fields[b"content-length"]))
        else:
            yield from self._unsized()

    def _sized(self, left: int) -> Iterator[bytes]:
        while left:
            if not self._inbox.rest:
                self._inbox.more()
            piece, self._inbox.rest = self._inbox.rest[:left], self._inbox.rest[left:]
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._inbox.until(b"\r\n").split(b";")[0], 16):
            yield from self._sized(size)
            self._inbox.exactly(2)
        while self._inbox.until(b"\r\n") != b"\r\n":
            pass

    def _unsized(self) -> Iterator[bytes]:
        while True:
            if self._inbox.rest:
                piece, self._inbox.rest = self._inbox.rest, b""
                yield piece
            try:
                self._inbox.more()
            except Left:
                return


def call(url: str, data: bytes, method: str = "POST") -> Answer:
    """One request on a connection of its own, and its answer."""
    with Caller(url) as caller:
        return caller.send(data).answer(method)
