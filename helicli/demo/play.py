"""How the fake upstream writes an answer onto its connection, in pieces, late, broken or not at all.

Owns the connection: it knows the moment the client leaves, can close it in the middle of a body, and can reset it. What
is written is decided before (`routes`); only when and how much of it is decided here.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from itertools import islice

from starlette.types import Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from helicli.call import Headers
from helicli.demo.reply import BINARY, Reply
from helicli.demo.seen import Log, Seen
from helicli.demo.switches import BEFORE, Switches, encoder


class LeftError(Exception):
    """The client closed the connection, or the connection was broken on purpose."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with the raw target of each request and an eye on who closes the connection."""

    def __init__(self, config: Config, server_state: ServerState, log: Log) -> None:
        super().__init__(config, server_state, {})
        self.access_log = False
        self.log = log
        self.lost = asyncio.Event()
        self.pending: list[Seen] = []
        self.broken = False

    def on_headers_complete(self) -> None:
        """Give the handler the connection and the target as it stood on the request line."""
        self.scope["state"] = {"connection": self, "target": self.url.decode("latin-1")}
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note for each unanswered request that its client has left, unless the upstream broke off itself."""
        if not self.broken:
            for seen in self.pending:
                self.log.abort(seen)
        self.lost.set()
        super().connection_lost(exc)

    async def pause(self, seconds: float) -> None:
        """Wait; LeftError as soon as the connection is gone."""
        if seconds > 0:
            try:
                await asyncio.wait_for(self.lost.wait(), seconds)
            except TimeoutError:
                return
        else:
            await asyncio.sleep(0)
        if self.lost.is_set():
            raise LeftError

    async def stall(self) -> None:
        """Wait until the connection is gone."""
        await self.lost.wait()
        raise LeftError

    async def cut(self) -> None:
        """Close the connection after what was written, as a crashed server does."""
        self.broken = True
        self.transport.close()
        await self.stall()

    async def reset(self) -> None:
        """Let what was written arrive, then reset the connection."""
        self.broken = True
        while self.transport.get_write_buffer_size():
            await self.pause(0.001)
        await self.pause(0.02)
        raw: socket.socket = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        await self.stall()


class Player:
    """Writes one reply under its switches; `coding` is the content coding of its body."""

    def __init__(self, connection: Connection, seen: Seen, switches: Switches, coding: str, send: Send) -> None:
        self._connection = connection
        self._seen = seen
        self._switches = switches
        self._coding = coding
        self._send = send

    async def play(self, reply: Reply, delay: float) -> None:
        """Write `reply` after `delay` seconds; LeftError when the connection ended before it did."""
        await self._connection.pause(delay)
        if self._switches.end == BEFORE:
            await self._break_off()
        if reply.streams:
            await self._stream(reply)
        elif reply.body is None:
            await self._file(reply)
        else:
            await self._whole(reply, reply.body)
        if self._switches.close == "idle":
            self._connection.transport.close()

    async def _stream(self, reply: Reply) -> None:
        switches = self._switches
        encode, finish = encoder(self._coding)
        await self._start(reply, None)
        held = b""
        for number, joined in enumerate(_joined(islice(reply.parts, switches.end), switches.join)):
            if number:
                await self._write(held)
                await self._connection.pause(switches.gap)
            held = encode(joined)
        if switches.end is not None:
            await self._write(held)
            await self._break_off()
        # The last event and the end of the body leave together: a client may close once it has read the event.
        await self._last(held + finish())

    async def _file(self, reply: Reply) -> None:
        encode, finish = encoder(self._coding)
        known = self._coding == "identity" and self._switches.length is None
        await self._start(reply, reply.size if known else None)
        left = self._switches.end
        for block in reply.parts:
            await self._write(encode(block[:left]))
            left = None if left is None else max(0, left - len(block))
        if left is not None:
            await self._break_off()
        await self._last(finish())

    async def _whole(self, reply: Reply, body: bytes) -> None:
        encode, finish = encoder(self._coding)
        data = encode(body) + finish() if body else b""
        await self._start(reply, None if self._switches.length else len(data))
        if self._switches.end is not None:
            await self._write(data[: self._switches.end])
            await self._break_off()
        await self._last(data)

    async def _start(self, reply: Reply, length: int | None) -> None:
        fields: Headers = [(b"date", formatdate(usegmt=True).encode()), (b"content-type", reply.kind), *reply.fields]
        if self._coding != "identity" and reply.body != b"":
            fields.append((b"content-encoding", self._coding.encode()))
        if length is not None and reply.status not in (204, 304):
            fields.append((b"content-length", b"%d" % length))
        await self._send({"type": "http.response.start", "status": reply.status, "headers": fields})

    async def _write(self, data: bytes) -> None:
        for piece in _pieces(data, self._switches.split):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            # A turn of the loop, so that the pieces leave one by one.
            await self._connection.pause(0)

    async def _last(self, data: bytes) -> None:
        pieces = list(_pieces(data, self._switches.split)) or [b""]
        await self._write(b"".join(pieces[:-1]))
        # Noted before the last write: who has read the whole answer finds it noted.
        self._connection.log.finish(self._seen)
        await self._send({"type": "http.response.body", "body": pieces[-1], "more_body": False})
        if self._connection.cycle.response_complete:
            self._connection.pending.remove(self._seen)

    async def _break_off(self) -> None:
        if self._switches.stall is not None:
            await self._connection.stall()
        elif self._switches.cut is not None:
            await self._connection.cut()
        else:
            await self._connection.reset()


def coding_of(reply: Reply, switches: Switches, accepted: str) -> str:
    """The content coding of a reply: the one that is forced, else the accepted one, but none for files."""
    return switches.encoding or ("identity" if reply.kind == BINARY else accepted)


def _joined(parts: Iterable[bytes], count: int) -> Iterator[bytes]:
    rest = iter(parts)
    while group := list(islice(rest, count)):
        yield b"".join(group)


def _pieces(data: bytes, size: int | None) -> Iterator[bytes]:
    step = size or max(1, len(data))
    for start in range(0, len(data), step):
        yield data[start : start + step]
