"""The control socket: how a command speaks to the running engine of a database.

Owns the engine's end; `client` is the other. One request, one answer, each four bytes of length and JSON: `{"v": 1,
"do": "status", "with": {}}` gets `{"ok": …}` or `{"error": {"message", "fix", "code"}}`. What is given to hold is held
until its connection ends. Only the same user reaches it; no browser can.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from helicli.engine.client import LENGTH_BYTES, VERSION
from helicli.engine.words import WORD_MAX
from helicli.errors import HelicliError, UsageError


class Request(Struct, frozen=True, rename={"given": "with"}):
    """What a command asks for."""

    v: int
    do: str
    given: dict[str, Any] = {}


Handler = Callable[[dict[str, Any]], Awaitable[Any]]
Holder = Callable[[dict[str, Any]], AbstractAsyncContextManager[Any]]
"""Gives something that is held for as long as the connection stands; None where there is nothing to hold."""


class ControlServer:
    """The engine's end."""

    def __init__(
        self, path: Path, handlers: Mapping[str, Handler], holders: Mapping[str, Holder] | None = None
    ) -> None:
        self._path = path
        self._handlers = handlers
        self._holders = holders or {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. The lock is held, so what stands at the path is nobody's. Raises HelicliError."""
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise HelicliError(
                f"{folder} is not a folder of yours alone", f"remove it, or set XDG_RUNTIME_DIR to one: rm -r {folder}"
            )
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=WORD_MAX)
        self._path.chmod(0o600)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _peer_is_me(writer):
                async with AsyncExitStack() as held:
                    length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
                    body = await reader.readexactly(length) if length <= WORD_MAX else b""
                    answer, holds = await self._answer(body, held)
                    writer.write(len(answer).to_bytes(LENGTH_BYTES, "big") + answer)
                    await writer.drain()
                    while holds and await reader.read(4096):
                        pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: bytes, held: AsyncExitStack) -> tuple[bytes, bool]:
        """The answer, and whether something is held from now on."""
        try:
            request = msgspec.json.decode(body, type=Request)
            if request.v != VERSION:
                raise UsageError(f"this engine speaks version {VERSION}, not {request.v}", "restart helicli serve")
            holder = self._holders.get(request.do)
            if holder is not None:
                return msgspec.json.encode({"ok": await held.enter_async_context(holder(request.given))}), True
            handler = self._handlers.get(request.do)
            if handler is None:
                raise UsageError(f'the engine does not know "{request.do}"', "restart helicli serve")
            return msgspec.json.encode({"ok": await handler(request.given)}), False
        except msgspec.DecodeError as error:
            return failure(UsageError("the request is not understood", "restart helicli serve", str(error))), False
        except HelicliError as error:
            return failure(error), False


def failure(error: HelicliError) -> bytes:
    """An error as an answer."""
    told = {"message": error.message, "fix": error.fix, "code": error.exit_code, "cause": error.cause}
    return msgspec.json.encode({"error": told})


def _peer_is_me(writer: asyncio.StreamWriter) -> bool:
    """Where the system cannot tell who is there, the folder's mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    raw = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", raw)[1]
    return uid == os.getuid()
