"""What calls come to by the finest cells they fall into, read from their rows.

Owns the step from rows to sums: what a row adds is told by `dimensions`, and each row is looked at once. The sums of a
group stand side by side in one large integer, so that a call is added to a group by one addition.
"""

from __future__ import annotations

import sqlite3
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from msgspec import Struct

from helicli.histogram import word
from helicli.store.dimensions import OUTCOME, QUARTER_MS, RAW_MEASURES, SANE, SIX_HOURS_MS, SUMS

Key = tuple[object, ...]
"""A dimension's name and the values of its columns."""

Measure = tuple[int, int, int, int, int, int]
"""What a call adds: its sums, its latency, its begin, and the words of its times."""

_LANES: Final = struct.Struct(f"<{len(SUMS)}Q")
_INSANE: Final = int.from_bytes(_LANES.pack(*[(1 << 64) - SANE] * len(SUMS)), "little")
"""The bits that no sane measure has."""

_CHUNK: Final = 5_000
"""So many rows are read at once. Whoever writes the log waits for no longer, where it has no write-ahead log."""

_LOW: Final = (1 << 32) - 1
_LABELS: Final = ("user", "key", "name", "prompt", "prompt_version")
_ROWS: Final = (
    f"SELECT c.seq, c.created_at, {', '.join(f'c.{name}' for name in (*OUTCOME, *_LABELS))},"
    f" c.latency_us, c.ttft_us, c.overhead_us, {', '.join(RAW_MEASURES)}"
    " FROM calls c WHERE c.seq > ? AND c.seq <= ? ORDER BY c.seq"
)
_PROPERTIES: Final = "SELECT seq, name << 32 | value FROM properties WHERE seq > ? AND seq <= ?"


class Folded(Struct):
    """What some calls come to: all of SUMS in one number, the longest latency, the latest begin, and the words of
    their times."""

    lanes: int
    latency_max: int
    last_at: int
    latency: Sequence[int]
    ttft: Sequence[int]
    overhead: Sequence[int]

    @property
    def sums(self) -> tuple[int, ...]:
        """Each of SUMS."""
        return _LANES.unpack(self.lanes.to_bytes(_LANES.size, "little"))


class _SixHours:
    """The calls of six hours, by what they have in common."""

    def __init__(self) -> None:
        self.outcomes: defaultdict[tuple[int, ...], list[Measure]] = defaultdict(list)
        self.users: defaultdict[int, list[Measure]] = defaultdict(list)
        self.keys: defaultdict[int, list[Measure]] = defaultdict(list)
        self.names: defaultdict[int, list[Measure]] = defaultdict(list)
        self.prompts: defaultdict[tuple[int, int], list[Measure]] = defaultdict(list)
        self.properties: defaultdict[int, list[Measure]] = defaultdict(list)


class Measured:
    """The calls above one seq, up to another, by the finest cells they fall into. Read when it is made."""

    def __init__(self, db: sqlite3.Connection, after: int, upto: int) -> None:
        self._windows: dict[int, _SixHours] = {}
        for first in range(after, upto, _CHUNK):
            bounds = first, min(first + _CHUNK, upto)
            self._add(db.execute(_ROWS, bounds).fetchall(), db.execute(_PROPERTIES, bounds).fetchall())

    def cells(self) -> Iterator[tuple[Key, int, Folded]]:
        """What they add to each cell: its key and its begin."""
        for start, hours in self._windows.items():
            yield from _outcomes(hours, start)
            for user, measures in hours.users.items():
                yield ("user", user), start, _fold(measures)
            for key, measures in hours.keys.items():
                yield ("key", key), start, _fold(measures)
            for name, measures in hours.names.items():
                yield ("name", name), start, _fold(measures)
            for prompt, measures in hours.prompts.items():
                yield ("prompt", *prompt), start, _fold(measures)
            for label, measures in hours.properties.items():
                yield ("property", label >> 32, label & _LOW), start, _fold(measures)

    def _add(self, rows: Iterable[tuple[int, ...]], properties: Iterable[tuple[int, int]]) -> None:
        found: dict[int, tuple[Measure, _SixHours]] = {}
        lanes, number, windows = _LANES.pack, int.from_bytes, self._windows
        for row in rows:
            seq, created_at = row[:2]
            user, key, name, prompt, version, latency, ttft, overhead = row[9:17]
            try:
                sums = number(lanes(*row[17:]), "little")
            except struct.error:
                sums = _INSANE
            if sums & _INSANE:
                sums = number(lanes(*(max(0, min(each, SANE)) for each in row[17:])), "little")
            measure = (
                sums,
                latency,
                created_at,
                word(latency),
                word(ttft),
                word(overhead),
            )
            start = created_at - created_at % SIX_HOURS_MS
            hours = windows.get(start)
            if hours is None:
                hours = windows[start] = _SixHours()
            found[seq] = measure, hours
            hours.outcomes[(created_at - created_at % QUARTER_MS, *row[2:9])].append(measure)
            if user is not None:
                hours.users[user].append(measure)
            if key is not None:
                hours.keys[key].append(measure)
            if name is not None:
                hours.names[name].append(measure)
            if prompt is not None:
                hours.prompts[(prompt, version)].append(measure)
        for seq, label in properties:
            measure, hours = found[seq]
            hours.properties[label].append(measure)


def _outcomes(hours: _SixHours, start: int) -> Iterator[tuple[Key, int, Folded]]:
    """The cells of dimensions that every call has a cell of, and those of the cache."""
    several: dict[tuple[Key, int], list[Folded]] = {}
    for (quarter, *outcome), measures in hours.outcomes.items():
        folded = _fold(measures)
        provider, model, requested, fallback, status, error, cache = outcome
        keys: list[Key] = [("total",), ("model", provider, model, requested, fallback), ("status", status, error)]
        if cache is not None:
            keys.append(("cache", cache))
        for key in keys:
            several.setdefault((key, quarter), []).append(folded)
        several.setdefault((("outcome", *outcome), start), []).append(folded)
    for (key, begin), each in several.items():
        yield key, begin, joined(each)


def _fold(measures: Sequence[Measure]) -> Folded:
    """What some calls come to."""
    if len(measures) == 1:
        lanes, latency_max, last_at, latency, ttft, overhead = measures[0]
        return Folded(lanes, latency_max, last_at, (latency,), (ttft,), (overhead,))
    of_all, latencies, begins, *times = zip(*measures, strict=True)
    return Folded(sum(of_all), max(latencies), max(begins), *times)


def joined(several: Sequence[Folded]) -> Folded:
    """What several groups come to together."""
    if len(several) == 1:
        return several[0]
    times = zip(*((each.latency, each.ttft, each.overhead) for each in several), strict=True)
    return Folded(
        sum(each.lanes for each in several),
        max(each.latency_max for each in several),
        max(each.last_at for each in several),
        *(list(chain.from_iterable(each)) for each in times),
    )
