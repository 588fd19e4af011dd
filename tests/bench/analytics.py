"""The bench of analytics: from a key to the first figures and to all of them, and what the question costs by itself.

Owns its windows and its figure. The log is any file of `helicli demo --calls N --db FILE`; nobody writes to it. Exit
code 1 where a window misses the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from helicli.filters import Filter
from helicli.grouping import by
from helicli.query.growth import first_at
from helicli.query.reading import opened
from helicli.tui.analysis import Question, answers
from helicli.tui.app import HelicliApp
from helicli.tui.feed import Feed
from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.setup import Setup

FIGURE_MS = 300.0
HOURS = {"1h": 1, "24h": 24, "7d": 168, "30d": 720, "all": 0}
ROUNDS = 5
HOUR = 3_600_000


def last_instant(database: Path) -> int:
    """When the made-up traffic of a log ends."""
    with opened(database) as log:
        return (first_at(log) or 0) + 90 * 24 * HOUR


def question(database: Path, clock: Callable[[], float]) -> Iterator[tuple[str, float, float]]:
    """Window, milliseconds to the first figures, milliseconds to all of them: the reader's thread alone."""
    now = last_instant(database)
    with opened(database) as log:
        for window, hours in HOURS.items():
            asked = Question(Filter(since_ms=now - hours * HOUR if hours else None), now, 66, by("model"), UTC)
            rounds = []
            for _ in range(ROUNDS):
                begun = clock()
                seen = [clock() - begun for _ in answers(log, asked)]
                rounds.append((seen[0] * 1000, seen[-1] * 1000))
            yield window, statistics.median(each[0] for each in rounds), statistics.median(each[1] for each in rounds)


async def screen(database: Path) -> list[tuple[str, float, float]]:
    """The same from the key `t` to the drawn screen, at 120×36."""
    moment = datetime.fromtimestamp(last_instant(database) / 1000, UTC)
    feed = Feed(database)
    app = HelicliApp(Setup(database=database, screen="analytics", now=lambda: moment), feed)
    told = []
    async with app.run_test(size=(120, 36)) as pilot:
        while not isinstance(app.screen, AnalyticsScreen):
            await pilot.pause(0.01)
        figures = app.screen.figures
        for _ in range(len(HOURS)):
            begun = time.perf_counter()
            await pilot.press("t")
            while figures.course is None:
                await pilot.pause(0.001)
            first = time.perf_counter() - begun
            while figures.failures is None or figures.asking:
                await pilot.pause(0.001)
            await pilot.pause()
            told.append((app.screen.look.since, first * 1000, (time.perf_counter() - begun) * 1000))
    feed.close()
    return told


def main() -> int:
    """Print both lanes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    database = parser.parse_args().database
    missed = False
    # On a machine that does other work too, what the question takes of the processor tells more than the clock.
    lanes = {
        "question": list(question(database, time.perf_counter)),
        "its CPU": list(question(database, time.process_time)),
        "screen": asyncio.run(screen(database)),
    }
    for lane, rows in lanes.items():
        for window, first, whole in rows:
            missed |= lane == "screen" and whole > FIGURE_MS
            sys.stdout.write(f"{lane:<9} {window:<4} first figures {first:7.1f} ms   all {whole:7.1f} ms\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
