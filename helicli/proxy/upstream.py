"""Station 6, the provider: one request up, status, headers and bytes back.

Owns what is sent up and how a failure is told. Nothing is decoded, re-quoted, redirected or stored in between; a
connection that had rested and dies before its first answer byte is replaced by a fresh one, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache
from time import perf_counter_ns
from typing import NamedTuple
from urllib.parse import urlsplit

from helicli.call import Headers
from helicli.providers.dialects import streams_array
from helicli.proxy import names
from helicli.proxy.failure import failure
from helicli.proxy.http1 import Broken, Connection, Overdue, Silent
from helicli.proxy.pool import Itself, Origin, Pool
from helicli.proxy.refusal import Refusal
from helicli.retrying import Timeouts

_OPEN = (b"keep-alive", b"close")
"""Values of Connection that name no other field."""

_OF_STREAMS = (b"content-type", b"content-length", b"content-encoding")
_STREAMS = (b"text/event-stream", b"application/x-ndjson", b"application/vnd.amazon.eventstream")


class Answer:
    """A provider's answer whose head has been read. `away_ns` is how long the call was out for it."""

    def __init__(
        self, connection: Connection, pool: Pool, target: _Target, upload: asyncio.Task[None] | None, away_ns: int
    ) -> None:
        self._connection = connection
        self._pool = pool
        self._origin = target.origin
        self._array = target.array
        self._upload = upload
        self._unread: list[bytes] = []
        self._released = False
        self._kept = False
        self.status = connection.status
        self.headers = _kept_down(connection.headers)
        self.away_ns = away_ns + connection.began_ns - connection.written_ns

    @property
    def whole(self) -> bool:
        """Whether the body has arrived to its end already."""
        return self._kept or self._connection.complete

    @property
    def seen(self) -> bytes:
        """What was read of the body and put back."""
        return b"".join(self._unread)

    @property
    def is_stream(self) -> bool:
        """Whether the body is a stream, by its content type or by what was asked for."""
        content_type = self.header(b"content-type")
        if self._array and self.status < 400 and content_type.startswith(b"application/json"):
            return True
        return content_type.startswith(_STREAMS)

    def header(self, name: bytes) -> bytes:
        """The value of a header field in lower case, b"" where it is missing."""
        for field, value in self.headers:
            if field == name:
                return value.lower()
        return b""

    async def piece(self) -> bytes:
        """The next bytes as they arrived, b"" at the end. Raises Refusal where the provider breaks off."""
        if self._unread:
            return self._unread.pop(0)
        if self._kept:
            return b""
        try:
            return await self._connection.piece()
        except (Broken, Silent, Overdue) as error:
            raise failure(error) from error

    async def read(self, limit: int) -> tuple[bytes, bool]:
        """Up to about `limit` bytes, and whether that is all. Raises Refusal as `piece` does."""
        pieces: list[bytes] = []
        size = 0
        try:
            while size <= limit:
                piece = await self.piece()
                if not piece:
                    return b"".join(pieces), True
                pieces.append(piece)
                size += len(piece)
        except BaseException:
            self.unread(b"".join(pieces))
            raise
        return b"".join(pieces), False

    def at_hand(self, limit: int) -> bytes | None:
        """All of the body, where it has come and is no larger than that; None where it has to be read."""
        if self._kept or self._unread:
            return None
        return self._connection.rest_of_body(limit)

    async def keep(self, limit: int) -> None:
        """Read up to about `limit` bytes to be read again; the connection is free where that was all.

        Raises Refusal as `piece` does.
        """
        body, complete = await self.read(limit)
        self.unread(body)
        if complete:
            self._kept = True
            self.release()

    def replace(self, status: int, body: bytes) -> None:
        """Be the answer that a stream should have been: an error, told as JSON."""
        self.release()
        self._kept, self._unread, self.status = True, [body], status
        self.headers = [field for field in self.headers if field[0] not in _OF_STREAMS]
        self.headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    def unread(self, body: bytes) -> None:
        """Put bytes that were read back, to be read again."""
        if body:
            self._unread.insert(0, body)

    def release(self) -> None:
        """Give the connection back, or close it where request or answer did not come to their end."""
        if self._released:
            return
        self._released = True
        if self._upload is not None and not self._upload.done():
            self._upload.cancel()
            self._connection.close()
        self._pool.give_back(self._origin, self._connection)


