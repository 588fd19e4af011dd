"""The prompts of a running proxy: what it begins with, and what a command has changed.

Owns the order of reading: one at a time, so that what is read later is put in place later. What cannot be read at the
start is tried again with every word of the recorder's; until then no prompt is used.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path

from helicli.engine.change_words import PromptsRead, ReadPrompts
from helicli.engine.link import AsyncLink
from helicli.engine.words import Notice
from helicli.errors import HelicliError, NotFoundError
from helicli.proxy.house import House
from helicli.proxy.prompts import Shelf
from helicli.store import prompts
from helicli.store.connect import open_reader


class PromptKeeper:
    """Keeps the shelf of one proxy in step with the database."""

    def __init__(self, database: Path, house: House, link: AsyncLink) -> None:
        self._database = database
        self._house = house
        self._link = link
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._told = self._read_once = False

    async def begin(self) -> None:
        """Read the stored prompts before the first call."""
        try:
            await self._read()
        except (HelicliError, sqlite3.Error, OSError) as error:
            if not self._told:
                self._told = True
                self._link.say(Notice(f"the stored prompts cannot be read yet ({error})"))

    def again(self) -> None:
        """Try again where nothing could be read."""
        if not self._read_once and not self._tasks:
            self._do(self.begin())

    def on_word(self, word: ReadPrompts) -> None:
        """Read them anew, and say when they are in use."""
        self._do(self._answer(word.number))

    async def _answer(self, number: int) -> None:
        try:
            await self._read()
        except (HelicliError, sqlite3.Error, OSError):
            return
        self._link.say(PromptsRead(number))

    async def _read(self) -> None:
        async with self._turn:
            house = self._house
            house.shelf = await asyncio.to_thread(_shelf, self._database, house.shelf)
            self._read_once = True

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shelf(database: Path, before: Shelf) -> Shelf:
    """The stored prompts, those in use made ready; none where there is no database."""
    try:
        with closing(open_reader(database)) as db:
            stored, sources = prompts.load(db), prompts.sources(db)
    except NotFoundError:
        return Shelf()
    shelf = Shelf(stored, sources)
    shelf.take_over(before)
    for each in stored:
        shelf.get(each.name, each.used)
    return shelf
