"""The cache of a running proxy: what it had in its earlier life, and what a command clears.

Owns the one thread in which the proxy reads the database. Entries are loaded at the start, and once more when the
recorder has written what an earlier proxy left in the journal.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from helicli import journal
from helicli.caching import CacheSettings
from helicli.engine.words import CacheCleared, ClearCache
from helicli.journal import Kind
from helicli.proxy.cache import Cache
from helicli.proxy.journal import Journal
from helicli.store.cache import CacheReader

_START_SECONDS: Final = 0.25


class CacheKeeper:
    """Keeps one proxy's cache in step with the database."""

    def __init__(self, database: Path, settings: CacheSettings, writer: Journal) -> None:
        self._reader = CacheReader(database)
        self._thread = ThreadPoolExecutor(1, "cache")
        self._journal = writer
        self._loaded = self._done = False
        self._turn = asyncio.Lock()
        self._loading: asyncio.Task[None] | None = None
        self.cache = Cache(settings, self._fetch)

    async def start(self) -> None:
        """Load what the database holds; calls are not kept waiting for long, they only miss until it is here."""
        self._loading = asyncio.ensure_future(self.load(last=False))
        await asyncio.wait({self._loading}, timeout=_START_SECONDS)

    async def load(self, *, last: bool) -> None:
        """Take in what the database holds."""
        now = self.cache.clock()
        loop = asyncio.get_running_loop()
        oldest = now - self.cache.settings.max_age_seconds * 1000
        batches = self._reader.batches(now)
        while batch := await loop.run_in_executor(self._thread, next, batches, None):
            self.cache.restore((entry for entry in batch if entry.stored_at > oldest), last=False)
        self.cache.restore((), last=last)

    async def recorded(self, *, nothing_older: bool, ours: bool) -> None:
        """Hear how far the recorder is: that it says nothing waits of earlier proxies, or that it reads ours."""
        async with self._turn:
            if (ours or nothing_older) and not self._loaded:
                await self.load(last=ours)
                self._loaded = True
            elif ours and not self._done:
                await self.load(last=True)
            self._done = self._done or ours

    async def clear(self, word: ClearCache) -> CacheCleared:
        """Clear memory at once, and tell the recorder. Waits for the disk where a call would."""
        steps = self.cache.clear_in_steps(word.clearing)
        entries = next(steps, 0)
        kept = self._journal.append(0, Kind.CLEAR, journal.encode(word.clearing))
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

    async def _fetch(self, entry_id: bytes) -> bytes | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._reader.body, entry_id)
