"""Sums and histograms of calls by window of time, kept beside the calls.

Owns the tables `cells`, `wide_cells`, `cell_histograms`, `cell_keys`, `cell_gaps` and `cell_mark`. Cells are a function
of the rows up to the mark and nothing else: they are made from rows, a block at a time, and mark and cells move in one
transaction. A value of a dimension that is NULL has no cell; it is what the total has more.
"""

from __future__ import annotations

import gc
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from helicli.histogram import counted, pack, pack_each, unpack
from helicli.store.cell_mark import mark
from helicli.store.cell_rows import Folded, Key, Measured, joined
from helicli.store.dimensions import DAY_MS, DIMENSIONS, OUTCOME, SUMS, TIMES, TOGETHER

BLOCK: Final = 5_000
"""So many rows are taken into cells at once. What is written of a cell is written once a block."""

VALUES_MAX: Final = 5_000
"""A dimension with more values in a day has no cells for that day."""

LONG: Final = 16_384
"""A histogram is put at the end of what is there, until that is longer than so many bytes."""

_FEW: Final = 128
"""Times of fewer calls are not counted before they are kept."""

_BY_NAME: Final = {dimension.name: dimension for dimension in DIMENSIONS}

_SET: Final = ", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)
_ADD_SUMS: Final = (
    f"INSERT INTO {{}} (key, start, {', '.join(SUMS)}, latency_max_us, last_at)"
    f" VALUES ({', '.join('?' * (len(SUMS) + 4))}) ON CONFLICT (key, start) DO UPDATE SET {_SET},"
    " latency_max_us = max(latency_max_us, excluded.latency_max_us), last_at = max(last_at, excluded.last_at)"
)
_ADD_CELL, _ADD_WIDE = (_ADD_SUMS.format(table) for table in ("cells", "wide_cells"))
_FIND_HISTOGRAM: Final = "SELECT length(latency) FROM cell_histograms WHERE key = ? AND start = ?"
_READ_HISTOGRAM: Final = f"SELECT {', '.join(TIMES)} FROM cell_histograms WHERE key = ? AND start = ?"
_PUT_HISTOGRAM: Final = (
    f"INSERT OR REPLACE INTO cell_histograms (key, start, {', '.join(TIMES)}) VALUES (?, ?, ?, ?, ?)"
)
_ADD_HISTOGRAM: Final = (
    f"UPDATE cell_histograms SET {', '.join(f'{name} = CAST({name} || ? AS BLOB)' for name in TIMES)}"
    " WHERE key = ? AND start = ?"
)
_KEY_COLUMNS: Final = (*OUTCOME, "user", "key", "name", "prompt", "prompt_version", "property", "value")
_ADD_KEY: Final = (
    f"INSERT INTO cell_keys (code, dimension, {', '.join(_KEY_COLUMNS)})"
    f" VALUES ({', '.join('?' * (len(_KEY_COLUMNS) + 2))})"
)
_KEYS_KEPT: Final = 50_000
_DAYS_KEPT: Final = 256
_LENGTHS_KEPT: Final = 50_000

_Cell = tuple[int, int, Folded]
"""A key's number, when the cell begins, and what is added to it."""

