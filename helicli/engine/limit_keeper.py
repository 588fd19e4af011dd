"""The limits of a running proxy: what it begins with, what a command changes, and the prices it needs for them.

Owns what the proxy's admission is told. What cannot be read is tried again with every word of the recorder's, and said
once: a limit that silently does not limit is worse than none.
"""

from __future__ import annotations

import asyncio
import heapq
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from helicli.counters import Standing
from helicli.engine.change_words import LimitsRead, ReadLimits
from helicli.engine.counted import counted, stored_limits
from helicli.engine.link import AsyncLink
from helicli.engine.words import AskPrice, AskUsage, LimitUsage, Notice, Price, ProxySettings, SegmentUsage
from helicli.errors import HelicliError
from helicli.limits import Limit, zone
from helicli.proxy.admission import Admission
from helicli.proxy.house import House
from helicli.rates import REMEMBERED, Rate, Rates

SHOWN_MAX: Final = 1_000
_PRICE_SECONDS: Final = 3.0
_SILENT_SECONDS: Final = 0.1
"""How long is waited for a recorder that has just not answered, so that not every call waits for one that hangs."""
_AT_ONCE: Final = 200
"""So many segments are looked at before calls have their turn."""


class LimitKeeper:
    """Keeps the admission of one proxy in step with the database."""

    def __init__(self, settings: ProxySettings, house: House, link: AsyncLink) -> None:
        self._settings = settings
        self._house = house
        self._link = link
        self._configured = settings.limits.limits()
        self._asked: dict[tuple[str, str], asyncio.Future[None]] = {}
        self._learnt: dict[tuple[str, str], tuple[Rate, ...]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()
        self._counted = self._told = self._silent = False
        house.admission = Admission(
            lambda: house.rates,
            self._configured,
            unpriced=settings.limits.unpriced,
            zone=zone(settings.limits.zone),
            learn=self._learn,
        )

    async def begin(self) -> None:
        """Take up what earlier proxies have left, before the first call."""
        async with self._reading:
            await self._take_up()

    async def _take_up(self) -> None:
        settings, admission = self._settings, self._house.admission
        database, folder = Path(settings.database), Path(settings.journal)
        try:
            found = await asyncio.to_thread(counted, database, folder, settings.generation, admission.clock().wall)
        except (HelicliError, sqlite3.Error, OSError) as error:
            if not self._told:
                self._told = True
                self._link.say(Notice(f"the stored limits cannot be read yet ({error})"))
            return
        self._counted = True
        self._put(found.limits)
        admission.restore(found.charges, own=found.own)

    def again(self) -> None:
        """Try again where nothing could be read."""
        if not self._counted and not self._tasks:
            self._do(self.begin)

    def on_word(self, word: ReadLimits | AskUsage | Price) -> None:
        """Take a word of the supervisor's."""
        if isinstance(word, ReadLimits):
            self._do(lambda: self._read(word.number))
        elif isinstance(word, AskUsage):
            self._do(lambda: self._tell_usage(word))
        else:
            if len(self._learnt) >= REMEMBERED:
                self._learnt.clear()
            self._silent = False
            self._learnt[word.provider, word.model] = word.rates
            self.learnt(self._house.rates)
            waiting = self._asked.pop((word.provider, word.model), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

    def learnt(self, rates: Rates) -> None:
        """Add to a table of rates what was asked for and is not in it."""
        for (provider, model), known in self._learnt.items():
            if rates.all_of(provider, model) is None:
                rates.learn(provider, model, known)

    async def _read(self, number: int) -> None:
        async with self._reading:
            try:
                stored = await asyncio.to_thread(stored_limits, Path(self._settings.database))
            except (HelicliError, sqlite3.Error):
                return
            self._put(stored)
        self._link.say(LimitsRead(number))

    async def _learn(self, provider: str, model: str) -> None:
        """Have the recorder say what a model costs; where it does not within some seconds, nothing is learnt."""
        key = provider, model
        waiting = self._asked.get(key)
        if waiting is None:
            waiting = self._asked[key] = asyncio.get_running_loop().create_future()
            self._link.say(AskPrice(provider, model))
        try:
            await asyncio.wait_for(asyncio.shield(waiting), _SILENT_SECONDS if self._silent else _PRICE_SECONDS)
        except TimeoutError:
            self._silent = True
        if self._asked.get(key) is waiting:
            del self._asked[key]

    def _put(self, stored: tuple[Limit, ...]) -> None:
        self._house.admission.replace((*self._configured, *stored))

    async def _tell_usage(self, asked: AskUsage) -> None:
        """Say how full the limits are. There may be very many segments, and calls go on meanwhile."""
        found = []
        for seen, (limit, each) in enumerate(self._house.admission.usage()):
            if not asked.name or asked.name in (limit.name, limit.run, limit.policy.spelled):
                found.append((limit, each))
            if seen % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._link.say(LimitUsage(asked.number, await asyncio.to_thread(_fullest, found)))

    def _do(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fullest(found: list[tuple[Limit, Standing]]) -> list[SegmentUsage]:
    """The fullest segments, the fullest first."""
    first = heapq.nsmallest(SHOWN_MAX, found, key=_order)
    spelled = {id(limit): limit.policy.spelled for limit, _ in first}
    return [
        SegmentUsage(
            limit.name or limit.run, spelled[id(limit)], each.segment, each.used, each.policy.limit, each.wait_ms
        )
        for limit, each in first
    ]


def _order(one: tuple[Limit, Standing]) -> tuple[int, str, str, str]:
    limit, each = one
    return -(each.used * 1000 // max(1, each.policy.limit)), limit.name, each.key, each.segment
