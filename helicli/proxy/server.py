"""The HTTP server: uvicorn with a protocol that a proxy in front of keys and money needs.

Owns what uvicorn leaves open: the request target as it stood on the wire, word at once when a client goes, a deadline
and a size for request heads, and the logging of requests that are not HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from helicli.call import Headers
from helicli.proxy import names

HEAD_SECONDS = 10
HEAD_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 75
"""Longer than the pools of the SDKs keep a connection, so that they close first and no request meets a reset."""
DRAIN_SECONDS = 30

_NO_BODY = frozenset((204, 304))
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that resets."""


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.on_gone: Callable[[], None] | None = None
        self._offer: bytes | None = None
        self._in_head = True
        self._head_bytes = 0
        self._rested_at = 0.0
        self._deadline: asyncio.TimerHandle | None = None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)
        if self.on_gone is not None:
            self.on_gone()

    def data_received(self, data: bytes) -> None:
        self._rested_at = 0.0
        if self._in_head:
            self._head_bytes += len(data)
        while data:
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_offer() + data[upgrade.args[0] :]
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                break
        if self._in_head:
            # Nearly every head comes whole: only one that does not is given a time.
            self._await_head()
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("Request head too large.")
        elif self.cycle is not None and self.cycle.response_complete and not self.pipeline:
            # The rest of a body that was refused before it was here, or an empty line.
            self._rest()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            # Whatever its target: this is no forward proxy, and the parser takes what follows for another protocol's.
            raise httptools.HttpParserError("CONNECT")
        if self.parser.should_upgrade():
            self._offer = next(value for name, value in self.headers if name == b"upgrade")
            return
        self._head_done()
        if self._offer is not None:
            self.headers.append((b"upgrade", self._offer))
            self._offer = None
        scope: Any = self.scope
        scope["extensions"] = {"helicli.target": self.url, "helicli.connection": self}
        super().on_headers_complete()
        # The trailers of a chunked body are no header fields: they go nowhere.
        self.headers = []
        if scope["http_version"] == "1.0":
            cast(Any, self.cycle).send = _without_chunks(self.cycle)

    def on_message_complete(self) -> None:
        if self._offer is None:
            super().on_message_complete()
            if not self.pipeline:
                # A client whose body is all here is listened to all the same: it may go.
                self.flow.resume_reading()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._rest()

    def timeout_keep_alive_handler(self) -> None:
        # One timer a connection, not one a call: it asks how long the connection has rested, and comes again.
        self.timeout_keep_alive_task = None
        if not self._rested_at:
            return
        left = self._rested_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._await_rest(left)
        else:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        self._head_done()
        cycle = self.cycle
        if self.pipeline or (cycle is not None and cycle.response_started and not cycle.response_complete):
            # In the middle of an answer to an earlier request there is no place for this one.
            self.transport.close()
        else:
            super().send_400_response(msg)
        refused: Callable[[str], None] = cast(Any, self.app).refused_bytes
        refused(msg)

    def body_whole(self, scope: Any) -> bytes | None:
        """All of a call's body, where all has come and none was taken: what an ASGI message would say."""
        cycle = self.cycle
        if cycle.scope is not scope or cycle.more_body or cycle.waiting_for_100_continue or cycle.disconnected:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        cycle.message_event.clear()
        return body

    def answer_whole(
        self, scope: Any, status: int, headers: Headers, body: bytes, seen: names.Names | None = None
    ) -> bool:
        """Write head and body of a call's answer at once; False where that is not so simple.

        What two ASGI messages would do in two writes. Nothing may have been sent. `scope` tells the call from a
        pipelined one that waits behind it.
        """
        cycle = self.cycle
        if cycle.scope is not scope or self.flow.write_paused or cycle.response_started or cycle.disconnected:
            return False
        seen = seen or names.of(headers)
        sized = b"content-length" in seen.first or status in _NO_BODY
        if not sized or b"connection" in seen.first or scope["method"] == "HEAD":
            return False
        lines = seen.lines % tuple(map(names.VALUE, headers))
        closing = b"" if cycle.keep_alive else b"connection: close\r\n"
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.write(b"%b%b%b\r\n%b" % (STATUS_LINE[status], lines, closing, body))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def left_off(self, scope: Any) -> None:
        """See to it that no client takes an answer that was broken off for a whole one.

        Without chunks or a length its end is that of the connection, and only a reset is none.
        """
        cycle = self.cycle
        if cycle.scope is scope and getattr(cycle, "unsized", False) and not cycle.response_complete:
            client = self.transport.get_extra_info("socket")
            if client is not None and not self.transport.is_closing():
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.transport.abort()

    def _without_offer(self) -> bytes:
        """The head of a request that offers another protocol, as plain HTTP/1.1 (Java's clients offer h2c).

        The parser takes such a request, and with `Connection: close` the connection, to end with its head. So another
        one reads it again without the offer, which stays among the header fields that the call sees.
        """
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        lines.extend(b"%b: %b" % field for field in self.headers if field[0] != b"upgrade")
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _rest(self) -> None:
        self._rested_at = self.loop.time()
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._await_rest(self.timeout_keep_alive)

    def _await_rest(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _head_done(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()


def _without_chunks(cycle: Any) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """The ASGI `send` for HTTP/1.0, which has no chunks: a body of unknown length ends with the connection."""
    send = type(cycle).send
    unsized = False

    async def plain(message: dict[str, Any]) -> None:
        nonlocal unsized
        if message["type"] == "http.response.start":
            unsized = not any(name == b"content-length" for name, _ in message["headers"])
            if unsized:
                cycle.chunked_encoding, cycle.expected_content_length, cycle.unsized = False, sys.maxsize, True
        elif unsized and not message.get("more_body"):
            cycle.expected_content_length = len(message["body"])
        await send(cycle, message)

    return plain


class Server(uvicorn.Server):
    """uvicorn without its hands on signals: the supervisor alone reads them. `answering` is set once it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(app: Any) -> Server:
    """A server for an ASGI application, to be run on sockets that are already listening."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return Server(config)
