"""A provider for tests, on a real socket: it does what its scripts say, byte for byte, one script a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

Script = Callable[["Wire"], Awaitable[None]]

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


class Wire:
    """One connection as the provider sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def head(self) -> bytes:
        """The head of the next request; b"" where the proxy has closed."""
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, OSError):
            return b""

    async def request(self) -> bytes:
        """The next request with the body that its Content-Length tells of."""
        head = await self.head()
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head + await self.reader.readexactly(int(line.split(b":")[1]))
        return head

    async def send(self, *pieces: bytes) -> None:
        """Write pieces, each as soon as the one before it is on its way."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()

    async def gone(self) -> bool:
        """Wait until the proxy has closed the connection."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65_536):
                pass
        return True

    def close(self) -> None:
        """Close the connection in order."""
        self._writer.close()

    def reset(self) -> None:
        """Close the connection without order."""
        self._writer.transport.abort()


class Provider:
    """A listening provider. Connections beyond the scripts are served by the last of them."""

    def __init__(self, *scripts: Script, ssl=None, host="127.0.0.1") -> None:
        self._scripts = list(scripts)
        self._ssl = ssl
        self._host = host
        self.heads: list[bytes] = []
        self.connections = 0

    async def __aenter__(self) -> Provider:
        self._running: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"{'https' if self._ssl else 'http'}://{host}:{self.port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        try:
            await script(Wire(reader, writer))
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            self._running.discard(task)
            writer.transport.abort()


def answers(*pieces: bytes, then: str = "stay") -> Script:
    """A script that answers each request with the same bytes, then stays, closes or resets."""

    async def script(wire: Wire) -> None:
        while await wire.request():
            await wire.send(*pieces)
            if then == "close":
                wire.close()
            elif then == "reset":
                wire.reset()

    return script
