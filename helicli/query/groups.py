"""What calls come to, in groups: their sums, and how long they took.

Owns the rule that such an answer is one state of the log, whether cells gave it or rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo

from helicli.filters import Filter
from helicli.grouping import By
from helicli.query import said
from helicli.query.by_cells import cell_sums, cell_times, leaves_rest
from helicli.query.by_rows import row_sums, row_times
from helicli.query.cover import FOREVER, Cover, Piece, cover
from helicli.query.held import Held, HeldTimes
from helicli.query.reading import Log
from helicli.query.totals import Key, Times, Totals
from helicli.query.where import where
from helicli.store.dimensions import SUMS, TIMES
from helicli.units import rfc3339


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
    with snapshot(db), said.asked(db, chosen):
        found = _covered(db, chosen, by, zone, maxima=maxima, rows_only=rows_only)
        held = Held(db, by, zone, only)
        if found.dimension is not None:
            cell_sums(
                db,
                chosen,
                by,
                found,
                held,
                residual=not found.is_whole and not (known and any(not each.is_time for each in by)),
            )
        for piece in found.pieces:
            row_sums(db, by, piece, held)
        return {key: total for key, total in held.told().items() if not (known and None in key)}


def times(
    db: Log,
    chosen: Filter,
    by: Sequence[By] = (),
    zone: tzinfo | None = UTC,
    *,
    only: Collection[str] = TIMES,
    rows_only: bool = False,
) -> dict[Key, Times]:
    """How long the calls of each group took, and to their first token, and with helicli; less than all is faster."""
    with snapshot(db), said.asked(db, chosen):
        found = _covered(db, chosen, by, zone, maxima=False, rows_only=rows_only)
        held = HeldTimes(db, by, zone, only)
        if found.dimension is not None:
            cell_times(db, chosen, by, found, held)
        for piece in found.pieces:
            row_times(db, by, piece, held)
        return held.told()


def explained(
    db: Log, chosen: Filter, by: Sequence[By] = (), zone: tzinfo | None = UTC, *, maxima: bool = False
) -> list[str]:
    """Of what the sums of these groups are made: windows of cells, and rows."""
    found = _covered(db, chosen, by, zone, maxima=maxima, rows_only=False)
    told: list[str] = []
    if found.dimension is not None:
        name = f"{found.dimension.name} {found.label}".rstrip()
        for table, first, last in found.windows:
            begin, end = rfc3339(first) if first else "the first call", "now" if last == FOREVER else rfc3339(last)
            told.append(f"{table} by {name}, from {begin} to {end}")
    moved = [piece for piece in found.pieces if piece.moved_from is not None]
    for piece in found.pieces:
        if piece in moved[1:]:
            continue
        how = "less " if piece.sign < 0 else "moved " if piece in moved else ""
        told.append(f"{how}rows of {piece.table} WHERE {piece.condition}")
        told.append(f"parameters: {', '.join(map(repr, piece.values)) or 'none'}")
    if len(moved) > 1:
        told.append(f"and so for {len(moved) - 1:,} other stretches that lie in another day by the clock of the zone")
    return told


def _covered(db: Log, chosen: Filter, by: Sequence[By], zone: tzinfo | None, *, maxima: bool, rows_only: bool) -> Cover:
    by_rows = Cover(None, "", (), (Piece("calls c", *where(chosen)),))
    if rows_only:
        return by_rows
    found = cover(db, chosen, by, zone, maxima=maxima)
    # What is left of the total when all labels are taken away has sums, but no longest call.
    return by_rows if maxima and leaves_rest(db, chosen, found) else found
