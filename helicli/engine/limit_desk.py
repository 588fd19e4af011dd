"""The supervisor's side of limits: has them stored, has the proxy take them up, and asks it how they stand.

Owns the order: a limit is in the database before the proxy reads it, and live before a command hears that it is. Prices
that the proxy asks for are the recorder's to find.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.engine import client
from helicli.engine.change_words import DropLimit, KeepLimit, LimitKept, LimitsRead, ReadLimits
from helicli.engine.desk import Desk
from helicli.engine.words import AskUsage, LimitUsage
from helicli.errors import UsageError
from helicli.store.limits import StoredLimit

_FIX: Final = "try again; helicli limits list shows what holds"

Answer = LimitKept | LimitsRead | LimitUsage


class LimitDesk:
    """The limits of one engine."""

    def __init__(self, say_proxy: Callable[[Struct], None], say_recorder: Callable[[Struct], None]) -> None:
        self._say_proxy = say_proxy
        self._say_recorder = say_recorder
        self._desk = Desk(_FIX)

    async def add(self, given: dict[str, Any]) -> dict[str, Any]:
        """Store a limit; it holds when this returns. Raises HelicliError."""
        try:
            limit = msgspec.convert(given, StoredLimit)
        except msgspec.ValidationError as error:
            raise UsageError("the limit is not understood", "restart helicli serve", str(error)) from error
        limit.limit()
        return await self._change(lambda number: KeepLimit(number, limit))

    async def remove(self, given: dict[str, Any]) -> dict[str, Any]:
        """Drop a limit; it holds no longer when this returns. Raises HelicliError."""
        name = str(given.get("name", ""))
        return await self._change(lambda number: DropLimit(number, name))

    async def usage(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """How the segments of every limit, or of those of a name, stand. Raises HelicliError."""
        name = str(given.get("name", ""))
        answer = await self._desk.ask(self._say_proxy, lambda number: AskUsage(number, name), "proxy")
        assert isinstance(answer, LimitUsage)
        return [msgspec.to_builtins(each) for each in answer.standings]

    def on_word(self, word: Answer) -> None:
        """Take a child's answer."""
        if not self._desk.on_word(word) and isinstance(word, LimitKept) and word.error is None:
            # Nobody waited for the recorder any longer, and yet it is stored.
            self._say_proxy(ReadLimits(word.number))

    async def _change(self, word: Callable[[int], Struct]) -> dict[str, Any]:
        kept = await self._desk.ask(self._say_recorder, word, "recorder")
        assert isinstance(kept, LimitKept)
        if kept.error is not None:
            client.told({"error": kept.error})
        await self._desk.ask(self._say_proxy, ReadLimits, "proxy")
        return {"live": True}
