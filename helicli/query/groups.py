"""What calls come to, in groups: their sums, and how long they took.

Owns the two statements of every such question, over cells and over rows, and the step from stored words to keys. An
answer is one state of the log. Sums are exact; percentiles come from the buckets of `histogram`, whoever held them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from functools import cache
from typing import Any, Final

from msgspec import Struct

from helicli.columns import column
from helicli.filters import Filter
from helicli.grouping import By, Value, begin
from helicli.histogram import Histogram, add, bucket, percentile
from helicli.query.cover import Cover, Piece, cover
from helicli.query.reading import Log
from helicli.query.where import where
from helicli.store.cells import FIRST, MEASURES, OVERHEAD, SUMS

Key = tuple[Value, ...]
"""What the calls of a group have in common, a value for each thing they are grouped by."""


class Totals(Struct):
    """What some calls come to. `cost_nano` leaves out the `unpriced` ones; `last_at` is the latest begin."""

    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_nano: int = 0
    unpriced: int = 0
    saved_nano: int = 0
    saved_us: int = 0
    hits: int = 0
    misses: int = 0
    latency_max_us: int = 0
    last_at: int = 0

    @property
    def read_tokens(self) -> int:
        """All tokens that were read, from the provider's cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def error_rate(self) -> float:
        """The share of calls that failed."""
        return self.errors / self.calls if self.calls else 0.0


class Times(Struct):
    """How long some calls took: histograms of latency, first token and overhead in one."""

    buckets: Histogram

    def latency(self, percent: float) -> int | None:
        """A percentile of the latency, in microseconds; None where there is no call."""
        return percentile(_part(self.buckets, 0), percent)

    def first_token(self, percent: float) -> int | None:
        """The same of the time to the first token; None where nothing was streamed."""
        return percentile(_part(self.buckets, FIRST), percent)

    def overhead(self, percent: float) -> int | None:
        """The same of what was helicli's."""
        return percentile(_part(self.buckets, OVERHEAD), percent)


_SUM_COUNT: Final = len(SUMS)
_KEY_TABLE: Final = (
    "(SELECT c.id AS seq, c.provider, c.model, c.requested_model, c.status, c.error, c.cache, c.user, c.key, c.name,"
    " c.prompt, c.prompt_version, c.value FROM cell_keys c WHERE c.dimension = ?"
    " AND (? IS NULL OR c.property = (SELECT id FROM words WHERE word = ?)){})"
)
_NOTHING: Final = " UNION ALL SELECT -1" + ", NULL" * 12
_SHADOW: Final = (
    "WITH properties (seq, name, value) AS (SELECT id, property, value FROM cell_keys WHERE dimension = 'property') "
)
"""Lets the condition of a filter, which is about `calls c`, be asked of the keys of cells."""


