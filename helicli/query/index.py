"""Places in a list of calls: the seqs that stand in it, and which of them is next to another.

Owns the statements that give seqs and nothing else, so that a list of any length costs only what is looked at. Never
skips with OFFSET, never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from helicli.filters import Filter
from helicli.query import said
from helicli.query.calls import Order, key_of, ordered
from helicli.query.plan import plan
from helicli.query.reading import Log
from helicli.query.search import Search
from helicli.query.where import where

MOST: Final = 1_000_000
"""So many seqs are held of a list that was found or sorted."""

_SAMPLE: Final = 20_000
"""Of so many calls it is told what is slow."""

_YOUNG: Final = 10_000
"""Of so many calls that began after an instant one ended first."""

_BESIDE: Final = 100
"""Past so many rows whose calls have gone, one that is there is looked for in ever longer steps: the log was pruned."""


def page(db: Log, chosen: Filter, high: int, limit: int) -> list[int]:
    """The newest `limit` chosen calls up to a seq. For filters that most calls fulfil: every other is looked at."""
    text, values = where(chosen)
    statement = f"SELECT c.seq FROM calls c NOT INDEXED WHERE c.seq <= ? AND {text} ORDER BY c.seq DESC LIMIT ?"
    return [row[0] for row in db.execute(statement, (high, *values, limit))]


def began(db: Log, since_ms: int) -> int:
    """A seq before which no call began at or after an instant; 0 where all did, past the newest where none did."""
    row = db.execute(
        "SELECT min(seq) FROM (SELECT seq FROM calls INDEXED BY calls_created_at WHERE created_at >= ?"
        " ORDER BY created_at LIMIT ?)",
        (since_ms, _YOUNG),
    ).fetchone()
    if row[0] is None:
        return int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM calls").fetchone()[0])
    return int(row[0])


def found(db: Log, chosen: Filter) -> Iterator[tuple[list[int], int, int]]:
    """The seqs of the chosen calls, the newest first, as they are found; with each part how far was looked, of what."""
    search = Search(db, chosen)
    held = 0
    for seqs in search.seqs(None):
        seqs = seqs[: MOST - held]
        held += len(seqs)
        yield seqs, search.looked, search.of
        if held >= MOST:
            return
    yield [], search.of, search.of


def sorted_by(db: Log, chosen: Filter, order: Order) -> list[int]:
    """The seqs of the chosen calls in an order, the first MOST of them."""
    return ordered(db, chosen, MOST, order)


def fresh(db: Log, chosen: Filter, seq: int, limit: int) -> list[int]:
    """The seqs of the chosen calls that came after one, at most `limit`, the oldest first."""
    text, values = where(chosen)
    with said.asked(db, chosen):
        statement = f"SELECT c.seq FROM calls c NOT INDEXED WHERE c.seq > ? AND {text} ORDER BY c.seq LIMIT ?"
        return [row[0] for row in db.execute(statement, (seq, *values, limit))]


def left(db: Log, since_ms: int, until_ms: int, limit: int) -> list[int]:
    """The seqs of at most `limit` calls that began between two instants, whatever they are."""
    statement = "SELECT seq FROM calls INDEXED BY calls_created_at WHERE created_at >= ? AND created_at < ? LIMIT ?"
    return [row[0] for row in db.execute(statement, (since_ms, until_ms, limit))]


def placed(db: Log, order: Order, seqs: Sequence[int], held: Sequence[int]) -> list[tuple[int, int]]:
    """Where calls that have come belong in an ordered list, all of which is older: before which row each, in order.

    What comes after MOST others is left out.
    """
    known = {seq: key[0] for seq in seqs if (key := key_of(db, order, seq)) is not None}
    come = sorted((seq for seq in known if known[seq] is not None), reverse=True)
    come.sort(key=known.__getitem__, reverse=order.down)
    come += sorted((seq for seq in known if known[seq] is None), reverse=True)
    places: list[tuple[int, int]] = []
    row = 0
    for seq in come:
        row = _row_of(db, order, known[seq], held, row)
        if row < MOST:
            places.append((row, seq))
    return places


def _row_of(db: Log, order: Order, key: Any, held: Sequence[int], low: int) -> int:
    """The first row from `low` on before which a call of a key stands that is newer than all of them."""
    high = len(held)
    while low < high:
        middle = (low + high) // 2
        at, away = middle, 0
        # What has gone since tells nothing: the nearest above it that is still there does.
        while (there := key_of(db, order, held[at])) is None and at > low:
            away = away + 1 if away < _BESIDE else away * 2
            at = max(low, middle - away)
        if there is not None and _goes_before(key, there[0], down=order.down):
            high = at
        else:
            low = middle + 1
    return low


def _goes_before(key: Any, other: Any, *, down: bool) -> bool:
    """Whether a call goes before an older one: what is not known is last, of two that are equal the newer is first."""
    if key is None or other is None:
        return other is None
    return bool(key >= other if down else key <= other)


def beside(db: Log, chosen: Filter, seq: int, *, older: bool) -> int | None:
    """The chosen call that is next to a seq, on its older side or on its newer; None where there is none."""
    with said.asked(db, chosen):
        way = plan(db, chosen)
        bounds = (-1, seq - 1) if older else (seq, 1 << 62)
        rows = db.execute(way.statement("c.seq", down=older), (*bounds, *way.values, 1)).fetchone()
    return int(rows[0]) if rows else None


def slow_ms(db: Log, chosen: Filter) -> float | None:
    """Milliseconds that 95 % of the newest chosen calls did not take longer than; None where there is no call."""
    with said.asked(db, chosen):
        way = plan(db, chosen)
        rows = db.execute(way.statement("c.latency_us"), (-1, 1 << 62, *way.values, _SAMPLE)).fetchall()
    took = sorted(row[0] for row in rows)
    return took[(len(took) * 95 - 1) // 100] / 1000 if took else None
