"""Groups of calls, summed up from the calls themselves.

Owns the statements over rows; what a row adds to a sum is that of `dimensions`, so that cells and rows agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from helicli.columns import column
from helicli.grouping import By
from helicli.query.cover import Piece
from helicli.query.held import Held, HeldTimes
from helicli.query.reading import Log
from helicli.store.dimensions import MEASURES, SUMS


def row_sums(db: Log, by: Sequence[By], piece: Piece, held: Held) -> None:
    columns, joins, labels = _row_columns(by)
    at = _at(by, piece)
    summed = [f"sum({measure})" if name in held.only else "0" for name, measure in zip(SUMS, MEASURES, strict=True)]
    groups = ", ".join(str(number) for number in range(1, len(columns) + 1 + (at != "NULL")))
    query = (
        f"SELECT {''.join(f'{name}, ' for name in columns)}{at}, {', '.join(summed)}, max(c.latency_us),"
        f" max(c.created_at) FROM {piece.table}{joins} WHERE {piece.condition}"
        + (f" GROUP BY {groups}" if groups else " HAVING count(*)")
    )
    width = len(columns)
    for row in db.execute(query, [*labels, *piece.values]):
        held.add(row[:width], row[width], row[width + 1 :], piece.sign)
        if piece.moved_from is not None:
            held.add(row[:width], piece.moved_from, row[width + 1 :], -1)


def row_times(db: Log, by: Sequence[By], piece: Piece, held: HeldTimes) -> None:
    columns, joins, labels = _row_columns(by)
    at = _at(by, piece)
    took = ", ".join(f"c.{name}_us" for name in held.only)
    query = (
        f"SELECT {''.join(f'{name}, ' for name in columns)}{at}, {took}"
        f" FROM {piece.table}{joins} WHERE {piece.condition}"
    )
    width = len(columns)
    for row in db.execute(query, [*labels, *piece.values]):
        held.count(row[:width], row[width], row[width + 1 :], piece.sign)
        if piece.moved_from is not None:
            held.count(row[:width], piece.moved_from, row[width + 1 :], -1)


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
            found += ["c.requested_model", "c.model", "c.fallback_index"]
        elif each.column:
            found.append(f"c.{column(each.column).field}")
    return found, joins, labels


def _at(by: Sequence[By], piece: Piece) -> str:
    """The instant that says in which group of time a row is."""
    grains = [each.grain_ms for each in by if each.is_time]
    if not grains:
        return "NULL"
    if piece.group_at is not None:
        return f"CAST({piece.group_at} AS INTEGER)"
    return f"c.created_at / {min(grains)} * {min(grains)}"
