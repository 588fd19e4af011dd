"""The lanes of the full screen's bench that run in this process: paging, filters and analytics, until all is drawn.

Owns the app without a terminal and the wait for what a key asks for. Nobody writes to the logs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from helicli.query.growth import first_at
from helicli.query.reading import opened
from helicli.tui.app import HelicliApp
from helicli.tui.asking import WINDOWS, chosen
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.screens.requests import RequestsScreen
from helicli.tui.setup import Setup

SIZE = (120, 36)
_DAYS = 90
"""So long the made-up traffic of a log goes on."""


class Took(NamedTuple):
    """Milliseconds by the clock, and of the processor where they are known."""

    wall: float
    cpu: float = 0.0


class NothingMeasuredError(Exception):
    """What should have been timed did not happen."""


class Bench:
    """The app with a log, and the time until something holds."""

    def __init__(self, app: HelicliApp) -> None:
        self.app = app

    @property
    def requests(self) -> RequestsScreen:
        """The first screen."""
        found = self.app._screen_stacks["requests"][0]
        assert isinstance(found, RequestsScreen)
        return found

    def drawn(self) -> bool:
        """Whether every row on the screen has its call."""
        if "requests" not in self.app._screen_stacks:
            return False
        table = self.requests.table
        top = round(table.scroll_y)
        rows = range(top, min(top + table.page, len(table.calls)))
        return bool(rows) and all(table.calls.call(row) is not None for row in rows)

    async def until(self, holds: Callable[[], bool]) -> Took:
        """How long until something holds and the screen is drawn."""
        begun, before = time.perf_counter(), time.process_time()
        while not holds():  # noqa: ASYNC110
            if time.perf_counter() - begun > 120:
                raise NothingMeasuredError("what a key asks for has not come for two minutes")
            # So short that little of the processor goes into looking.
            await asyncio.sleep(0.0005)
        self.app.screen._compositor.render_strips()
        return Took((time.perf_counter() - begun) * 1000, (time.process_time() - before) * 1000)


@asynccontextmanager
async def shown(log: Path) -> AsyncIterator[Bench]:
    """The app with its first rows drawn, at the time at which the log's last call came."""
    with opened(log) as found:
        began = first_at(found)
    if began is None:
        raise NothingMeasuredError(f"{log} holds no call")
    moment = datetime.fromtimestamp(began / 1000 + _DAYS * 86_400, UTC)
    setup = Setup(database=log, now=lambda: moment)
    feed = Feed(log)
    calls = CallList(feed)
    calls.choose(chosen(setup, "", "all"))
    bench = Bench(HelicliApp(setup, feed, calls))
    try:
        async with bench.app.run_test(size=SIZE) as pilot:
            await bench.until(bench.drawn)
            await pilot.pause()
            yield bench
    finally:
        feed.close()


async def paging(log: Path, pages: int) -> tuple[list[Took], list[Took]]:
    """Pages that were not read yet, and the same again."""
    cold, cached = [], []
    async with shown(log) as bench:
        table = bench.requests.table
        for _ in range(pages):
            # So far on that no page was read ahead.
            table.move(table.cursor + 5_003)
            cold.append(await bench.until(bench.drawn))
            await asyncio.sleep(0.02)
        table.move(0)
        await bench.until(bench.drawn)
        for _ in range(pages):
            bench.requests.action_page_down()
            cached.append(await bench.until(bench.drawn))
            await asyncio.sleep(0.02)
    return cold, cached


async def filtering(log: Path, rounds: int) -> list[Took]:
    """A filter on a user, until its first rows are there."""
    took = []
    async with shown(log) as bench:
        for number in range(rounds):
            bench.requests.choose(f"user:user-{100 + number:04d}")
            took.append(await bench.until(lambda: bench.requests.calls.ready and bench.drawn()))
            await asyncio.sleep(0.02)
    return took


async def analytics(log: Path, rounds: int) -> dict[str, tuple[list[Took], list[Took]]]:
    """For each window, from its key to the first figures and to all of them."""
    took: dict[str, tuple[list[Took], list[Took]]] = {window: ([], []) for window in WINDOWS}
    async with shown(log) as bench:
        bench.app.action_go_analytics()
        screen = await _analytics(bench)
        for _ in range(rounds * len(WINDOWS)):
            screen.turn_window()
            begun = await bench.until(lambda: screen.figures.course is not None)
            rest = await bench.until(lambda: not screen.figures.asking)
            if screen.figures.course is None or not screen.figures.course.total.calls:
                raise NothingMeasuredError(f"no call of {log} in the window {screen.look.since}")
            first, whole = took[screen.look.since]
            first.append(begun)
            whole.append(Took(begun.wall + rest.wall, begun.cpu + rest.cpu))
    return took


async def _analytics(bench: Bench) -> AnalyticsScreen:
    def there() -> bool:
        screen = bench.app.screen
        return isinstance(screen, AnalyticsScreen) and screen.is_mounted and not screen.figures.asking

    await bench.until(there)
    screen = bench.app.screen
    assert isinstance(screen, AnalyticsScreen)
    await bench.until(lambda: screen.figures.course is not None and not screen.figures.asking)
    return screen
