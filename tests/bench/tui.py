"""The bench of the full screen: first paint, paging, filters, analytics, idling, and keys while calls come.

Beside the time by the clock stands that of the processor, all threads of the process together: where others work on the
machine the first says how busy it is, the second what helicli takes. First paint and idling are measured on a terminal,
from the start of the process; the others in this process, from the key until what it asks for is drawn. The logs are
those of `helicli demo --calls N --db FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import machine
from textual import events

from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from helicli.tui.app import HelicliApp
from helicli.tui.asking import chosen
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.screens.requests import RequestsScreen
from helicli.tui.setup import Setup
from tests.query import logs
from tests.terminal import Terminal

USER = "user-0100"
SIZE = (120, 36)
_COPIED = 2_000_000_000
"""A larger log is not copied to be written to."""

COME = 1000
"""Calls a second that come while keys are pressed."""


def environment() -> dict[str, str]:
    home = tempfile.mkdtemp(prefix="helicli-bench-")
    return {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}


def shown_on_terminal(log: Path) -> Terminal:
    """The command on a terminal of its own."""
    command = (sys.executable, "-m", "helicli", "--db", log, "tui")
    return Terminal(*command, env=environment(), columns=120, lines=36)


class Took(NamedTuple):
    """Milliseconds by the clock and of the processor."""

    wall: float
    cpu: float


def first_paint(log: Path) -> Took:
    """From the start of the process until a row of calls is on the terminal."""
    begun = time.perf_counter()
    with Terminal(
        sys.executable, "-m", "helicli", "--db", log, "tui", env=environment(), columns=120, lines=36
    ) as shown:
        shown.until("gpt-4", 60)
        took = Took((time.perf_counter() - begun) * 1000, _cpu(shown.process.pid) * 1000)
        shown.type("q")
        shown.end(60)
    return took


def import_alone() -> Took:
    """What Textual itself takes to import, in a process that does nothing else."""
    begun, before = time.perf_counter(), _children()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return Took((time.perf_counter() - begun) * 1000, (_children() - before) * 1000)


def idle_cpu(log: Path, seconds: float) -> float:
    """The share of one core that it takes while nothing happens, in percent."""
    with Terminal(
        sys.executable, "-m", "helicli", "--db", log, "tui", env=environment(), columns=120, lines=36
    ) as shown:
        shown.until("gpt-4", 60)
        time.sleep(3)
        before = _cpu(shown.process.pid)
        time.sleep(seconds)
        took = _cpu(shown.process.pid) - before
        shown.type("q")
        shown.end(60)
    return took / seconds * 100


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """The app with a log, and the time until something holds."""

    def __init__(self, log: Path) -> None:
        self.setup = Setup(database=log)
        self.feed = Feed(log)
        calls = CallList(self.feed)
        calls.choose(chosen(self.setup, "", "all"))
        self.app = HelicliApp(self.setup, self.feed, calls)

    @property
    def requests(self) -> RequestsScreen:
        found = self.app._screen_stacks["requests"][0]
        assert isinstance(found, RequestsScreen)
        return found

    def drawn(self) -> bool:
        """Whether every row on the screen has its call."""
        table = self.requests.table
        top = round(table.scroll_y)
        rows = range(top, min(top + table.page, len(table.calls)))
        return bool(rows) and all(table.calls.call(row) is not None for row in rows)

    async def until(self, holds: Callable[[], bool]) -> Took:
        """How long until something holds and the screen is drawn."""
        begun, before = time.perf_counter(), time.process_time()
        while not holds():  # noqa: ASYNC110
            # So short that little of the processor goes into looking.
            await asyncio.sleep(0.0005)
        self.app.screen._compositor.render_strips()
        return Took((time.perf_counter() - begun) * 1000, (time.process_time() - before) * 1000)


async def paging(log: Path, pages: int) -> tuple[list[Took], list[Took]]:
    """Pages that were not read yet, and the same again."""
    bench = Bench(log)
    async with bench.app.run_test(size=SIZE) as pilot:
        await bench.until(lambda: "requests" in bench.app._screen_stacks and bench.drawn())
        await pilot.pause()
        cold, cached = [], []
        for _ in range(pages):
            # So far on that no page was read ahead.
            bench.requests.table.move(bench.requests.table.cursor + 5_003)
            cold.append(await bench.until(bench.drawn))
            await pilot.pause()
        bench.requests.table.move(0)
        await bench.until(bench.drawn)
        for _ in range(pages):
            bench.requests.action_page_down()
            cached.append(await bench.until(bench.drawn))
            await asyncio.sleep(0.02)
    bench.feed.close()
    return cold, cached


async def filtering(log: Path, rounds: int) -> list[Took]:
    """A filter on a user, until its first rows are there."""
    bench = Bench(log)
    took = []
    async with bench.app.run_test(size=SIZE) as pilot:
        await bench.until(lambda: "requests" in bench.app._screen_stacks and bench.drawn())
        for number in range(rounds):
            bench.requests.choose(f"user:user-{100 + number:04d}")
            took.append(await bench.until(lambda: bench.requests.calls.ready and bench.drawn()))
            await pilot.pause()
    bench.feed.close()
    return took


async def analytics(log: Path, rounds: int) -> list[Took]:
    """The figures of 24 hours, until all of them are there."""
    from helicli.tui.screens.analytics import AnalyticsScreen

    took = []
    for _ in range(rounds):
        bench = Bench(log)
        async with bench.app.run_test(size=SIZE) as pilot:
            await bench.until(lambda: "requests" in bench.app._screen_stacks and bench.drawn())  # noqa: B023
            await pilot.pause()
            bench.app.action_go_analytics()

            def there() -> bool:
                screen = bench.app.screen  # noqa: B023
                return isinstance(screen, AnalyticsScreen) and screen.is_mounted and screen.figures.course is not None

            took.append(await bench.until(there))
        bench.feed.close()
    return took


async def keys_while_calls_come(log: Path, presses: int) -> tuple[list[Took], int]:
    """From a key until the cursor has moved and the screen is drawn, while another process writes."""
    bench = Bench(log)
    took = []
    writer = subprocess.Popen([sys.executable, __file__, "--write", str(log)])  # noqa: ASYNC220
    try:
        async with bench.app.run_test(size=SIZE) as pilot:
            await bench.until(lambda: "requests" in bench.app._screen_stacks and bench.drawn())
            await asyncio.sleep(2)
            await pilot.press("j")
            begun = len(bench.requests.calls)
            for number in range(presses):
                table = bench.requests.table
                before = table.seq
                start, cpu = time.perf_counter(), time.process_time()
                bench.app.post_message(events.Key("j" if number % 40 < 30 else "k", None))
                while table.seq == before:  # noqa: ASYNC110
                    await asyncio.sleep(0.0005)
                bench.app.screen._compositor.render_strips()
                took.append(Took((time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000))
                await asyncio.sleep(0.03)
            came = len(bench.requests.calls) - begun
    finally:
        writer.kill()
        writer.wait()
        bench.feed.close()
    return took, came


def write(log: Path) -> None:
    """Append calls to a log until this process is killed, COME a second."""
    db = open_writer(log)
    writer = CallWriter(db)
    number, begun = 0, time.monotonic()
    while True:
        db.execute("BEGIN")
        for _ in range(COME // 10):
            number += 1
            new = logs.call(1, id=os.urandom(16), at=round(time.time() * 1000), user=f"user-{number % 50}")
            writer.write(new)
        db.execute("COMMIT")
        time.sleep(max(0.0, begun + number / COME - time.monotonic()))


def say(line: str) -> None:
    """A line on stdout."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def told(name: str, took: list[Took], most: float) -> None:
    """A line: median, 95 % and the worst by the clock, the median of the processor, whether the figure is met."""
    walls = sorted(each.wall for each in took)
    p95 = walls[(len(walls) * 95 - 1) // 100]
    median, cpu = statistics.median(walls), statistics.median(each.cpu for each in took)
    verdict = "met" if median <= most else "MISSED"
    figures = f"median {median:7.1f} ms  p95 {p95:7.1f}  worst {walls[-1]:7.1f}  cpu {cpu:6.1f}"
    say(f"{name:<36} {figures}   <= {most:.0f}: {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="*", type=Path, help="logs of the demo, such as 1 M and 10 M calls")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", type=Path, help="what the writing process is started with")
    given = parser.parse_args()
    if given.write:
        write(given.write)
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        say(f"{name:<10} {value}")
    say(f"load       {os.getloadavg()[0]:.1f}")
    told("import textual.app, alone", [import_alone() for _ in range(given.rounds)], 500)
    for log in given.logs:
        say(f"\n{log.name}  ({log.stat().st_size / 1e9:.1f} GB)  load {os.getloadavg()[0]:.1f}")
        told("first paint", [first_paint(log) for _ in range(given.rounds)], 500)
        cold, cached = asyncio.run(paging(log, 40))
        told("page, not read before", cold, 50)
        told("page down, read before", cached, 16)
        told("filter on a user, first rows", asyncio.run(filtering(log, given.rounds)), 150)
        told("analytics, 24 h", asyncio.run(analytics(log, given.rounds)), 300)
        say(f"{'idle':<34} {idle_cpu(log, 10):.2f} % of a core   <= 1 %")
    with tempfile.TemporaryDirectory(prefix="helicli-bench-") as folder:
        small = Path(folder) / "x.db"
        if given.logs and given.logs[0].stat().st_size < _COPIED:
            shutil.copy(given.logs[0], small)
        else:
            logs.sample(small)
        took, came = asyncio.run(keys_while_calls_come(small, 120))
        if not came:
            sys.exit("no call came, so nothing was measured: a log of another version? make it anew")
        told(f"a key while calls come ({came:,} came)", took, 50)


if __name__ == "__main__":
    main()