class Upstream:
    """The way to all providers. To be made inside the running loop."""

    def __init__(self, timeouts: Timeouts, pool: Pool | None = None) -> None:
        self._timeouts = timeouts
        self._patient = timeouts.patient
        self._pool = pool or Pool()
        self._pool.sweep_seconds = timeouts.grain_seconds

    async def send(
        self, method: str, url: str, fields: Headers, body: bytes | AsyncIterator[bytes], *, patient: bool = False
    ) -> Answer:
        """Send one request up and wait for the head of its answer; longer where `patient`. Raises Refusal."""
        target = _target(url)
        timeouts = self._patient if patient else self._timeouts
        size = len(body) if isinstance(body, bytes) else None
        head = _head(method, target, fields, size)
        away_ns = 0
        try:
            # A body that comes in pieces can be sent once only, so it never meets a connection that may be dead.
            connection = self._pool.take(target.origin) if size is not None else None
            if connection is not None:
                try:
                    return await self._exchange(connection, target, method, head, body, timeouts)
                except Broken as error:
                    if error.began:
                        raise
                    away_ns = perf_counter_ns() - connection.written_ns if connection.written_ns else 0
            leaves_ns = perf_counter_ns()
            connection = await self._pool.connect(target.origin, timeouts.connect)
            away_ns += perf_counter_ns() - leaves_ns
            return await self._exchange(connection, target, method, head, body, timeouts, away_ns)
        except Itself:
            raise Refusal(
                400, "bad_request", "the target is this proxy itself; name the provider it is to reach"
            ) from None
        except (Broken, Silent, Overdue, OSError, UnicodeError) as error:
            raise failure(error, target.origin.host) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    async def _exchange(
        self,
        connection: Connection,
        target: _Target,
        method: str,
        head: bytes,
        body: bytes | AsyncIterator[bytes],
        timeouts: Timeouts,
        away_ns: int = 0,
    ) -> Answer:
        upload: asyncio.Task[None] | None = None
        try:
            whole = body if isinstance(body, bytes) else b""
            connection.send(head, whole, head_only=method == "HEAD", timeouts=timeouts)
            if not isinstance(body, bytes):
                upload = asyncio.ensure_future(_upload(connection, body, chunked=b"\r\ntransfer-encoding:" in head))
            await connection.head()
        except BaseException:
            if upload is not None:
                upload.cancel()
            connection.close()
            self._pool.give_back(target.origin, connection)
            raise
        return Answer(connection, self._pool, target, upload, away_ns)


class _Target(NamedTuple):
    """A URL taken apart: where it leads, and the first bytes of a request for it; `array` as in `streams_array`."""

    origin: Origin
    request_target: bytes
    host: bytes
    array: bool


async def _upload(connection: Connection, body: AsyncIterator[bytes], *, chunked: bool) -> None:
    """Write a body that comes in pieces; a provider that answers before it has all is let be."""
    try:
        async for piece in body:
            if piece:
                await connection.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            connection.await_client()
        await connection.write(b"0\r\n\r\n" if chunked else b"")
    except (Broken, Silent, Overdue):
        # Whoever reads the answer is told.
        return
    except Exception as error:
        # Half a request is on the wire: nothing may follow it there.
        connection.fail(error)


def _head(method: str, target: _Target, fields: Headers, size: int | None) -> bytes:
    """The head of a request. A body of unknown size has the client's Content-Length, or is chunked.

    An empty body is spoken of only where the client did.
    """
    seen = names.of(fields)
    first = seen.first
    if size is None:
        at = first.get(b"content-length")
        framing = b"transfer-encoding: chunked\r\n" if at is None else b"content-length: %b\r\n" % fields[at][1]
    elif size or b"content-length" in first or b"transfer-encoding" in first:
        framing = b"content-length: %d\r\n" % size
    else:
        framing = b""
    up = fields_up(fields, seen)
    lines = (seen.up_lines if len(up) == len(seen.up) else names.of(up).lines) % tuple(map(names.VALUE, up))
    start = method.encode("latin-1"), target.request_target, target.host
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n%b%b\r\n" % (*start, lines, framing)


def fields_up(fields: Headers, seen: names.Names | None = None) -> Headers:
    """The fields that go on to the provider: all but helicli's own and those that end at this hop."""
    seen = seen or names.of(fields)
    up = _less_named([fields[at] for at in seen.up], fields, seen)
    at = seen.first.get(b"authorization")
    if at is not None and (seen.twice or fields[at][1].find(b"helicone") >= 0):
        return [field for given in up if (field := _without_own_key(given))]
    return up


@lru_cache(maxsize=256)
def _target(url: str) -> _Target:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    host = (parts.hostname or "").replace("%25", "%")
    start = url.index("/", url.index("://") + 3)
    origin = Origin(tls, host, parts.port or (443 if tls else 80))
    netloc = parts.netloc.encode("idna" if not host.isascii() else "ascii")
    return _Target(origin, url[start:].encode("latin-1"), netloc, streams_array(url))


def _less_named(kept: Headers, fields: Headers, seen: names.Names) -> Headers:
    """Fields without those that the Connection fields among all of them name."""
    at = seen.first.get(b"connection")
    if at is None or (not seen.twice and fields[at][1].lower() in _OPEN):
        return kept
    named: set[bytes] = set()
    for name, value in fields:
        if name == b"connection" and value.lower() not in _OPEN:
            named.update([token.strip().lower() for token in value.split(b",")])
    return [field for field in kept if field[0] not in named]


def _without_own_key(field: tuple[bytes, bytes]) -> tuple[bytes, bytes] | None:
    """A field; of an Authorization that joins a provider's key and a Helicone key by a comma what is not the latter."""
    name, value = field
    if name != b"authorization" or b"helicone" not in value:
        return field
    left = b", ".join([part.strip() for part in value.split(b",") if b"helicone" not in part])
    return (name, left) if left else None


def _kept_down(fields: Headers) -> Headers:
    seen = names.of(fields)
    return _less_named([fields[at] for at in seen.down], fields, seen)
