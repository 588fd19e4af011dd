"""The supervisor's side of scores that a command gives: has the recorder keep them.

Owns that they are in the database before the command hears that they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.engine import client
from helicli.engine.change_words import KeepScores, ScoresKept
from helicli.engine.desk import Desk
from helicli.errors import UsageError
from helicli.scores import Scored

_FIX: Final = "try again; helicli show tells what scores a call has"


class ScoreDesk:
    """The scores of one engine's calls."""

    def __init__(self, say_recorder: Callable[[Struct], None]) -> None:
        self._say_recorder = say_recorder
        self._desk = Desk(_FIX)

    async def keep(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep scores of a call that has a row. Raises HelicliError."""
        try:
            wanted = msgspec.convert(given["scored"], Scored)
        except (KeyError, msgspec.ValidationError) as error:
            raise UsageError("the scores are not understood", "restart helicli serve", str(error)) from error
        kept = await self._desk.ask(self._say_recorder, lambda number: KeepScores(number, wanted), "recorder")
        assert isinstance(kept, ScoresKept)
        if kept.error is not None:
            client.told({"error": kept.error})
        return {"live": True}

    def on_word(self, word: ScoresKept) -> None:
        """Take the recorder's answer."""
        self._desk.on_word(word)
