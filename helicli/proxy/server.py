"""The HTTP server: uvicorn with a protocol that a proxy in front of keys and money needs.

Owns what uvicorn leaves open: the request target as it stood on the wire, word at once when a client goes, a deadline
and a size for request heads, and the logging of requests that are not HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from helicli.call import Headers

HEAD_SECONDS = 10
HEAD_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 75
"""Longer than the pools of the SDKs keep a connection, so that they close first and no request meets a reset."""
DRAIN_SECONDS = 30


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.on_gone: Callable[[], None] | None = None
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        super().connection_lost(exc)
        if self.on_gone is not None:
            self.on_gone()

    def data_received(self, data: bytes) -> None:
        if self._deadline is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._deadline is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_done()
        scope: Any = self.scope
        scope["extensions"] = {"helicli.target": self.url, "helicli.connection": self}
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._head_done()
        super().send_400_response(msg)
        refused: Callable[[str], None] = cast(Any, self.app).refused_bytes
        refused(msg)

    def answer_whole(self, status: int, headers: Headers, body: bytes) -> bool:
        """Write head and body of the running call's answer at once; False where that is not so simple.

        What two ASGI messages would do in two writes. Nothing may have been sent, and `headers` hold a Content-Length.
        """
        cycle = self.cycle
        if self.flow.write_paused or cycle.response_started or cycle.disconnected or cycle.scope["method"] == "HEAD":
            return False
        lines = [b"%b: %b\r\n" % field for field in headers]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _head_done(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()


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
