"""Sums and histograms of calls by window of time, kept beside the calls.

Owns the tables `cells`, `wide_cells`, `cell_histograms`, `cell_keys`, `cell_gaps` and `cell_mark`. Cells are a function
of the rows up to the mark and nothing else: they are made from rows, a block at a time, and mark and cells move in one
transaction. A value of a dimension that is NULL has no cell; it is what the total has more.
"""

from __future__ import annotations

import gc
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Final

import msgspec
from msgspec import Struct

from helicli.histogram import Histogram, add, bucket, pack
from helicli.store.dimensions import DAY_MS, DIMENSIONS, FIRST, MEASURES, OVERHEAD, QUARTER_MS, SUMS

BLOCK: Final = 5_000
"""So many rows are taken into cells at once. What is written of a cell is written once a block."""

VALUES_MAX: Final = 5_000
"""A dimension with more values in a day has no cells for that day."""

_INTEGER_MAX: Final = (1 << 63) - 1
_BY_NAME: Final = {dimension.name: dimension for dimension in DIMENSIONS}

_ROWS: Final = (
    "SELECT c.seq, c.created_at, c.provider, c.model, c.requested_model, c.fallback_index, c.status, c.error, c.cache,"
    f" c.user, c.key, c.name, c.prompt, c.prompt_version, c.latency_us, c.ttft_us, c.overhead_us,"
    f" {', '.join(MEASURES[1:])}"
    " FROM calls c WHERE c.seq > ? AND c.seq <= ? ORDER BY c.seq"
)
_PROPERTIES: Final = "SELECT seq, name, value FROM properties WHERE seq > ? AND seq <= ?"
_FIND_CELL: Final = "SELECT data FROM cell_histograms WHERE key = ? AND start = ?"
_ADD_SUMS: Final = (
    f"INSERT INTO {{}} (key, start, {', '.join(SUMS)}, latency_max_us, last_at)"
    f" VALUES ({', '.join('?' * (len(SUMS) + 4))}) ON CONFLICT (key, start) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)
    + ", latency_max_us = max(latency_max_us, excluded.latency_max_us), last_at = max(last_at, excluded.last_at)"
)
_ADD_CELL, _ADD_WIDE = (_ADD_SUMS.format(table) for table in ("cells", "wide_cells"))
_PUT_HISTOGRAM: Final = "INSERT OR REPLACE INTO cell_histograms (key, start, data) VALUES (?, ?, ?)"
_KEY_COLUMNS: Final = (
    *("provider", "model", "requested_model", "fallback_index", "status", "error", "cache", "user", "key", "name"),
    *("prompt", "prompt_version", "property", "value"),
)
_ADD_KEY: Final = (
    f"INSERT INTO cell_keys (code, dimension, {', '.join(_KEY_COLUMNS)})"
    f" VALUES ({', '.join('?' * (len(_KEY_COLUMNS) + 2))})"
)
_KEYS_KEPT: Final = 50_000
_DAYS_KEPT: Final = 256

Key = tuple[str, int | None, *tuple[int | None, ...]]
"""A dimension's name and the values of its columns."""

_Measures = tuple[int, ...]
Measured = dict[tuple[tuple[object, ...], int], list[_Measures]]
"""What calls add, by the finest cells they fall into."""


class Folded(Struct):
    """What some calls come to: SUMS, the longest latency, the latest begin, and the three histograms in one."""

    sums: list[int]
    latency_max: int
    last_at: int
    buckets: Counter[int]

    def add(self, other: Folded) -> None:
        """Add what other calls come to."""
        self.sums = [a + b for a, b in zip(self.sums, other.sums, strict=True)]
        self.latency_max = max(self.latency_max, other.latency_max)
        self.last_at = max(self.last_at, other.last_at)
        self.buckets.update(other.buckets)


def mark(db: sqlite3.Connection) -> int:
    """The `seq` up to which calls are in cells."""
    return int(db.execute("SELECT upto FROM cell_mark").fetchone()[0])