_Day = tuple[str, object, int]
"""A dimension, the property's name, and when the day begins."""


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
        self._days: dict[_Day, set[int] | None] = {}
        self._lengths: dict[tuple[int, int], int] = {}

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
        self._lengths.clear()

    def advance(self, last: int, block: int = BLOCK) -> bool:
        """Take the next block of rows into cells, if there is a whole one up to `last`; whether there was."""
        assert block < TOGETHER
        after = self.upto
        upto = after + block
        if last < upto:
            return False
        with _uncollected():
            self._keep(self._measured(after, upto))
        self._db.execute("UPDATE cell_mark SET upto = ?", (upto,))
        self._mark = upto
        return True

    def _measured(self, after: int, upto: int) -> Measured:
        return Measured(self._db, after, upto)

    def _keep(self, measured: Measured) -> None:
        days: dict[_Day, list[tuple[Key, int, Folded]]] = {}
        for key, start, folded in measured.cells():
            label = key[1] if key[0] == "property" else None
            day = str(key[0]), label, start - start % DAY_MS
            days.setdefault(day, []).append((key, start, folded))
        kept: list[_Cell] = []
        wide: dict[tuple[int, int], list[Folded]] = {}
        for day, named in days.items():
            if self._of(day) is None:
                # What has too many values gets no number for each of them either.
                continue
            of_day = [(self._key(key), start, folded) for key, start, folded in named]
            if self._has_room(day, {number for number, _, _ in of_day}):
                kept += of_day
                wide_ms = _BY_NAME[day[0]].wide_ms
                for number, start, folded in of_day:
                    wide.setdefault((number, start - start % wide_ms), []).append(folded)
        # In the order in which they are stored, so that neighbours are found in memory.
        kept.sort(key=lambda cell: cell[:2])
        self._db.executemany(_ADD_CELL, [_row(*cell) for cell in kept])
        self._db.executemany(_ADD_WIDE, [_row(*at, joined(wide[at])) for at in sorted(wide)])
        self._keep_times(kept)

    def _keep_times(self, cells: Sequence[_Cell]) -> None:
        new: list[tuple[object, ...]] = []
        more: list[tuple[object, ...]] = []
        lengths = self._lengths
        if len(lengths) > _LENGTHS_KEPT:
            lengths.clear()
        for number, start, folded in cells:
            times = folded.latency, folded.ttft, folded.overhead
            length = lengths.get((number, start))
            if length is None:
                found = self._db.execute(_FIND_HISTOGRAM, (number, start)).fetchone()
                length = found[0] if found else 0
            if not length:
                packed = [_packed(each) for each in times]
                new.append((number, start, *packed))
            elif length < LONG:
                packed = [pack_each(each) for each in times]
                more.append((*packed, number, start))
            else:
                packed = [
                    pack(counted(each) + Counter(unpack(before)))
                    for before, each in zip(
                        self._db.execute(_READ_HISTOGRAM, (number, start)).fetchone(), times, strict=True
                    )
                ]
                new.append((number, start, *packed))
                length = 0
            lengths[number, start] = length + len(packed[0])
        self._db.executemany(_PUT_HISTOGRAM, new)
        self._db.executemany(_ADD_HISTOGRAM, more)

    def _has_room(self, day: _Day, numbers: set[int]) -> bool:
        """Whether cells of a dimension are kept for a day, these too; where there are too many values, they go.

        Wide cells that such a day lies in stay, and are never asked.
        """
        values = self._of(day)
        if values is None:
            return False
        values |= numbers
        if len(values) <= VALUES_MAX:
            return True
        for table in ("cells", "cell_histograms"):
            statement = f"DELETE FROM {table} WHERE key = ? AND start >= ? AND start < ?"
            self._db.executemany(statement, [(value, day[2], day[2] + DAY_MS) for value in values])
        self._db.execute("INSERT INTO cell_gaps VALUES (?, ?, ?)", day)
        self._days[day] = None
        return False

    def _of(self, day: _Day) -> set[int] | None:
        """The values of a dimension that have cells of a day; None where they are too many."""
        if day not in self._days:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[day] = self._values(*day)
        return self._days[day]

    def _values(self, dimension: str, label: object, day: int) -> set[int] | None:
        where = "dimension = ? AND property IS ?"
        gap = self._db.execute(f"SELECT 1 FROM cell_gaps WHERE {where} AND start = ?", (dimension, label, day))
        if gap.fetchone():
            return None
        total = "SELECT 1 FROM cells WHERE key = (SELECT id FROM cell_keys WHERE dimension = 'total')"
        if not self._db.execute(f"{total} AND start >= ? AND start < ?", (day, day + DAY_MS)).fetchone():
            # The first calls of a day: no value has a cell of it, and there may be many to ask about.
            return set()
        query = (
            f"SELECT id FROM cell_keys k WHERE {where} AND EXISTS"
            " (SELECT 1 FROM cells WHERE key = k.id AND start >= ? AND start < ?)"
        )
        return {row[0] for row in self._db.execute(query, (dimension, label, day, day + DAY_MS))}

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
        given = dict(zip(_BY_NAME[str(key[0])].columns, key[1:], strict=True))
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


def _row(number: int, start: int, folded: Folded) -> tuple[int, ...]:
    return number, start, *folded.sums, folded.latency_max, folded.last_at


def _packed(single: Sequence[int]) -> bytes:
    return pack(counted(single)) if len(single) >= _FEW else pack_each(single)
