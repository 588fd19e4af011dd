"""Which cells answer a question, and which rows must be read besides.

Owns the rule that an answer is the same whether cells gave it or rows: cells cover whole windows up to the mark; the
edges of the window, the days without cells and everything after the mark are rows. Cells of hours count as of their
middle: the calls of them that lie in another day by somebody's clock are rows too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.filters import Filter
from helicli.grouping import By, begin
from helicli.query.reading import Log
from helicli.query.where import Parameters, where
from helicli.store.cell_mark import mark
from helicli.store.dimensions import DAY_MS, DIMENSIONS, QUARTER_MS, Dimension

FOREVER: Final = 1 << 62
_WHOLE: Final = ("total", "model", "status", "outcome")
"""Dimensions in which every call has a cell."""

_ALSO: Final = {
    "model": ("model", "requested_model"),
    "status": ("status", "error"),
    "prompt": ("prompt", "prompt_version"),
}
"""The columns that a check of a field may read."""


_DAY: Final = By(every="day")


class Piece(Struct, frozen=True):
    """Rows to be read: what stands after FROM, and the condition on them."""

    table: str
    condition: str
    values: Parameters
    sign: int = 1
    """-1 for rows whose cells count but which lie outside of the window."""
    moved_from: int | None = None
    """Where it is set, these rows have counted as of this instant, and must not."""
    group_at: int | None = None
    """An instant of the group of time in which all of these rows lie, where they lie in one."""


class Cover(Struct, frozen=True):
    """What answers a question. Without a dimension rows alone do. `ranges` are the windows whose cells count, and
    `is_coarse` says that no group needs them one by one where a wide cell has their sums."""

    dimension: Dimension | None
    label: str
    ranges: tuple[tuple[int, int], ...]
    pieces: tuple[Piece, ...]
    is_coarse: bool = False

    @property
    def windows(self) -> Iterator[tuple[str, int, int]]:
        """The windows of the cells whose sums count, each with its table: wide ones wherever they fit."""
        wide = self.dimension.wide_ms if self.dimension is not None and self.is_coarse else None
        for first, last in self.ranges:
            begin = end = last
            if wide:
                begin = min(-(-first // wide) * wide, last)
                end = last if last == FOREVER else max(last // wide * wide, begin)
            for table, since, until in (("cells", first, begin), ("wide_cells", begin, end), ("cells", end, last)):
                if since < until:
                    yield table, since, until

    @property
    def is_whole(self) -> bool:
        """Whether each call has a cell of this dimension."""
        return self.dimension is None or self.dimension.name in _WHOLE


def cover(db: Log, chosen: Filter, by: Sequence[By], zone: tzinfo | None = UTC, *, maxima: bool = False) -> Cover:
    """What answers a question about some calls, grouped by the clock of a zone; `maxima` says that nothing may be taken
    away, as the greatest of the rest would not be known."""
    since, until = chosen.since_ms or 0, FOREVER if chosen.until_ms is None else chosen.until_ms
    found = _dimension(chosen, by)
    upto = mark(db) if found else 0
    if found is None or not upto:
        return Cover(None, "", (), (_window(chosen),))
    dimension, label = found
    span = dimension.span_ms
    first, last = -(-since // span) * span, until // span * span
    if until == FOREVER:
        last = FOREVER
    taken = first - span
    # Where more than half of a cell is in the window, the cell counts and the rest of it is taken away.
    less = not maxima and span > QUARTER_MS and 0 <= taken < since and since - taken < span // 2
    if less and not _gaps(db, dimension, label, taken, first):
        first = taken
    if first >= last:
        return Cover(None, "", (), (_window(chosen),))
    gaps = _gaps(db, dimension, label, first, last)
    term = replace(chosen, since_ms=None, until_ms=None)
    pieces = [_after(term, upto, since, until)]
    edges = [(since, first), (last, until), *((max(gap, first), min(gap + DAY_MS, last)) for gap in gaps)]
    pieces += [_edge(term, upto, begin, end) for begin, end in edges if begin < end and end > 0]
    if first < since:
        pieces.append(replace(_edge(term, upto, first, since), sign=-1))
    ranges = tuple(_between(first, last, gaps))
    timed = [each for each in by if each.is_time]
    if not timed:
        return Cover(dimension, label, ranges, tuple(pieces), is_coarse=True)
    if not _are_days(by):
        return Cover(dimension, label, ranges, tuple(pieces))
    if span == QUARTER_MS:
        has_days = dimension.wide_ms == DAY_MS and not any(_moved(db, ranges, timed, zone, DAY_MS))
        return Cover(dimension, label, ranges, tuple(pieces), is_coarse=has_days)
    for begun, end in _moved(db, ranges, timed, zone, span):
        piece = _edge(term, upto, begun, end)
        pieces.append(replace(piece, moved_from=middle(begun, span), group_at=begun))
    return Cover(dimension, label, ranges, tuple(pieces))


def middle(at: int, length: int) -> int:
    """The instant as of which cells of such a length count."""
    return at - at % length + length // 2


def _moved(
    db: Log, ranges: Sequence[tuple[int, int]], by: Sequence[By], zone: tzinfo | None, length: int
) -> Iterator[tuple[int, int]]:
    """The stretches of windows of a length that lie in another group than the middle of the window."""
    total = "WHERE key = (SELECT id FROM cell_keys WHERE dimension = 'total')"
    oldest, newest = db.execute(
        f"SELECT (SELECT min(start) FROM cells {total}), (SELECT max(start) FROM cells {total})"
    ).fetchone()
    for first, last in ranges:
        begun = max(first, oldest)
        for start in range(begun - begun % length, min(last, newest + 1), length):
            of, end = middle(start, length), start + length
            midnight, next_midnight = (begin(_DAY, at, zone) for at in (of, end - 1))
            group = [begin(each, of, zone) for each in by]
            if midnight > start and group != [begin(each, start, zone) for each in by]:
                yield start, midnight
            if next_midnight > of and group != [begin(each, end - 1, zone) for each in by]:
                yield next_midnight, end


def _dimension(chosen: Filter, by: Sequence[By]) -> tuple[Dimension, str] | None:
    """The dimension that knows every field of the question, and the property's name; None where none does."""
    columns: set[str] = set()
    labels: set[str] = set()
    for check in chosen.checks:
        if check.field.label and check.field.name.startswith("prop."):
            labels.add(check.field.label)
        else:
            columns.update(_ALSO.get(check.field.name, (check.field.name,)))
    for each in by:
        if each.label:
            labels.add(each.label)
        elif each.column:
            columns.update(_ALSO["model"] if each.column == "model" else (each.column,))
    grains = [each.grain_ms for each in by if each.is_time]
    daily = _are_days(by)
    for dimension in DIMENSIONS:
        if dimension.span_ms > QUARTER_MS and not daily:
            continue
        if dimension.span_ms == QUARTER_MS and any(grain % QUARTER_MS for grain in grains):
            continue
        if dimension.name == "property":
            if len(labels) == 1 and not columns:
                return dimension, next(iter(labels))
        elif not labels and columns <= set(dimension.columns):
            return dimension, ""
    return None


