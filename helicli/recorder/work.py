"""The recorder at work: read the journal, make rows, commit them with the position, delete what is done.

Owns the order of these steps and what must survive a death between any two. It never reads on while a batch cannot be
written: an unavailable database is only a longer journal.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from helicli import journal
from helicli.call import Exchange
from helicli.journal import Kind, Position
from helicli.rates import Rate, UserPrice
from helicli.recorder.database import Database, Item, Unavailable
from helicli.recorder.price import Prices
from helicli.recorder.quarantine import Quarantine
from helicli.recorder.rows import make_row
from helicli.recorder.running import Running, RunningCall
from helicli.recorder.segments import EndOfGeneration, Entry, Segments
from helicli.store.calls import NewCall
from helicli.store.position import Reached

BATCH_BYTES: Final = 2 * 1024 * 1024
_UNREADABLE: Final = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError, OSError)
_DECODERS: Final[Mapping[int, Callable[[bytes], Item]]] = {
    Kind.CLEAR: journal.clear_decoder.decode,
    Kind.SCORE: journal.score_decoder.decode,
}
"""Records that belong to no call."""

CARRY_BYTES: Final = 4 * journal.SEGMENT_BYTES
"""How far the oldest running call may lie back before its records are carried forward."""


class Recorder:
    """Turns one journal into rows of one database."""

    def __init__(
        self, database: Path, directory: Path, machine: str, bodies: str = "full", prices: Iterable[UserPrice] = ()
    ) -> None:
        self._directory = directory
        self._machine = machine
        self._bodies = bodies
        self._given = tuple(prices)
        self._prices = Prices({}, self._given)
        self._quarantine = Quarantine(directory)
        self._database = Database(database)
        self._segments: Segments | None = None
        self._running: Running | None = None
        self._reached = Reached()
        self._rows: list[Item] = []
        self._unsaved = False
        self.rows_written = 0
        self.state = "starting"
        self.message = ""

    def step(self) -> bool:
        """Take one batch from journal to rows; False where there was nothing to do or the database is unavailable."""
        try:
            self._start()
            if not self._rows:
                self._read()
            worked = self._commit()
        except Unavailable as error:
            self.state, self.message = error.state, str(error)
            return False
        self.state, self.message = "ok", ""
        return worked

    def finish(self) -> bool:
        """Take one more batch; True once the proxy is gone and the journal is empty and deleted."""
        gone = not proxy_lives(self._directory)
        if self.step() or self.state != "ok" or not gone or self._segments is None:
            return False
        try:
            self._database.write((), self._reached, durable=True)
        except Unavailable as error:
            self.state, self.message = error.state, str(error)
            return False
        self._segments.remove_all()
        self._segments.remove_carries(None)
        return True

    def sync(self) -> None:
        """Force the open segment to the disk (`batch` durability: once a second)."""
        if self._segments is not None:
            self._segments.sync()

    def waiting_bytes(self) -> int:
        """Bytes in the journal that have no rows yet."""
        return self._segments.waiting_bytes(self._reached.high) if self._segments is not None else 0

    @property
    def high(self) -> Position:
        """All ends before it have rows."""
        return self._reached.high

    @property
    def bad_records(self) -> int:
        """Records stepped over since this recorder began, and calls put aside."""
        return (self._segments.bad_records if self._segments else 0) + self._quarantine.count()

    @property
    def last_rate(self) -> int:
        """The id of the newest rate that is stored: it changes when there are new ones."""
        return self._database.last_rate

    def change(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Make a change that a command asked for. Raises Unavailable, and what `change` raises."""
        self._database.change(change)

    def rates_of(self, provider: str, model: str) -> tuple[Rate, ...]:
        """All rates of a model, none where it has no price."""
        return self._prices.look_up(provider, model)

    def close(self) -> None:
        """Close files and database."""
        if self._segments is not None:
            self._segments.close()
        self._database.close()

    def _start(self) -> None:
        if self._segments is not None:
            return
        self._reached = self._database.reached()
        self._prices = Prices(self._database.rates(), self._given)
        self._segments = Segments(self._directory, self._reached.low)
        self._running = Running(self._segments, self._reached.low.generation)
        if self._reached.carry:
            self._running.load(self._reached.carry, self._reached.low)

    def _read(self) -> None:
        # Asked before reading: what a dead proxy has written is all there.
        gone = not proxy_lives(self._directory)
        if self._read_entries() or not gone or self._segments is None:
            return
        if self._segments.step_over():
            self._unsaved = True
        elif self._running is not None:
            self._give_up(self._running)

    def _read_entries(self) -> int:
        """How many entries were read."""
        assert self._segments is not None
        count = 0
        for count, entry in enumerate(self._segments.read(BATCH_BYTES), 1):  # noqa: B007
            if isinstance(entry, EndOfGeneration):
                if self._running is not None:
                    self._give_up(self._running)
                self._running = None
            else:
                self._take(entry)
        return count

    def _take(self, entry: Entry) -> None:
        if self._running is None or self._running.generation != entry.at.generation:
            assert self._segments is not None
            self._running = Running(self._segments, entry.at.generation)
        running, record = self._running, entry.record
        self._unsaved = True
        try:
            call = running.add(entry.at, record)
        except _UNREADABLE:
            self._quarantine.put_aside(entry.at, [record.payload])
            return
        if record.kind in _DECODERS and entry.at >= self._reached.high:
            self._take_alone(entry)
        if record.kind != Kind.END or call is None:
            return
        if entry.at >= self._reached.high:
            self._make_row(
                entry.at,
                call,
                lambda: running.finish(call, journal.end_decoder.decode(record.payload)),
                record.payload,
            )
        running.drop(record.call)

    def _take_alone(self, entry: Entry) -> None:
        """Take what belongs to no call in its place between the calls before and after."""
        try:
            self._rows.append(_DECODERS[entry.record.kind](entry.record.payload))
        except _UNREADABLE:
            self._quarantine.put_aside(entry.at, [entry.record.payload])

    def _make_row(self, at: Position, call: RunningCall, exchange: Callable[[], Exchange], *end: bytes) -> None:
        if self._quarantine.enter(at):
            try:
                self._rows.append(make_row(exchange(), self._prices, self._machine, self._bodies))
                return
            except _UNREADABLE:
                pass
        self._quarantine.put_aside(at, [journal.encode(call.begin), *end])

    def _give_up(self, running: Running) -> None:
        """Close the calls of a generation that will write no more."""
        assert self._segments is not None
        ended_at = self._segments.written_at(running.generation)
        for number, call in list(running.calls.items()):
            self._make_row(running.where(call), call, partial(running.give_up, call, ended_at))
            running.drop(number)
            self._unsaved = True

    def _commit(self) -> bool:
        segments = self._segments
        assert segments is not None
        if not self._rows and not self._unsaved:
            behind = self._database.cells_behind
            if behind or self._database.moved():
                self._database.write((), self._reached, durable=False)
            return behind
        reached = self._reach(segments.place)
        carry_changed = reached.carry != self._reached.carry
        deletes = carry_changed or reached.low[:2] != self._reached.low[:2]
        self._database.write(self._rows, reached, durable=deletes)
        self._quarantine.leave()
        self.rows_written += sum(isinstance(row, NewCall) for row in self._rows)
        self._rows = []
        self._unsaved = False
        self._reached = reached
        if deletes:
            segments.remove_before(reached.low)
        if carry_changed:
            segments.remove_carries(reached.carry)
        return True

    def _reach(self, place: Position) -> Reached:
        """The position to commit, after carrying running calls forward where they pin too much."""
        high = max(place, self._reached.high)
        running = self._running
        low = running.low() if running is not None else None
        if running is None or low is None:
            return Reached(high=high, low=place)
        pinned = (place.number - low.number) * journal.SEGMENT_BYTES
        if pinned >= CARRY_BYTES and pinned > 2 * running.record_bytes:
            # Where that fails they pin the journal a little longer.
            with suppress(OSError):
                running.carry(place)
                low = place
        # The running calls know their file; the last commit does not where it failed after they were carried.
        return Reached(high=high, low=low, carry=running.carry_name)


def proxy_lives(directory: Path) -> bool:
    """Whether a proxy is writing to this journal: it holds a lock on one file of it for its whole life."""
    try:
        fd = os.open(directory / journal.LIVE_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
