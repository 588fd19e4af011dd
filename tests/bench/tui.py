"""The bench of the full screen: first paint, paging, filters, analytics, idling, keys and callers while calls come.

`python tests/bench/tui.py 1m.db 10m.db`: logs of `helicli demo --calls N --db FILE`, which nobody writes to; the lanes
with an engine work on a copy of the first. Beside the time by the clock stands that of the processor: where others work
on the machine the first says how busy it is, the second what helicli takes. Exit code 1 where a figure is missed or
nothing was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import machine
import tui_live
import tui_screens
from tui_screens import NothingMeasuredError, Took

from helicli.query.growth import extent
from helicli.query.reading import opened
from tests.terminal import Terminal

PAGES = 40
IDLE_SECONDS = 20.0
IDLE_FIGURE = 1.0
"""Percent of a core."""

_BUSY_MS = 10.0
"""A call through the engine to the demo's upstream takes two; one that takes so long waits for the processor."""

LANES = ("paint", "page", "filter", "analytics", "idle", "keys", "callers")
missed: list[str] = []


def first_paint(log: Path) -> Took:
    """From the start of the process until a row of calls is on the terminal."""
    columns, lines = tui_screens.SIZE
    command = (sys.executable, "-m", "helicli", "--db", log, "tui")
    with tempfile.TemporaryDirectory(prefix="helicli-bench-") as home:
        begun = time.perf_counter()
        with Terminal(*command, env=tui_live.environment(Path(home)), columns=columns, lines=lines) as shown:
            shown.until("gpt-4", 60)
            took = Took((time.perf_counter() - begun) * 1000, tui_live.cpu(shown.process.pid) * 1000)
            shown.type("q")
            shown.end(60)
    return took


def import_alone() -> Took:
    """What Textual itself takes to import, in a process that does nothing else."""
    begun, before = time.perf_counter(), _children()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return Took((time.perf_counter() - begun) * 1000, (_children() - before) * 1000)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def idle(log: Path, screen: str) -> float:
    """The share of one core that it takes while nothing happens, in percent."""
    with tui_live.shown(log, screen) as shown:
        time.sleep(5)
        before, begun = tui_live.cpu(shown.pid), time.perf_counter()
        time.sleep(IDLE_SECONDS)
        return (tui_live.cpu(shown.pid) - before) / (time.perf_counter() - begun) * 100


def say(line: str = "") -> None:
    """A line on stdout."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def verdict(name: str, holds: bool) -> str:
    """Whether a figure is met; those that are not are kept."""
    if not holds:
        missed.append(name)
    return "met" if holds else "MISSED"


def told(name: str, took: list[Took], most: float | None = None) -> None:
    """A line: median, 95 % and the worst by the clock, the median of the processor, whether the figure is met."""
    walls = sorted(each.wall for each in took)
    p95 = walls[(len(walls) * 95 - 1) // 100]
    median, cpu = statistics.median(walls), statistics.median(each.cpu for each in took)
    figures = f"median {median:7.1f} ms  p95 {p95:7.1f}  worst {walls[-1]:7.1f}"
    figures += f"  cpu {cpu:6.1f}" if cpu else ""
    figure = "" if most is None else f"   <= {most:.0f}: {verdict(name, median <= most)}"
    say(f"{name:<36} {figures}{figure}")


def of_log(log: Path, wanted: Callable[[str], bool], rounds: int) -> None:
    """The lanes in which nobody writes. The figures of filters hold up to a million calls, the others for all."""
    with opened(log) as found:
        calls = extent(found)[1]
    say(f"\n{log.name}  ({calls:,} calls, {log.stat().st_size / 1e9:.1f} GB)  load {os.getloadavg()[0]:.1f}")
    if wanted("paint"):
        told("first paint", [first_paint(log) for _ in range(rounds)], 500)
    if wanted("page"):
        cold, cached = asyncio.run(tui_screens.paging(log, PAGES))
        told("page, not read before", cold, 50)
        told("page down, read before", cached, 16)
    if wanted("filter"):
        most = 150 if calls <= 1_500_000 else None
        told("filter on a user, first rows", asyncio.run(tui_screens.filtering(log, rounds)), most)
    if wanted("analytics"):
        for window, (first, whole) in asyncio.run(tui_screens.analytics(log, rounds)).items():
            told(f"analytics, {window}, first figures", first)
            told(f"analytics, {window}, all", whole, 300)
    if wanted("idle"):
        for screen in ("requests", "analytics"):
            share = idle(log, screen)
            say(f"{'idle, ' + screen:<36} {share:.2f} % of a core   <= 1: {verdict('idle', share < IDLE_FIGURE)}")


def with_engine(log: Path, wanted: Callable[[str], bool], rounds: int, seconds: float) -> None:
    """The lanes in which calls come."""
    with (
        tempfile.TemporaryDirectory(prefix="helicli-bench-") as folder,
        tui_live.live(log, Path(folder)) as engine,
    ):
        say(f"\n{log.name} with an engine and {tui_live.RATE:,} calls a second  load {os.getloadavg()[0]:.1f}")
        if wanted("idle"):
            share = idle(engine.log, "requests")
            say(f"{'idle, an engine beside it':<36} {share:.2f} % of a core   <= 1: {verdict('idle', share < 1)}")
        if wanted("keys"):
            rows, pages, came = tui_live.keys(engine, 120)
            say(f"{came:,.0f} calls a second came while keys were pressed")
            told("a row on, until it is on the terminal", rows, 50)
            told("a page on, until it is on the terminal", pages, 50)
        if wanted("callers"):
            _callers(tui_live.callers(engine, rounds, seconds))


def _callers(seen: dict[str, list[tui_live.Round]]) -> None:
    for name, each in seen.items():
        for told in each:
            screen = f"{told.cpu:5.1f} % of a core, {told.written / 1000:5.1f} KB/s" if name else ""
            figures = f"p50 {told.p50:8.2f} ms  p95 {told.p95:8.2f}  p99 {told.p99:8.2f}  {told.came:5.0f} came/s"
            say(f"callers, {name or 'no screen':<27} {figures}  {screen}")
    slow = [told for told in seen[""] if told.came < 0.9 * tui_live.RATE or told.p50 > _BUSY_MS]
    if slow:
        raise NothingMeasuredError("the machine is too busy for the calls alone, so what a screen adds is not seen")
    # Rounds without a screen differ too: what moves less than they do has not moved.
    for percent in ("p50", "p99"):
        alone = [getattr(told, percent) for told in seen[""]]
        for name in ("requests", "analytics"):
            median = statistics.median(getattr(told, percent) for told in seen[name])
            figure = f"{percent} with {name}: {median:.2f} ms, without {min(alone):.2f} to {max(alone):.2f}"
            say(f"{'':<36} {figure}   does not move: {verdict('callers', median <= max(alone))}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", type=Path, help="logs of the demo, such as 1 M and 10 M calls")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=10, help="of a round of calls (default: 10)")
    parser.add_argument("--only", choices=LANES, nargs="+", default=LANES, help="these lanes")
    given = parser.parse_args()
    wanted = given.only.__contains__
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        say(f"{name:<10} {value}")
    try:
        if wanted("paint"):
            told("import textual.app, alone", [import_alone() for _ in range(given.rounds)])
        for log in given.logs:
            of_log(log, wanted, given.rounds)
        if wanted("keys") or wanted("callers"):
            with_engine(given.logs[0], wanted, given.rounds, given.seconds)
    except NothingMeasuredError as error:
        sys.exit(f"nothing was measured: {error}")
    if missed:
        say(f"\nmissed: {', '.join(dict.fromkeys(missed))}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
