"""One HTTP/1.1 connection to a provider: a request's bytes out, an answer's head and bytes in.

Owns the wire of the upstream side. Bytes are neither decoded nor re-quoted on the way; an answer that the provider
breaks off is never taken for a whole one; a slow reader makes the provider wait and never fills the memory.
"""

from __future__ import annotations

import asyncio
from time import monotonic, perf_counter_ns
from typing import Any, cast

import httptools

from helicli.call import Headers
from helicli.retrying import Timeouts

HEAD_BYTES = 64 * 1024
"""An answer's head may be as large as this."""

_PAUSE_BYTES = 256 * 1024
_NO_BODY = frozenset((204, 304))


class Broken(Exception):
    """The provider ended the connection or sent what is not HTTP. `began`: an answer's first byte had come."""

    def __init__(self, message: str, *, began: bool) -> None:
        super().__init__(message)
        self.began = began


class Silent(Exception):
    """The provider sent nothing for too long."""


class Overdue(Exception):
    """The provider took too long for all of its answer."""


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.used = 0
        self.deadline = 0.0
        """The clock at which it is given up: as silent while it works, as idle while it rests; 0 for never."""
        self._timeouts = Timeouts()
        self._due = 0.0
        """The clock at which the answer must be whole; 0 for never."""
        self._parser: Any = httptools.HttpResponseParser(self)
        self.closed = False
        self._reset()

    def _reset(self) -> None:
        self._waiter: asyncio.Future[None] | None = None
        self._pieces: list[bytes] = []
        self._buffered = 0
        self._paused = False
        self._head_bytes = 0
        self._error: Exception | None = None
        self._head_only = False
        self._until_close = False
        self._keep_alive = False
        self._stray = False
        self._began = False
        self.written_ns = 0
        """The clock when the request, or its head, had been written."""
        self.began_ns = 0
        """The clock at the bytes that brought the answer's head."""
        self.status = 0
        self.headers: Headers = []
        self.headed = False
        self.complete = False

    # What the exchange does

    def send(self, head: bytes, body: bytes, *, head_only: bool, timeouts: Timeouts) -> None:
        """Begin an exchange: write a request. `head_only` for a HEAD request, whose answer has no body."""
        if self.used:
            self._reset()
        self.used += 1
        self._head_only = head_only
        self._timeouts = timeouts
        self._due = monotonic() + timeouts.total if timeouts.total else 0.0
        self._touch()
        if self._transport is None or self.closed:
            raise Broken("the connection is closed", began=False)
        if len(body) < _PAUSE_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        self.written_ns = perf_counter_ns()

    async def write(self, data: bytes) -> None:
        """Write more of the request's body, as fast as the provider takes it."""
        if self._transport is None or self.closed:
            raise self._error or Broken("the provider closed the connection", began=self._began)
        self._transport.write(data)
        self._touch()
        await self._writable.wait()

    def await_client(self) -> None:
        """Say that the next bytes are the client's to send: until they are written no silence is the provider's."""
        if not self.headed:
            self.deadline = 0.0

    async def head(self) -> None:
        """Wait until status and headers are there. Raises Broken or Silent."""
        while not self.headed:
            await self._more()

    async def piece(self) -> bytes:
        """The bytes that have arrived since, b"" at the end of the body. Raises Broken or Silent."""
        while not self._pieces:
            if self.complete:
                return b""
            await self._more()
        data = self._taken()
        if self._paused and self._transport is not None and not self.closed:
            self._paused = False
            self._touch()
            self._transport.resume_reading()
        return data

    def rest_of_body(self, limit: int) -> bytes | None:
        """What has not been taken of a body that has come to its end; None where it has not, or is larger than that."""
        return self._taken() if self.complete and self._buffered <= limit else None

    @property
    def addresses(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The other end's address and port, and this end's; empty where the transport does not tell."""
        assert self._transport is not None
        peer, own = (self._transport.get_extra_info(name) or ("", 0) for name in ("peername", "sockname"))
        return (str(peer[0]).removeprefix("::ffff:"), int(peer[1])), (str(own[0]).removeprefix("::ffff:"), int(own[1]))

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow: the answer is whole, and so is the request that went up."""
        return (
            self.complete
            and self._keep_alive
            and not self.closed
            and not self._pieces
            and self._transport is not None
            and not self._transport.get_write_buffer_size()
        )

    def close(self) -> None:
        """Close at once, whatever runs."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: Exception) -> None:
        """Close at once and say why to whoever waits for the answer."""
        self._fail(error)
        self.close()

    def expire(self, now: float) -> None:
        """Give the connection up where its deadline has passed."""
        if self.deadline and now > self.deadline and not self._paused:
            self.fail(Silent("the provider went silent"))
        elif self._due and now > self._due:
            self.fail(Overdue("the provider's answer was not complete in time"))

    def rest(self, seconds: float) -> None:
        """Say that no exchange runs, for at most so long."""
        self.deadline = monotonic() + seconds
        self._due = 0.0

    def _taken(self) -> bytes:
        pieces = self._pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._buffered = 0
        return data

    def _more(self) -> asyncio.Future[None]:
        """Done when something has happened. Raises what has ended the exchange."""
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        return self._waiter

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._error is None and not self.complete:
            self._error = error
        self._wake()

    def _touch(self) -> None:
        first = None if self._began else self._timeouts.first_byte
        self.deadline = monotonic() + (self._timeouts.idle if first is None else first)

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.deadline = monotonic() + self._timeouts.idle
        if self.complete:
            # Bytes that nobody asked for: whatever they are, they are not the answer to the next request.
            self.close()
            return
        self._began = True
        if not self.headed:
            self.began_ns = perf_counter_ns()
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.fail(Broken("the provider wants to speak another protocol", began=True))
        except httptools.HttpParserError as error:
            self.fail(Broken(f"the provider's answer is not HTTP ({error})", began=True))
        if not self.headed and self._head_bytes > HEAD_BYTES:
            self.fail(Broken("the head of the provider's answer is too large", began=True))
        if self._buffered > _PAUSE_BYTES and not self._paused and self._transport is not None and not self.closed:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self._until_close and error is None and not self.closed:
            # Only the provider's own end is the end of such a body; closed from this side, it is cut.
            self.complete = True
        self.closed = True
        self._writable.set()
        why = f" ({error})" if error is not None else ""
        self._fail(Broken(f"the provider closed the connection{why}", began=self._began))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What the parser says

    def on_message_begin(self) -> None:
        if self.headed:
            # A second answer to one request: whatever it is, it is nobody's.
            self._stray = True
            self._keep_alive = False
        else:
            self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes later are the trailers of a chunked body, which are no header fields, or a stray answer's.
        if not self.headed:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._stray:
            return
        if status > 599:
            self.fail(Broken(f"the provider's answer is not HTTP (status {status})", began=True))
            return
        self.status = status
        self.headed = True
        self._keep_alive = self._parser.should_keep_alive()
        if self._head_only:
            self._keep_alive = False
            self.complete = True
            return
        if status not in _NO_BODY and not self._sized():
            self._until_close = True
            self._keep_alive = False

    def on_body(self, body: bytes) -> None:
        if not self._head_only and not self._stray:
            self._pieces.append(body)
            self._buffered += len(body)

    def on_message_complete(self) -> None:
        if self.headed:
            self.complete = True

    def _sized(self) -> bool:
        """Whether the body tells its own end."""
        for name, value in self.headers:
            if name == b"content-length" or (name == b"transfer-encoding" and value.lower().endswith(b"chunked")):
                return True
        return False
