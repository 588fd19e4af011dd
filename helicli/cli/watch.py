"""What `serve` tells while it runs: the engine's news, and the calls as they are recorded.

Owns the pace: at most LINES_PER_SECOND lines, then how many there were. It reads the log like any other reader, because
only the recorder knows tokens and prices.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec

from helicli import __version__, paths
from helicli.cli import backlog
from helicli.cli.options import Invocation
from helicli.errors import DatabaseError, NotFoundError
from helicli.filters import Filter
from helicli.query import since
from helicli.query.calls import Call, last_seq
from helicli.query.follow import Follower
from helicli.query.reading import opened
from helicli.view.lines import call_line
from helicli.view.summary import summary
from helicli.view.text import cells

LINES_PER_SECOND: Final = 20
_LOOK_SECONDS: Final = 0.2


class Watch:
    """Tells a person, on stderr, how the engine fares. `clock` is for whoever drives it without waiting."""

    def __init__(
        self,
        run: Invocation,
        database: Path,
        ready_file: Path | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._run = run
        self._out = run.out
        self._database = database
        self._ready_file = ready_file
        self._start = self._newest()
        self._follower = Follower(database, Filter())
        self._reading = Lock()
        self._unshown: list[tuple[Call, str]] = []
        self._second = 0
        self._printed = 0
        self._hushed = 0
        self._ready = False

    def ready(self, health: dict[str, Any]) -> None:
        """The proxy answers."""
        if self._ready_file is not None:
            write_ready(self._ready_file, msgspec.json.encode(health))
        self._ready = True
        address = health["address"]
        where = paths.homely(str(self._database), self._run.env)
        told, log = f"helicli {__version__} · {address}", f"{where} ({self._start:,} calls)"
        fits = not self._out.err_tty or cells(f"{told} · {log}") <= self._out.width
        for line in [f"{told} · {log}"] if fits else [told, log]:
            self._out.say(line)
        if self._out.err_tty:
            self._out.say("")
            self._out.say(f"  OpenAI      OPENAI_BASE_URL={address}/openai/v1")
            self._out.say(f"  Anthropic   ANTHROPIC_BASE_URL={address}/anthropic")
            by_itself = not self._run.db and self._run.database == self._database
            here = "helicli" if by_itself else f"helicli --db {shlex.quote(str(self._database))}"
            self._out.say(f'  in a shell  eval "$({here} env)"        others: {here} providers list')
            self._out.say("")

    def notice(self, text: str) -> None:
        """Something that whoever runs the engine should know."""
        self._out.say(self._out.err_style.warn("note:") + f"  {text}")

    def draining(self, running_calls: int) -> None:
        """The engine was told to stop."""
        if running_calls:
            noun = "call" if running_calls == 1 else "calls"
            self._out.say(f"finishing {running_calls} {noun} … (^C again to stop at once)")

    def stopped(self) -> None:
        """The engine has stopped: what went through it, and what is left."""
        if self._following:
            while self._look():
                pass
            self._print()
            self._tell_hushed()
        with self._reading:
            self._follower.close()
        total = self._totals()
        if total is not None:
            self._out.say(f"done. {summary(total.calls, total.cost_nano, total.errors, total.unpriced)}")
        backlog.tell(self._out, self._database)

    async def follow(self) -> None:
        """Print each call as it is recorded; on a terminal only."""
        with suppress(DatabaseError):
            self._follower.begin(0)
        while self._following:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._ready:
                await asyncio.to_thread(self._look)
                self._print()

    @property
    def _following(self) -> bool:
        return self._out.err_tty and not self._out.quiet

    def _look(self) -> bool:
        """Read what has come, to be printed; whether anything has. May be called from any thread.

        A thread outlives the task that waited for it: what it finds is kept here, and it has the follower to itself.
        """
        with self._reading:
            try:
                found = self._follower.poll()
                said = self._follower.said(found[:LINES_PER_SECOND])
            except DatabaseError:
                return False
            self._unshown += [(call, said.get(call.seq, "")) for call in found]
            return bool(found)

    def _print(self) -> None:
        with self._reading:
            calls, self._unshown = self._unshown, []
        for call, said in calls:
            self._turn_second()
            if self._printed < LINES_PER_SECOND:
                self._printed += 1
                self._out.say(call_line(call, self._out.width, self._out.err_style, self._run.clock, said=said))
            else:
                self._hushed += 1
        self._turn_second()

    def _turn_second(self) -> None:
        second = int(self._clock())
        if second != self._second:
            self._tell_hushed()
            self._second, self._printed = second, 0

    def _tell_hushed(self) -> None:
        if self._hushed:
            self._out.say(self._out.err_style.dim(f"          … and {self._hushed:,} more"))
        self._hushed = 0

    def _newest(self) -> int:
        try:
            with opened(self._database) as log:
                return last_seq(log)
        except (NotFoundError, DatabaseError):
            return 0

    def _totals(self) -> since.Added | None:
        try:
            with opened(self._database) as log:
                return since.added(log, self._start if last_seq(log) >= self._start else 0)
        except (NotFoundError, DatabaseError):
            return None


def write_ready(path: Path, body: bytes) -> None:
    """Write a ready file whole or not at all, mode 0600."""
    unfinished = path.with_name(path.name + f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(body)
    unfinished.replace(path)