def last_seq(db: sqlite3.Connection) -> int:
    """The `seq` of the newest call, 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0])


def clear(db: sqlite3.Connection) -> None:
    """Drop all cells; they are made again from the rows."""
    for table in ("cells", "wide_cells", "cell_histograms", "cell_keys", "cell_gaps"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE cell_mark SET upto = 0")


class CellWriter:
    """Takes rows into cells through the one writing connection; the caller owns the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._mark: int | None = None
        self._keys: dict[Key, int] = {}
        self._days: dict[tuple[str, int | None, int], set[int] | None] = {}

    @property
    def upto(self) -> int:
        """The mark."""
        if self._mark is None:
            self._mark = mark(self._db)
        return self._mark

    def forget(self) -> None:
        """Drop what is remembered: it may have been written in a transaction that was undone."""
        self._mark = None
        self._keys.clear()
        self._days.clear()

    def advance(self, last: int, block: int = BLOCK) -> bool:
        """Take the next block of rows into cells, if there is a whole one up to `last`; whether there was."""
        after = self.upto
        upto = after + block
        if last < upto:
            return False
        with _uncollected():
            self._take(after, upto)
        self._db.execute("UPDATE cell_mark SET upto = ?", (upto,))
        self._mark = upto
        return True

    def _take(self, after: int, upto: int) -> None:
        cells: dict[tuple[Key, int], Folded] = {}
        for (key, start), measures in self._measured(after, upto).items():
            folded = _fold(measures)
            for part in _parts(key):
                known = cells.get((part, start))
                if known is None:
                    cells[part, start] = Folded(folded.sums, folded.latency_max, folded.last_at, folded.buckets.copy())
                else:
                    known.add(folded)
        for (key, start), folded in cells.items():
            self._keep(key, start, folded)

    def _measured(self, after: int, upto: int) -> Measured:
        """The rows by the finest cells they fall into: one for what has quarters, one for each label."""
        found: Measured = {}
        labels: dict[int, list[tuple[object, ...]]] = {}
        for seq, name, value in self._db.execute(_PROPERTIES, (after, upto)):
            labels.setdefault(seq, []).append(("property", name, value, None))
        none: list[tuple[object, ...]] = []
        for row in self._db.execute(_ROWS, (after, upto)):
            seq, created_at = row[:2]
            user, key, name, prompt, version, latency, ttft, overhead = row[9:17]
            measures = (
                *row[17:],
                latency,
                created_at,
                bucket(latency),
                -1 if ttft is None else FIRST + bucket(ttft),
                -1 if overhead is None else OVERHEAD + bucket(overhead),
            )
            found.setdefault((row[2:9], created_at - created_at % QUARTER_MS), []).append(measures)
            day = created_at - created_at % DAY_MS
            if user is not None:
                found.setdefault((("user", user, None, None), day), []).append(measures)
            if key is not None:
                found.setdefault((("key", key, None, None), day), []).append(measures)
            if name is not None:
                found.setdefault((("name", name, None, None), day), []).append(measures)
            if prompt is not None:
                found.setdefault((("prompt", prompt, version, None), day), []).append(measures)
            for label in labels.get(seq, none):
                found.setdefault((label, day), []).append(measures)
        return found

    def _keep(self, key: Key, start: int, folded: Folded) -> None:
        number = self._key(key)
        if not self._has_room(key, number, start):
            return
        row = self._db.execute(_FIND_CELL, (number, start)).fetchone()
        buckets: Histogram = folded.buckets
        if row is not None:
            add(buckets, row[0])
        sums = (*(min(value, _INTEGER_MAX) for value in folded.sums), folded.latency_max, folded.last_at)
        self._db.execute(_ADD_CELL, (number, start, *sums))
        self._db.execute(_ADD_WIDE, (number, start - start % _BY_NAME[key[0]].wide_ms, *sums))
        self._db.execute(_PUT_HISTOGRAM, (number, start, pack(buckets)))

    def _has_room(self, key: Key, number: int, start: int) -> bool:
        """Whether cells of this dimension are kept for that day; where it has too many values, they go.

        Wide cells that such a day lies in stay, and are never asked.
        """
        dimension, first = key[0], key[1]
        property_name = first if dimension == "property" else None
        day = dimension, property_name, start - start % DAY_MS
        if day not in self._days:
            self._days[day] = self._values(*day)
        values = self._days[day]
        if values is None:
            return False
        values.add(number)
        if len(values) <= VALUES_MAX:
            return True
        for table in ("cells", "cell_histograms"):
            statement = f"DELETE FROM {table} WHERE key = ? AND start >= ? AND start < ?"
            self._db.executemany(statement, [(value, day[2], day[2] + DAY_MS) for value in values])
        self._db.execute("INSERT INTO cell_gaps VALUES (?, ?, ?)", day)
        self._days[day] = None
        return False

    def _values(self, dimension: str, property_name: int | None, day: int) -> set[int] | None:
        if len(self._days) >= _DAYS_KEPT:
            self._days.clear()
        where = "dimension = ? AND property IS ?"
        gap = self._db.execute(f"SELECT 1 FROM cell_gaps WHERE {where} AND start = ?", (dimension, property_name, day))
        if gap.fetchone():
            return None
        query = (
            f"SELECT id FROM cell_keys k WHERE {where} AND EXISTS"
            " (SELECT 1 FROM cells WHERE key = k.id AND start >= ? AND start < ?)"
        )
        return {row[0] for row in self._db.execute(query, (dimension, property_name, day, day + DAY_MS))}

    def _key(self, key: Key) -> int:
        known = self._keys.get(key)
        if known is None:
            if len(self._keys) >= _KEYS_KEPT:
                self._keys.clear()
            known = self._keys[key] = self._find_or_add(key)
        return known

    def _find_or_add(self, key: Key) -> int:
        code = msgspec.msgpack.encode(key)
        row = self._db.execute("SELECT id FROM cell_keys WHERE code = ?", (code,)).fetchone()
        if row is not None:
            return int(row[0])
        given = dict(zip(_BY_NAME[key[0]].columns, key[1:], strict=False))
        added = self._db.execute(_ADD_KEY, (code, key[0], *(given.get(name) for name in _KEY_COLUMNS))).lastrowid
        assert added is not None
        return added


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: it would look through all rows of a block again and again, and none is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _parts(key: tuple[object, ...]) -> Iterable[Key]:
    """The cells that one of the finest adds to."""
    if len(key) == 4:
        yield key  # type: ignore[misc]
        return
    provider, model, requested, fallback, status, error, cache = key
    yield "total", None, None, None
    yield "model", provider, model, requested, fallback  # type: ignore[misc]
    yield "status", status, error, None  # type: ignore[misc]
    if cache is not None:
        yield "cache", cache, None, None  # type: ignore[misc]


def _fold(measures: Sequence[_Measures]) -> Folded:
    columns = list(zip(*measures, strict=True))
    buckets = Counter(chain(*columns[-3:]))
    del buckets[-1]
    sums = [len(measures), *map(sum, columns[: len(SUMS) - 1])]
    return Folded(sums, max(columns[-5]), max(columns[-4]), buckets)
