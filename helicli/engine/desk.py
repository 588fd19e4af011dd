"""Questions to the children that are answered by number.

Owns the numbers and who waits for which answer. A child that does not answer within some seconds is an error of the
command that waits, never a hang.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from helicli.errors import HelicliError

SECONDS = 4.0
"""Twice this is less than a command waits for an answer."""


class Answer(Protocol):
    """A word that answers another."""

    @property
    def number(self) -> int: ...


class Desk:
    """The questions of one part of the supervisor. `fix` is what helps where nobody answers."""

    def __init__(self, fix: str) -> None:
        self._fix = fix
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, say: Callable[[Struct], None], word: Callable[[int], Struct], whom: str) -> Any:
        """The answer to a word, which is made with the number it is answered by. Raises HelicliError."""
        self._number += 1
        number = self._number
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            say(word(number))
            return await asyncio.wait_for(waiting, SECONDS)
        except TimeoutError:
            raise HelicliError(f"the {whom} does not answer", self._fix) from None
        finally:
            del self._waiting[number]

    def on_word(self, word: Answer) -> bool:
        """Take a child's answer; whether somebody still waited for it."""
        waiting = self._waiting.get(word.number)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(word)
        return True