@contextmanager
def snapshot(db: Log) -> Iterator[None]:
    """One state of the log for several statements. A reader that stays in one holds up the writer's checkpoints."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def sums(
    db: Log,
    chosen: Filter,
    by: Sequence[By] = (),
    zone: tzinfo | None = UTC,
    *,
    known: bool = False,
    maxima: bool = False,
    only: Collection[str] = SUMS,
    rows_only: bool = False,
) -> dict[Key, Totals]:
    """The sums of each group of the chosen calls. Groups by time hold the calls that began in it.

    `known` leaves out calls that have no value in a group of labels. `latency_max_us` and `last_at` are told of groups
    whose calls cells know one by one, and of all with `maxima`. Sums that are not in `only` are 0, which is faster.
    `rows_only` is for who compares.
    """
    with snapshot(db):
        found = _covered(db, chosen, by, zone, maxima=maxima, rows_only=rows_only)
        held = _Held(db, by, zone, only)
        if found.dimension is not None:
            _cell_sums(
                db,
                chosen,
                by,
                found,
                held,
                residual=not found.is_whole and not (known and any(not each.is_time for each in by)),
            )
        for piece in found.pieces:
            _row_sums(db, by, piece, held)
        return {key: total for key, total in held.told().items() if not (known and None in key)}


def times(
    db: Log,
    chosen: Filter,
    by: Sequence[By] = (),
    zone: tzinfo | None = UTC,
    *,
    keep: Collection[Key] | None = None,
    rows_only: bool = False,
) -> dict[Key, Times]:
    """How long the calls of each group took; of the groups in `keep` only where it is given."""
    with snapshot(db):
        found = _covered(db, chosen, by, zone, maxima=False, rows_only=rows_only)
        held = _HeldTimes(db, by, zone, keep)
        if found.dimension is not None:
            _cell_times(db, chosen, by, found, held)
        for piece in found.pieces:
            _row_times(db, by, piece, held)
        return held.told()


def _covered(db: Log, chosen: Filter, by: Sequence[By], zone: tzinfo | None, *, maxima: bool, rows_only: bool) -> Cover:
    by_rows = Cover(None, "", (), (Piece("calls c", *where(chosen)),))
    if rows_only:
        return by_rows
    found = cover(db, chosen, by, day_edges=zone is UTC)
    # What is left of the total when all labels are taken away has sums, but no longest call.
    return by_rows if maxima and not found.is_whole else found


class _Held:
    """Sums by stored key, folded into groups as they come."""

    def __init__(self, db: Log, by: Sequence[By], zone: tzinfo | None, only: Collection[str] = SUMS) -> None:
        self._db = db
        self.by = by
        self.only = {"calls", *only}
        self._begin = [cache(_beginner(each, zone)) if each.is_time else None for each in by]
        self._folded: dict[tuple[Any, ...], list[int]] = {}

    def add(self, stored: Sequence[Any], at: int | None, values: Sequence[int], sign: int = 1) -> None:
        """Add sums and maxima to the group of some stored values that lies at an instant."""
        key = self.key(stored, at)
        known = self._folded.get(key)
        if known is None:
            known = self._folded[key] = [0] * (_SUM_COUNT + 2)
        for index in range(_SUM_COUNT):
            known[index] += sign * values[index]
        if sign > 0:
            for index in (_SUM_COUNT, _SUM_COUNT + 1):
                known[index] = max(known[index], values[index])

    def key(self, stored: Sequence[Any], at: int | None) -> tuple[Any, ...]:
        """The group, its words as they are stored."""
        given = iter(stored)
        key: list[Any] = []
        for each, beginning in zip(self.by, self._begin, strict=True):
            if beginning is not None:
                assert at is not None
                key.append(beginning(at))
            elif each.column == "model":
                key.append((next(given), next(given)))
            else:
                key.append(next(given))
        return tuple(key)

    def told(self) -> dict[Key, Totals]:
        """The groups that hold calls."""
        found: dict[Key, Totals] = {}
        with_calls = {key: values for key, values in self._folded.items() if values[0]}
        for key, told in zip(with_calls, readable(self._db, self.by, with_calls), strict=True):
            total = Totals(*with_calls[key])
            known = found.get(told)
            found[told] = _joined(known, total) if known else total
        return found


class _HeldTimes:
    """The same for histograms."""

    def __init__(self, db: Log, by: Sequence[By], zone: tzinfo | None, keep: Collection[Key] | None) -> None:
        self._db = db
        self._keys = _Held(db, by, zone)
        self._by = by
        self._keep = keep
        self._folded: dict[tuple[Any, ...], Histogram] = {}
        self._wanted: dict[tuple[Any, ...], bool] = {}

    def of(self, stored: Sequence[Any], at: int | None) -> Histogram | None:
        """The histogram of a group; None for one that nobody asked for."""
        key = self._keys.key(stored, at)
        known = self._folded.get(key)
        if known is None and self.wants(key):
            known = self._folded[key] = {}
        return known

    def wants(self, key: tuple[Any, ...]) -> bool:
        """Whether a group was asked for."""
        if self._keep is None:
            return True
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._wanted[key] = readable(self._db, self._by, [key])[0] in self._keep
        return wanted

    def told(self) -> dict[Key, Times]:
        found: dict[Key, Times] = {}
        for key, told in zip(self._folded, readable(self._db, self._by, self._folded), strict=True):
            counts = {number: count for number, count in self._folded[key].items() if count}
            known = found.setdefault(told, Times({})).buckets
            for number, count in counts.items():
                known[number] = known.get(number, 0) + count
        return {key: value for key, value in found.items() if value.buckets}


def _cell_sums(db: Log, chosen: Filter, by: Sequence[By], found: Cover, held: _Held, *, residual: bool) -> None:
    timed = any(each.is_time for each in by)
    columns = _key_columns(by)
    statement, values = _keys(chosen, found)
    summed = ", ".join(
        [*(f"sum(x.{name})" if name in held.only else "0" for name in SUMS), "max(x.latency_max_us)", "max(x.last_at)"]
    )
    plain = ", ".join([*(f"x.{name}" if name in held.only else "0" for name in SUMS), "x.latency_max_us", "x.last_at"])
    query = (
        f"{statement} SELECT k.chosen, {''.join(f'k.{name}, ' for name in columns)}"
        f"{'x.start' if timed else 'NULL'}, {plain if timed else summed}"
        f" FROM chosen k CROSS JOIN cells x ON x.key = k.seq AND x.start >= ? AND x.start < ?"
        + (" WHERE k.chosen" if not residual else "")
        + (" GROUP BY k.seq" if not timed else "")
    )
    wants_rest = residual and _takes_nothing(db, chosen, found)
    nothing = [None] * len(columns)
    for first, last in found.ranges:
        for row in db.execute(query, [*values, first, last]):
            stored, at, measures = row[1 : 1 + len(columns)], row[1 + len(columns)], row[2 + len(columns) :]
            if row[0]:
                held.add(stored, at, measures)
            if wants_rest:
                held.add(nothing, at, measures, -1)
        if wants_rest:
            for at, *measures in db.execute(
                f"SELECT {'x.start' if timed else 'NULL'}, {plain if timed else summed} FROM cells x"
                " WHERE x.key = (SELECT id FROM cell_keys WHERE dimension = 'total') AND x.start >= ? AND x.start < ?"
                + ("" if timed else " HAVING count(*)"),
                (first, last),
            ):
                held.add(nothing, at, [*measures[:_SUM_COUNT], 0, 0])


def _cell_times(db: Log, chosen: Filter, by: Sequence[By], found: Cover, held: _HeldTimes) -> None:
    columns = _key_columns(by)
    statement, values = _keys(chosen, found)
    keys = db.execute(f"{statement} SELECT seq, chosen, {', '.join(columns) or 'NULL'} FROM chosen", values).fetchall()
    rest = not found.is_whole and _takes_nothing(db, chosen, found)
    nothing = [None] * len(columns)
    timed = any(each.is_time for each in by)
    if rest and not timed:
        rest = held.wants(held._keys.key(nothing, None))
    whole = db.execute("SELECT id FROM cell_keys WHERE dimension = 'total'").fetchone()
    query = "SELECT start, data FROM cell_histograms WHERE key = ? AND start >= ? AND start < ?"
    for first, last in found.ranges:
        for number, wanted, *stored in keys:
            stored = stored[: len(columns)]
            if not rest and (not wanted or (not timed and held.of(stored, None) is None)):
                continue
            for at, data in _packed(db, query, (number, first, last), timed=timed):
                if wanted and (counts := held.of(stored, at)) is not None:
                    add(counts, data)
                if rest and (counts := held.of(nothing, at)) is not None:
                    _take(counts, data)
        if rest and whole:
            for at, data in _packed(db, query, (whole[0], first, last), timed=timed):
                if (counts := held.of(nothing, at)) is not None:
                    add(counts, data)


def _packed(db: Log, query: str, values: tuple[int, int, int], *, timed: bool) -> Iterator[tuple[int, bytes]]:
    """Histograms with their begin; in one piece, which is faster to add, where the begin does not matter."""
    rows = db.execute(query, values)
    if timed:
        yield from rows
    elif joined := b"".join(row[1] for row in rows):
        yield values[1], joined


def _row_sums(db: Log, by: Sequence[By], piece: Piece, held: _Held) -> None:
    columns, joins, labels = _row_columns(by)
    grain = _grain(by)
    at = f"c.created_at / {grain} * {grain}" if grain else "NULL"
    summed = [f"sum({measure})" if name in held.only else "0" for name, measure in zip(SUMS, MEASURES, strict=True)]
    groups = ", ".join(str(number) for number in range(1, len(columns) + 1 + bool(grain)))
    query = (
        f"SELECT {''.join(f'{name}, ' for name in columns)}{at}, {', '.join(summed)}, max(c.latency_us),"
        f" max(c.created_at) FROM {piece.table}{joins} WHERE {piece.condition}"
        + (f" GROUP BY {groups}" if groups else " HAVING count(*)")
    )
    width = len(columns)
    for row in db.execute(query, [*labels, *piece.values]):
        held.add(row[:width], row[width], row[width + 1 :], piece.sign)


def _row_times(db: Log, by: Sequence[By], piece: Piece, held: _HeldTimes) -> None:
    columns, joins, labels = _row_columns(by)
    grain = _grain(by)
    at = f"c.created_at / {grain} * {grain}" if grain else "NULL"
    query = (
        f"SELECT {''.join(f'{name}, ' for name in columns)}{at}, c.latency_us, c.ttft_us, c.overhead_us"
        f" FROM {piece.table}{joins} WHERE {piece.condition}"
    )
    width = len(columns)
    for row in db.execute(query, [*labels, *piece.values]):
        counts = held.of(row[:width], row[width])
        if counts is None:
            continue
        for shift, took in zip((0, FIRST, OVERHEAD), row[width + 1 :], strict=True):
            if took is not None:
                number = shift + bucket(took)
                counts[number] = counts.get(number, 0) + piece.sign


def _keys(chosen: Filter, found: Cover) -> tuple[str, list[Any]]:
    """The keys of a dimension as the table `chosen`, and which of them the filter chooses."""
    dimension = found.dimension
    assert dimension is not None
    condition, values = where(_untimed(chosen))
    label = found.label or None
    table = _KEY_TABLE.format("")
    return (
        f"{_SHADOW[:-1]}, chosen AS MATERIALIZED (SELECT c.*, ({condition}) IS TRUE AS chosen FROM {table} c)",
        [*values, dimension.name, label, label],
    )


def _takes_nothing(db: Log, chosen: Filter, found: Cover) -> bool:
    """Whether a filter chooses calls that have no value in the dimension."""
    assert found.dimension is not None
    condition, values = where(_untimed(chosen))
    names = ("seq", *_KEY_NAMES)
    nothing = ", ".join(f"{-1 if name == 'seq' else 'NULL'} AS {name}" for name in names)
    row = db.execute(f"{_SHADOW} SELECT 1 FROM (SELECT {nothing}) c WHERE {condition}", values).fetchone()
    return row is not None


_KEY_NAMES: Final = (
    *("provider", "model", "requested_model", "status", "error", "cache", "user", "key", "name"),
    *("prompt", "prompt_version", "value"),
)


def _untimed(chosen: Filter) -> Filter:
    return Filter(term=chosen.term)


def _key_columns(by: Sequence[By]) -> list[str]:
    """The columns of a cell's key that make the group."""
    found: list[str] = []
    for each in by:
        if each.label:
            found.append("value")
        elif each.column == "model":
            found += ["requested_model", "model"]
        elif each.column:
            found.append(each.column)
    return found


