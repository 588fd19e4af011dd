"""The client's side of one call: what it sent, what it is sent back, and whether it is still there.

Owns the ASGI messages of one request. A body is read whole up to BUFFER_BYTES; a larger one is passed on in pieces and
never stands in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from helicli.call import Headers
from helicli.proxy.names import Names, of
from helicli.proxy.refusal import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BUFFER_BYTES = 16 * 1024 * 1024


class Gone(Exception):
    """The client closed its connection."""


class Client:
    """One request as it stands on the wire."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.headers: Headers = scope["headers"]
        self.names = of(self.headers)
        self.target: str = scope["extensions"]["helicli.target"].decode("latin-1")
        self.local_address: str = scope["server"][0] if scope["server"] else ""
        self.started = False
        self.gone = False
        self._scope = scope
        self._connection = scope["extensions"]["helicli.connection"]
        self._receive = receive
        self._send = send
        self._more = True
        self._asked = False

    async def read(self) -> bytes:
        """The body, or its first BUFFER_BYTES and a little more where it is larger. Raises Gone."""
        message = await self._message()
        if not self._more:
            return message
        pieces = [message]
        size = len(message)
        while self._more and size < BUFFER_BYTES:
            pieces.append(await self._message())
            size += len(pieces[-1])
        return b"".join(pieces)

    def at_hand(self) -> bytes | None:
        """The body, where all of it has come; None where it has to be read."""
        body: bytes | None = self._connection.body_whole(self._scope)
        if body is not None:
            self._more = False
        return body

    @property
    def has_more(self) -> bool:
        """Whether body bytes are still to come."""
        return self._more

    @property
    def holds_back(self) -> bool:
        """Whether the client waits for the word to send its body, which it was never given (Expect: 100-continue).

        Whether it still comes is open. A body that is on its way is read and thrown away by the server: to close over
        it would reset the connection and lose the answer.
        """
        return self._more and not self._asked and any(name == b"expect" for name, _ in self.headers)

    async def rest(self) -> AsyncIterator[bytes]:
        """The pieces still to come. Raises Gone."""
        while self._more:
            piece = await self._message()
            if piece:
                yield piece

    async def send(self, message: dict[str, Any]) -> None:
        """Send one ASGI message; whether anything was sent is remembered."""
        self.started = True
        await self._send(message)

    async def answer(self, status: int, headers: Headers, body: bytes, names: Names | None = None) -> None:
        """Send a whole answer."""
        self.started = True
        if not self._connection.answer_whole(self._scope, status, headers, body, names):
            await self._send({"type": "http.response.start", "status": status, "headers": headers})
            await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _message(self) -> bytes:
        self._asked = True
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Gone
        self._more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body


def refuse_upgrade(headers: Headers, names: Names | None = None) -> None:
    """Raise Refusal for a WebSocket handshake."""
    if b"upgrade" not in (names or of(headers)).first:
        return
    for name, value in headers:
        if name == b"upgrade" and value.strip().lower() == b"websocket":
            raise Refusal(501, "bad_request", "helicli does not pass WebSocket connections (realtime) yet")
