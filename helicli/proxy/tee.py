"""Station 7, the bytes: to the client the moment they arrive, and a copy to the journal just before.

Owns the one place where an answer's body passes. A stream that the provider broke off is never ended like a clean one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import Any

from helicli.call import Headers
from helicli.providers.asking import UsageFilter
from helicli.proxy.durability import LastEvent
from helicli.proxy.handoff import Handoff
from helicli.proxy.refusal import Refusal
from helicli.proxy.upstream import Answer

Send = Callable[[dict[str, Any]], Awaitable[None]]
Copy = Callable[[bytes], None]


class Stream:
    """An answer on its way down. `first_byte_ns` is the clock at its first body byte, `cut` why it broke off."""

    def __init__(
        self,
        answer: Answer,
        send: Send,
        handoff: Handoff,
        hide_usage: bool,
        last_event: LastEvent | None = None,
        copy: Copy | None = None,
    ) -> None:
        self.answer = answer
        self._send = send
        self._handoff = handoff
        self._filter = UsageFilter() if hide_usage else None
        self._last_event = last_event
        self._copy = copy
        self._settled = False
        self._left = _content_length(answer.headers)
        self.first_byte_ns: int | None = None
        self.cut: Refusal | None = None

    async def pass_on(self, headers: Headers, on_last: Callable[[], None]) -> None:
        """Send head and body; `on_last` is called after the last byte has come and before it goes."""
        await self._send({"type": "http.response.start", "status": self.answer.status, "headers": headers})
        while True:
            try:
                piece = await self.answer.piece()
            except Refusal as refusal:
                self.cut = refusal
                await self._flush()
                return
            if self.first_byte_ns is None:
                self.first_byte_ns = perf_counter_ns()
            if not piece:
                break
            self._handoff.chunk(piece)
            if self._copy is not None:
                self._copy(piece)
            self._settled = False
            if self._left is not None:
                self._left -= len(piece)
                if self._left <= 0:
                    on_last()
                    await self._settle()
            if self._last_event is not None and self._last_event.is_in(piece):
                await self._settle()
            await self._pass(piece)
        on_last()
        await self._settle()
        await self._flush()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _settle(self) -> None:
        """Wait, once, where what was kept is to be on the disk before it goes."""
        if not self._settled:
            self._settled = True
            await self._handoff.settled()

    async def _flush(self) -> None:
        if self._filter is not None:
            await self._pass_raw(self._filter.flush())

    async def _pass(self, piece: bytes) -> None:
        await self._pass_raw(piece if self._filter is None else self._filter.feed(piece))

    async def _pass_raw(self, piece: bytes) -> None:
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})


def _content_length(headers: Headers) -> int | None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None