def _are_days(by: Sequence[By]) -> bool:
    """Whether no stretch of time is shorter than a day."""
    return all(each.every in ("day", "week", "month") for each in by if each.is_time)


def _gaps(db: Log, dimension: Dimension, label: str, first: int, last: int) -> list[int]:
    """The days of a window for which the dimension has no cells."""
    rows = db.execute(
        "SELECT DISTINCT start FROM cell_gaps WHERE dimension = ? AND property IS (SELECT id FROM words WHERE word = ?)"
        " AND start + ? > ? AND start < ? ORDER BY start",
        (dimension.name, label or None, DAY_MS, first, last),
    )
    return [row[0] for row in rows]


def _between(first: int, last: int, gaps: Sequence[int]) -> Iterator[tuple[int, int]]:
    at = first
    for gap in gaps:
        if at < gap:
            yield at, gap
        at = max(at, gap + DAY_MS)
    if at < last:
        yield at, last


def _window(chosen: Filter) -> Piece:
    condition, values = where(chosen)
    return Piece("calls c", condition, values)


def _after(term: Filter, upto: int, since: int, until: int) -> Piece:
    condition, values = where(term)
    bounds = "c.seq > ? AND c.created_at >= ? AND c.created_at < ?"
    return Piece("calls c NOT INDEXED", f"{bounds} AND {condition}", [upto, since, until, *values])


def _edge(term: Filter, upto: int, begin: int, end: int) -> Piece:
    condition, values = where(term)
    bounds = "c.created_at >= ? AND c.created_at < ? AND +c.seq <= ?"
    # Of some calls the index of what they have in common, which has the time too, may lead to fewer.
    table = "calls c INDEXED BY calls_created_at" if term.term is None else "calls c"
    return Piece(table, f"{bounds} AND {condition}", [begin, end, upto, *values])
