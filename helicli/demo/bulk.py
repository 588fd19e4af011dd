"""A large log of made-up calls: ninety days of traffic of a company with many users.

Owns its shape over time, its users and its labels; the calls are those of `samples`. The same number of calls, seed and
last instant give the same log. A file gets its name when it is finished, so that none is ever half a log.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from helicli import paths
from helicli.demo.cells_child import Taker
from helicli.demo.samples import finished
from helicli.engine.lock import Lock
from helicli.errors import DatabaseError, NotFoundError
from helicli.query.file import span
from helicli.query.reading import opened
from helicli.store.bulk import QUARTER_MS, Bulk, Label, Slot

DAYS: Final = 90
USERS: Final = 2_000
_MODELS: Final = 997
"""Calls that the others are copies of. A prime, so that they come in another order each time."""

TOGETHER: Final = 500_000
"""From so many calls on, a second process takes them into cells while this one writes."""

_FIRST: Final = 1_003
"""Calls before those, which make the dictionary that all others are packed with."""

LABELS: Final = (
    Label("environment", ("production", "production", "production", "staging", "development"), 100),
    Label(
        "feature",
        ("customer_support", "search", "writing", "summarise", "translate", "classify", "review", "plan"),
        100,
    ),
    Label("version", ("v2.0.3", "v2.1.0", "v2.1.1", "v2.2.0-rc1"), 30),
    Label("region", ("eu-central", "eu-west", "us-east", "us-west", "ap-south"), 30),
    Label("tenant", tuple(f"tenant-{number:03d}" for number in range(200)), 20),
    Label("experiment", ("control", "short-prompt", "long-prompt"), 15),
)
_HOURS: Final = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 14, 13, 14, 15, 14, 12, 10, 8, 7, 6, 5, 4, 3)
"""How busy each hour of a day is, UTC."""


def build(path: Path, calls: int, seed: int, until_ms: int, progress: Callable[[float], None]) -> None:
    """Write a log of `calls` calls that end before an instant. Raises DatabaseError for a file that holds calls."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock.try_take(paths.lock_file(path))
    if lock is None:
        raise DatabaseError(f"{path} is in use by an engine", "name another file: --db demo.db")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _refuse_calls(path)
        _write(unfinished, calls, seed, until_ms, progress)
        for suffix in ("-wal", "-shm"):
            paths.beside(path, suffix).unlink(missing_ok=True)
        unfinished.replace(path)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            paths.beside(unfinished, suffix).unlink(missing_ok=True)
        lock.release()


def _write(path: Path, calls: int, seed: int, until_ms: int, progress: Callable[[float], None]) -> None:
    written = min(calls, _FIRST + _MODELS)
    slots = _slots(calls - written, until_ms)
    bulk = Bulk(path, progress)
    side = path.with_name(f"{path.name}.cells")
    taker = Taker(path, side) if calls >= TOGETHER else None
    try:
        bulk.models(list(finished(written, seed, slots[0].start_ms)), min(written, _MODELS))
        bulk.copies(slots, USERS, LABELS, taker.written if taker else None)
        if taker and taker.finish(bulk.taken):
            bulk.merge(side)
        else:
            bulk.cells()
    finally:
        if taker:
            taker.stop()
        bulk.close()
        side.unlink(missing_ok=True)


def _refuse_calls(path: Path) -> None:
    """Raise DatabaseError where a file holds calls: they may be somebody's."""
    try:
        with opened(path) as db:
            held = span(db).calls
    except NotFoundError:
        return
    if held:
        raise DatabaseError(f"{path} holds {held:,} calls already", "name a new file: --db demo.db")


def _slots(calls: int, until_ms: int) -> list[Slot]:
    """So many calls spread over the quarters of the last days, more by day than by night and at weekends."""
    last = until_ms - until_ms % QUARTER_MS
    starts = range(last - DAYS * 96 * QUARTER_MS, last, QUARTER_MS)
    weights = [_weight(start) for start in starts]
    total, before, given = sum(weights), 0, 0
    slots = []
    for start, weight in zip(starts, weights, strict=True):
        before += weight
        upto = calls * before // total
        slots.append(Slot(start, upto - given))
        given = upto
    return slots


def _weight(start_ms: int) -> int:
    quarters = start_ms // QUARTER_MS
    # 1970-01-01 was a Thursday.
    weekend = (quarters // 96 + 4) % 7 in (0, 6)
    return _HOURS[quarters // 4 % 24] * (2 if weekend else 5)