def _row_columns(by: Sequence[By]) -> tuple[list[str], str, list[str]]:
    """The columns of a row that make the group, the joins they need, and the names of properties."""
    found: list[str] = []
    joins, labels = "", []
    for number, each in enumerate(by):
        if each.label:
            found.append(f"p{number}.value")
            joins += (
                f" LEFT JOIN properties p{number} ON p{number}.seq = c.seq"
                f" AND p{number}.name = (SELECT id FROM words WHERE word = ?)"
            )
            labels.append(each.label)
        elif each.column == "model":
            found += ["c.requested_model", "c.model"]
        elif each.column:
            found.append(f"c.{column(each.column).field}")
    return found, joins, labels


def _grain(by: Sequence[By]) -> int | None:
    grains = [each.grain_ms for each in by if each.is_time]
    return min(grains) if grains else None


def _beginner(each: By, zone: tzinfo | None) -> Callable[[int], int]:
    return lambda at: begin(each, at, zone)


def readable(db: Log, by: Sequence[By], keys: Iterable[tuple[Any, ...]]) -> list[Key]:
    """Groups with their words as text."""
    keys = list(keys)
    as_words = [bool(each.label) or (bool(each.column) and _is_word(each.column)) for each in by]
    numbers = {
        number
        for key in keys
        for value, is_word in zip(key, as_words, strict=True)
        if is_word
        for number in (value if isinstance(value, tuple) else (value,))
        if number is not None
    }
    words: dict[int, str] = {}
    several = list(numbers)
    for at in range(0, len(several), 500):
        some = several[at : at + 500]
        marks = ", ".join("?" * len(some))
        words.update(db.execute(f"SELECT id, word FROM words WHERE id IN ({marks})", some).fetchall())
    return [
        tuple(_text(value, words) if is_word else value for value, is_word in zip(key, as_words, strict=True))
        for key in keys
    ]


def _text(value: Any, words: dict[int, str]) -> str | None:
    if isinstance(value, tuple):
        # Lists show the shorter of the name that was asked for and the name that answered.
        names = [words[number] for number in value if number is not None]
        return min(names, key=len) if names else None
    return None if value is None else words[value]


def _is_word(name: str) -> bool:
    return column(name).kind.value == "word"


def added_up(totals: Iterable[Totals]) -> Totals:
    """What several groups come to together."""
    whole = Totals()
    for total in totals:
        whole = _joined(whole, total)
    return whole


def _joined(one: Totals, other: Totals) -> Totals:
    added = {name: getattr(one, name) + getattr(other, name) for name in SUMS}
    longest, latest = max(one.latency_max_us, other.latency_max_us), max(one.last_at, other.last_at)
    return Totals(**added, latency_max_us=longest, last_at=latest)


def _part(buckets: Histogram, shift: int) -> Histogram:
    return {number - shift: count for number, count in buckets.items() if shift <= number < shift + FIRST}


def _take(counts: Histogram, packed: bytes) -> None:
    other: Histogram = {}
    add(other, packed)
    for number, count in other.items():
        counts[number] = counts.get(number, 0) - count
