"""The lanes of the full screen's bench with a real engine: keys while calls come, and what their callers notice of it.

Owns the engine on a copy of a log, the demo's upstream, a steady load, and a terminal that is always read. A round in
which no call came to the log is an error, never a figure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread
from typing import NamedTuple

import lanes
from tui_screens import SIZE, NothingMeasuredError, Took

from helicli.query.growth import extent
from helicli.query.reading import opened
from tests.terminal import Terminal

RATE = 1_000
"""Calls a second."""

HERE = Path(__file__).parent
_CURSOR = "▸".encode()


class Round(NamedTuple):
    """What the callers of one round saw, in milliseconds; `came` calls a second came to the log meanwhile."""

    p50: float
    p95: float
    p99: float
    came: float
    cpu: float
    written: float


class Shown:
    """The command on a terminal of its own, which a thread reads."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.pid = terminal.process.pid
        self._stopped = False
        self._came = Condition()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._stopped:
            if self.terminal._read(0.05):
                with self._came:
                    self._came.notify_all()

    @property
    def written(self) -> int:
        """How many bytes have come."""
        return len(self.terminal.seen)

    def until(self, text: bytes, since: int, seconds: float = 60) -> float:
        """How long it takes until a text has come, in milliseconds."""
        begun = time.perf_counter()
        with self._came:
            if not self._came.wait_for(lambda: self.terminal.seen.find(text, since) >= 0, seconds):
                raise NothingMeasuredError(f"{text.decode()} did not come to the terminal for {seconds:.0f} s")
        return (time.perf_counter() - begun) * 1000

    def press(self, key: str, shows: bytes) -> float:
        """How long it takes from a key until what it makes is on the terminal."""
        since = self.written
        self.terminal.type(key)
        return self.until(shows, since)

    def end(self) -> None:
        """Leave it, and the terminal."""
        self.terminal.type("\x03")
        self._stopped = True
        self._reader.join()
        self.terminal.end(60)


@contextmanager
def shown(log: Path, screen: str = "requests") -> Iterator[Shown]:
    """`helicli tui` on a terminal."""
    columns, lines = SIZE
    command = (sys.executable, "-m", "helicli", "--db", log, "tui", "--screen", screen)
    with Terminal(*command, env=environment(log.parent), columns=columns, lines=lines) as terminal:
        running = Shown(terminal)
        running.until(b"gpt-4", 0)
        yield running
        running.end()


def environment(home: Path) -> dict[str, str]:
    """That of a user without settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}


def cpu(pid: int) -> float:
    """The seconds of processor that a process has taken, to the microsecond."""
    # Ticks of a hundredth of a second are too coarse for what does next to nothing.
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


class Live:
    """An engine on a log, and the load through it."""

    def __init__(self, log: Path, address: str) -> None:
        self.log = log
        self._address = address

    @contextmanager
    def load(self, seconds: float) -> Iterator[Callable[[], dict[str, list[float] | int]]]:
        """Calls for so many seconds; what is yielded waits for the end of them and tells what their callers saw."""
        command = [sys.executable, str(HERE / "steady.py"), self._address, "--rate", str(RATE)]
        with subprocess.Popen([*command, "--seconds", str(seconds)], stdout=subprocess.PIPE) as process:
            try:
                yield lambda: json.loads(process.communicate()[0] or "{}")
            finally:
                process.kill()

    def last(self) -> int:
        """The newest call of the log."""
        with opened(self.log) as found:
            return extent(found)[1]

    def round(self, seconds: float, screen: Shown | None) -> Round:
        """Calls for a while, and the screen open meanwhile or not. Raises NothingMeasuredError."""
        before, written = self.last(), screen.written if screen else 0
        used, begun = cpu(screen.pid) if screen else 0.0, time.perf_counter()
        with self.load(seconds) as wait:
            seen = wait()
        passed = time.perf_counter() - begun
        took = sorted(seen.get("took", []))  # type: ignore[arg-type]
        if not took or seen["failed"]:
            raise NothingMeasuredError(f"{len(took)} calls were answered, {seen.get('failed', 'all')} failed")
        came = self.last() - before
        if not came:
            raise NothingMeasuredError("no call came to the log")
        p50, p95, p99 = (took[(len(took) * percent - 1) // 100] for percent in (50, 95, 99))
        used = (cpu(screen.pid) - used) / passed * 100 if screen else 0.0
        return Round(p50, p95, p99, came / passed, used, (screen.written - written) / passed if screen else 0.0)


@contextmanager
def live(log: Path, folder: Path) -> Iterator[Live]:
    """An engine on a copy of a log, the demo's upstream behind it."""
    copy, ready = folder / "helicli.db", folder / "upstream.json"
    shutil.copy(log, copy)
    command = [sys.executable, "-m", "helicli.demo.upstream", "--ready-file", str(ready)]
    with lanes.child(command, folder / "upstream.log", cwd=HERE.parents[1]) as upstream:
        address = lanes.wait_ready(upstream, ready, folder / "upstream.log")["url"]
        with lanes.helicli(folder, address) as engine:
            yield Live(copy, engine.address)


def keys(engine: Live, presses: int) -> tuple[list[Took], list[Took], float]:
    """From a key until the cursor is on the terminal: a row on, and a page on; and how many calls came a second."""
    with shown(engine.log) as screen, engine.load(presses * 0.5 + 20):
        before, begun = engine.last(), time.perf_counter()
        while engine.last() < before + RATE:
            if time.perf_counter() - begun > 60:
                raise NothingMeasuredError("no call came to the log")
            time.sleep(0.1)
        before, begun = engine.last(), time.perf_counter()
        # Away from the first row, a line is drawn only where a key has changed it, or once in five seconds its age.
        rows, pages = [], []
        for _ in range(3):
            screen.press("j", _CURSOR)
        for number in range(presses):
            # More rows are read ahead than are passed; each page is one that was not read.
            rows.append(Took(screen.press("k" if number % 20 < 10 and number >= 20 else "j", _CURSOR)))
            time.sleep(0.03)
        for _ in range(presses):
            pages.append(Took(screen.press("\x1b[6~", _CURSOR)))
            time.sleep(0.03)
        came = (engine.last() - before) / (time.perf_counter() - begun)
        if not came:
            raise NothingMeasuredError("no call came to the log while keys were pressed")
    return rows, pages, came


def callers(engine: Live, rounds: int, seconds: float) -> dict[str, list[Round]]:
    """What callers see with no screen open, with that of requests, and with analytics: turn by turn."""
    engine.round(3, None)
    seen: dict[str, list[Round]] = {"": [], "requests": [], "analytics": []}
    for _ in range(rounds):
        for name, told in seen.items():
            if not name:
                told.append(engine.round(seconds, None))
                continue
            with shown(engine.log, name) as screen:
                told.append(engine.round(seconds, screen))
    return seen
