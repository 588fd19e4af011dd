"""Groups of calls, summed up from cells.

Owns the statements over cells, and what calls without a value of the dimension come to: the total less all that have
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from helicli.filters import Filter
from helicli.grouping import By
from helicli.query.cover import Cover
from helicli.query.held import SUM_COUNT, Held, HeldTimes
from helicli.query.reading import Log
from helicli.query.where import where
from helicli.store.dimensions import QUARTER_MS, SUMS

_KEY_TABLE: Final = (
    "(SELECT c.id AS seq, c.provider, c.model, c.requested_model, c.fallback_index, c.status, c.error, c.cache,"
    " c.user, c.key, c.name, c.prompt, c.prompt_version, c.value FROM cell_keys c WHERE c.dimension = ?"
    " AND (? IS NULL OR c.property = (SELECT id FROM words WHERE word = ?)){})"
)
_SHADOW: Final = (
    "WITH properties (seq, name, value) AS (SELECT id, property, value FROM cell_keys WHERE dimension = 'property') "
)
"""Lets the condition of a filter, which is about `calls c`, be asked of the keys of cells."""


def cell_sums(db: Log, chosen: Filter, by: Sequence[By], found: Cover, held: Held, *, residual: bool) -> None:
    timed = any(each.is_time for each in by)
    columns = _key_columns(by)
    statement, values = _keys(chosen, found)
    summed = ", ".join(
        [*(f"sum(x.{name})" if name in held.only else "0" for name in SUMS), "max(x.latency_max_us)", "max(x.last_at)"]
    )
    plain = ", ".join([*(f"x.{name}" if name in held.only else "0" for name in SUMS), "x.latency_max_us", "x.last_at"])
    at = _at(found) if timed else "NULL"
    wants_rest = residual and leaves_rest(db, chosen, found)

    def query(table: str) -> str:
        return (
            f"{statement} SELECT k.chosen, {''.join(f'k.{name}, ' for name in columns)}"
            f"{at}, {plain if timed else summed}"
            f" FROM chosen k CROSS JOIN {table} x ON x.key = k.seq AND x.start >= ? AND x.start < ?"
            + (" WHERE k.chosen" if not wants_rest else "")
            + (" GROUP BY k.seq" if not timed else "")
        )

    nothing = [None] * len(columns)
    for table, first, last in found.windows:
        for row in db.execute(query(table), [*values, first, last]):
            stored, begun, measures = row[1 : 1 + len(columns)], row[1 + len(columns)], row[2 + len(columns) :]
            if row[0]:
                held.add(stored, begun, measures)
            if wants_rest:
                held.add(nothing, begun, measures, -1)
        if wants_rest:
            for begun, *measures in db.execute(
                f"SELECT {at}, {plain if timed else summed} FROM {table} x"
                " WHERE x.key = (SELECT id FROM cell_keys WHERE dimension = 'total') AND x.start >= ? AND x.start < ?"
                + ("" if timed else " HAVING count(*)"),
                (first, last),
            ):
                held.add(nothing, begun, [*measures[:SUM_COUNT], 0, 0])


def cell_times(db: Log, chosen: Filter, by: Sequence[By], found: Cover, held: HeldTimes) -> None:
    columns = _key_columns(by)
    statement, values = _keys(chosen, found)
    keys = db.execute(f"{statement} SELECT seq, chosen, {', '.join(columns) or 'NULL'} FROM chosen", values).fetchall()
    wants_rest = leaves_rest(db, chosen, found)
    nothing = [None] * len(columns)
    whole = db.execute("SELECT id FROM cell_keys WHERE dimension = 'total'").fetchone()
    query = (
        f"SELECT {_at(found)}, {', '.join(f'x.{name}' for name in held.only)}"
        " FROM cell_histograms x WHERE x.key = ? AND x.start >= ? AND x.start < ?"
    )
    for first, last in found.ranges:
        for number, wanted, *stored in keys:
            stored = stored[: len(columns)]
            if not wanted and not wants_rest:
                continue
            rows = db.execute(query, (number, first, last)).fetchall()
            if wanted:
                held.add(stored, rows)
            if wants_rest:
                held.add(nothing, rows, -1)
        if wants_rest and whole:
            held.add(nothing, db.execute(query, (whole[0], first, last)))


def _at(found: Cover) -> str:
    """The instant as of which a cell `x` counts."""
    span = found.dimension.span_ms if found.dimension is not None else QUARTER_MS
    return f"x.start - x.start % {span} + {span // 2}" if span > QUARTER_MS else "x.start"


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


def leaves_rest(db: Log, chosen: Filter, found: Cover) -> bool:
    """Whether a filter chooses calls that have no cell in the dimension: they are what is left of the total."""
    if found.is_whole:
        return False
    condition, values = where(_untimed(chosen))
    names = ("seq", *_KEY_NAMES)
    nothing = ", ".join(f"{-1 if name == 'seq' else 'NULL'} AS {name}" for name in names)
    row = db.execute(f"{_SHADOW} SELECT 1 FROM (SELECT {nothing}) c WHERE {condition}", values).fetchone()
    return row is not None


_KEY_NAMES: Final = (
    *("provider", "model", "requested_model", "fallback_index", "status", "error", "cache", "user", "key", "name"),
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
            found += ["requested_model", "model", "fallback_index"]
        elif each.column:
            found.append(each.column)
    return found
