"""Clearing the cache: of a running engine, in memory and on disk; where none runs, on disk alone.

Owns both ways. A clearing stands in the journal between the calls before it and after it, so that what was stored
before it does not come back, whoever is killed when.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli import paths
from helicli.caching import Clearing
from helicli.engine import client, desk, lock
from helicli.engine.desk import Desk
from helicli.engine.words import CacheCleared, ClearCache
from helicli.errors import DatabaseError, NetworkError, UsageError
from helicli.recorder.database import Database, Unavailable
from helicli.recorder.work import Recorder

_DRAIN_STEPS: Final = 100_000


class Cleared(Struct, frozen=True):
    """How many entries went, whether the database has them no longer, and whether at least the journal says so."""

    entries: int
    recorded: bool
    kept: bool = True


class Clearings:
    """The supervisor's part: asks the proxy, and waits for the recorder."""

    def __init__(self, say: Callable[[Struct], None]) -> None:
        self._say = say
        self._desk = Desk("try again: helicli cache clear")
        self._high: tuple[int, int, int] = (0, 0, 0)
        self._moved = asyncio.Event()

    async def ask(self, given: dict[str, Any]) -> dict[str, Any]:
        """Clear what a command asks for; live when this returns. Raises HelicliError."""
        try:
            clearing = msgspec.convert(given["clearing"], Clearing)
        except (KeyError, msgspec.ValidationError) as error:
            raise UsageError("the clearing is not understood", "restart helicli serve", str(error)) from error
        word = await self._desk.ask(self._say, lambda number: ClearCache(number, clearing), "proxy")
        assert isinstance(word, CacheCleared)
        recorded = word.place is not None
        if word.place is not None:
            try:
                await asyncio.wait_for(self._past(word.place), desk.SECONDS)
            except TimeoutError:
                recorded = False
        return msgspec.to_builtins(Cleared(word.entries, recorded, word.place is not None))  # type: ignore[no-any-return]

    def cleared(self, word: CacheCleared) -> None:
        """Take the proxy's answer."""
        self._desk.on_word(word)

    def recorded(self, high: tuple[int, int, int]) -> None:
        """Take the recorder's word on how far it has come."""
        self._high = high
        self._moved.set()
        self._moved = asyncio.Event()

    async def _past(self, place: tuple[int, int, int]) -> None:
        while self._high < place:
            await self._moved.wait()


def clear(database: Path, clearing: Clearing, on_wait: Callable[[str], None]) -> Cleared:
    """Clear the cache of a database. Raises HelicliError."""
    done = _asked(database, clearing)
    if done is not None:
        return done
    try:
        held = lock.Lock.take(paths.lock_file(database), database, on_wait)
    except OSError as error:
        raise _not_written(database, str(error)) from error
    try:
        _drain(database)
        writer = Database(database)
        try:
            return Cleared(writer.clear_cache(clearing), True)
        finally:
            writer.close()
    except Unavailable as error:
        raise _not_written(database, str(error)) from error
    finally:
        held.release()


def _asked(database: Path, clearing: Clearing) -> Cleared | None:
    """What the running engine did; None where none runs, or where it ends while it is asked. Raises HelicliError."""
    holder = lock.read(paths.lock_file(database))
    if not client.answers(holder.control):
        return None
    try:
        given = {"clearing": msgspec.to_builtins(clearing)}
        return msgspec.convert(client.ask(holder.control, "cache.clear", given), Cleared)
    except TimeoutError as error:
        raise NetworkError(f"the engine at {holder.url} does not answer", "try again: helicli cache clear") from error
    except OSError:
        # Clearing twice takes no more than clearing once.
        return None


def _not_written(database: Path, cause: str) -> DatabaseError:
    return DatabaseError(f"{database} cannot be written", "try again when nobody else works on it", cause)


def _drain(database: Path) -> None:
    """Record what waits in the journal: a stored answer among it would come back."""
    folder = paths.journal_dir(database)
    if not folder.is_dir():
        return
    recorder = Recorder(database, folder, os.uname().nodename)
    try:
        for _ in range(_DRAIN_STEPS):
            if recorder.finish():
                return
            if recorder.state != "ok":
                raise _not_written(database, recorder.message)
    finally:
        recorder.close()
