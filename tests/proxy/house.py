"""A proxy in the test's own process, and clients that write bytes: what is on the wire, and what is in the journal."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

from helicli import journal
from helicli.call import Begin, End
from helicli.journal import Kind
from helicli.providers import registry
from helicli.proxy.app import App
from helicli.proxy.cache import Cache
from helicli.proxy.doors import Doors
from helicli.proxy.house import House
from helicli.proxy.journal import Journal
from helicli.proxy.server import make_server
from helicli.proxy.upstream import Upstream
from helicli.retrying import RetrySettings, Timeouts
from tests.recorder.scene import records

HOST = b"Host: localhost\r\n"


class Client:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        """Write pieces."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def head(self) -> tuple[int, dict[bytes, bytes]]:
        """Status and fields of the next answer."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines)
        return int(first.split(b" ")[1]), fields

    async def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        """The next answer, its body by Content-Length, chunks or the end of the connection."""
        async with asyncio.timeout(10):
            return await self._answer()

    async def _answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        status, fields = await self.head()
        if b"content-length" in fields and status != 304:
            return status, fields, await self.reader.readexactly(int(fields[b"content-length"]))
        if fields.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
            return status, fields, body
        return status, fields, b"" if status in (204, 304) else await self.reader.read()

    async def ended(self) -> bytes:
        """What comes until the server closes."""
        try:
            return await asyncio.wait_for(self.reader.read(), 10)
        except ConnectionResetError:
            return b""

    def close(self) -> None:
        """Leave."""
        self.writer.transport.abort()


class Serving:
    """A server for an ASGI application on a free port, ended with its block."""

    def __init__(self, app: Any) -> None:
        self.server = make_server(app)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._clients: list[Client] = []

    async def __aenter__(self) -> Serving:
        config = self.server.config
        config.load()
        self.server.lifespan = config.lifespan_class(config)
        await self.server.startup(sockets=[self._listener])
        return self

    async def __aexit__(self, *error: object) -> None:
        for client in self._clients:
            client.close()
        for each in self.server.servers:
            each.close()
        await asyncio.gather(*self.server.server_state.tasks)

    async def connect(self) -> Client:
        """A client's connection."""
        self._clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self._clients[-1]

    async def call(self, *pieces: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        """The answer to one request on a connection of its own."""
        client = await self.connect()
        await client.send(*pieces)
        return await client.answer()


class _Journal(Journal):
    """A journal that says when a call has ended."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, 1, 1 << 40)
        self.ended = asyncio.Event()

    def append(self, call: int, kind: int, payload: bytes) -> bool:
        kept = super().append(call, kind, payload)
        if kind == Kind.END:
            self.ended.set()
        return kept


class Proxy(Serving):
    """All of the write path before one provider."""

    def __init__(
        self,
        folder: Path,
        url: str,
        health: Any = dict,
        cache: Cache | None = None,
        retrying: RetrySettings | None = None,
        timeouts: Timeouts | None = None,
        **others: str,
    ) -> None:
        self._folder = folder
        self.journal = _Journal(folder)
        providers = registry.build({**dict.fromkeys(("openai", "anthropic", "google"), url), **others})
        self.house = House(
            providers,
            Doors("127.0.0.1", frozenset()),
            self.journal,
            Upstream(timeouts or Timeouts(idle=60)),
            cache,
            retrying,
        )
        super().__init__(App(self.house, health))

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        await self.house.upstream.close()
        os.close(self.journal._live)
        os.close(self.journal._fd)

    async def ends(self, count: int = 1, running: int = 0) -> list[End]:
        """The ends of all calls, once there are so many; so many others go on."""
        while len(found := self._read(Kind.END)) < count:
            self.journal.ended.clear()
            await asyncio.wait_for(self.journal.ended.wait(), 10)
        assert self.journal.running == running
        return [journal.end_decoder.decode(payload) for payload in found]

    async def end(self) -> End:
        """The end of the only call."""
        [end] = await self.ends()
        return end

    def begins(self) -> list[Begin]:
        """How all calls began."""
        return [journal.begin_decoder.decode(payload) for payload in self._read(Kind.BEGIN)]

    def chunks(self) -> list[bytes]:
        """The pieces of answers that came in pieces."""
        return self._read(Kind.CHUNK)

    def _read(self, kind: Kind) -> list[bytes]:
        found = [record for path in sorted(self._folder.glob("*.calls")) for _, record in records(path)]
        return [record.payload for record in found if record.kind == kind]


def post(body: bytes = b"{}", *fields: bytes, path: bytes = b"/v1/chat/completions") -> bytes:
    """A request."""
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"POST %b HTTP/1.1\r\n%bcontent-length: %d\r\n%b\r\n%b" % (path, HOST, len(body), lines, body)
