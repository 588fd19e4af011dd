"""The supervisor's side of prompts: has changes stored, then has the proxy take them up.

Owns that order: a version is in the database before the proxy reads it, and in use before a command hears that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.engine import client
from helicli.engine.change_words import ChangePrompts, PromptsKept, PromptsRead, ReadPrompts
from helicli.engine.desk import Desk
from helicli.errors import UsageError
from helicli.store.prompts import Change

_FIX: Final = "try again; helicli prompts list shows what is stored"


class PromptDesk:
    """The prompts of one engine."""

    def __init__(self, say_proxy: Callable[[Struct], None], say_recorder: Callable[[Struct], None]) -> None:
        self._say_proxy = say_proxy
        self._say_recorder = say_recorder
        self._desk = Desk(_FIX)

    async def change(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Make a change; it is in use when this returns. Raises HelicliError."""
        try:
            wanted: Change = msgspec.convert(given, Change)
        except msgspec.ValidationError as error:
            raise UsageError("the change is not understood", "restart helicli serve", str(error)) from error
        kept = await self._desk.ask(self._say_recorder, lambda number: ChangePrompts(number, wanted), "recorder")
        assert isinstance(kept, PromptsKept)
        if kept.error is not None:
            client.told({"error": kept.error})
        await self._desk.ask(self._say_proxy, ReadPrompts, "proxy")
        return [msgspec.to_builtins(each) for each in kept.kept]

    def on_word(self, word: PromptsKept | PromptsRead) -> None:
        """Take a child's answer."""
        self._desk.on_word(word)
