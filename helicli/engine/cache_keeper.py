"""The cache of a running proxy: what it had in its earlier life, and what a command clears.

Owns the one thread in which the proxy reads the database. Entries are loaded once, when the database has all that
earlier proxies have written: before, it may hold what was cleared or replaced, and that must never be served again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from helicli import journal
from helicli.caching import CacheSettings
from helicli.engine.words import CacheCleared, ClearCache
from helicli.errors import HelicliError
from helicli.journal import Kind
from helicli.proxy.cache import Cache
from helicli.proxy.journal import Journal
from helicli.store.cache import CacheReader

_START_SECONDS: Final = 0.25
Result = TypeVar("Result")


class CacheKeeper:
    """Keeps one proxy's cache in step with the database."""

    def __init__(self, database: Path, settings: CacheSettings, writer: Journal) -> None:
        self._reader = CacheReader(database)
        self._thread = ThreadPoolExecutor(1, "cache")
        self._journal = writer
        self._loaded = False
        self._turn = asyncio.Lock()
        self._loading: asyncio.Task[None] | None = None
        self.cache = Cache(settings, self._fetch)

    async def start(self) -> None:
        """Load what the database holds; calls are not kept waiting for long, they only miss until it is here."""
        self._loading = asyncio.ensure_future(self.recorded())
        await asyncio.wait({self._loading}, timeout=_START_SECONDS)

    async def recorded(self) -> None:
        """Hear that the recorder has come on: load, where that has not been done and can be done now."""
        if self._loaded:
            return
        async with self._turn:
            try:
                if not self._loaded and await self._in_thread(self._has_all):
                    await self._load()
                    self._loaded = True
            except (sqlite3.Error, HelicliError):
                # It is tried again at the recorder's next word; until then calls miss.
                return

    async def clear(self, word: ClearCache) -> CacheCleared:
        """Clear memory at once, and tell the recorder. Waits for the disk where a call would."""
        steps = self.cache.clear_in_steps(word.clearing)
        entries = next(steps, 0)
        clearing = journal.encode(word.clearing)
        kept = self._journal.append(0, Kind.CLEAR, clearing)
        if not kept:
            self._journal.owe(0, Kind.CLEAR, clearing)
        generation, number, offset = self._journal.place
        for more in steps:
            entries += more
            await asyncio.sleep(0)
        if kept and self._journal.disk is not None:
            await self._journal.disk.settled()
        return CacheCleared(word.number, entries, (generation, number, offset) if kept else None)

    def close(self) -> None:
        """End the thread."""
        if self._loading is not None:
            self._loading.cancel()
        self._thread.submit(self._reader.close)
        self._thread.shutdown(wait=False)

    async def _load(self) -> None:
        now = self.cache.clock()
        oldest = now - self.cache.settings.max_age_seconds * 1000
        batches = self._reader.batches(now)
        while batch := await self._in_thread(next, batches, None):
            self.cache.restore((entry for entry in batch if entry.stored_at > oldest), last=False)
        self.cache.restore((), last=True)

    def _has_all(self) -> bool:
        """Whether the database has all that earlier proxies have written. They are dead, so that stays so."""
        high = self._reader.high()
        generation = self._journal.place.generation
        for path in self._journal.directory.iterdir():
            name = journal.parse_name(path.name)
            if name is None or name[2] or name[0] >= generation or name[:2] < high[:2]:
                continue
            read = high.offset if name[:2] == high[:2] else journal.SEGMENT_HEADER.size
            try:
                if path.stat().st_size > read:
                    return False
            except FileNotFoundError:
                # The recorder has just deleted it, so it is done with it.
                continue
        return True

    async def _in_thread(self, work: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    async def _fetch(self, entry_id: bytes) -> bytes | None:
        return await self._in_thread(self._reader.body, entry_id)
