"""A question for calls, answered from the newest on.

Owns the steps in which the log is looked through: short ones, so that what is found is shown at once, that it can be
told how far it has been looked, and that it can be stopped between two. No statement is open while something is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from helicli.filters import Filter
from helicli.query import said
from helicli.query.calls import Call, by_seq, last_seq
from helicli.query.plan import Plan, oldest, plan
from helicli.query.reading import Log
from helicli.query.where import FAILED

_FIRST: Final = 5_000
_MOST: Final = 200_000
"""Steps grow from one to the other, in calls; at 3 million calls a second the last takes 70 ms."""

_SAID: Final = 200
"""The step where each call's bodies are read."""

_PAGE: Final = 200
"""So many calls are made whole at a time."""

_COUNTED: Final = 200_000
"""So many calls are looked through for a total at most."""

_SUMMED: Final = 20_000
"""So many that are found are summed at most: each is read from a place of its own."""


class Totals(Struct, frozen=True):
    """What a filter chooses, in sums. `complete` says that all of the log that is asked about was counted."""

    calls: int
    errors: int
    cost_nano: int
    unpriced: int
    complete: bool


class Search:
    """One question. `looked` calls of `of` have been looked through; `found` fulfil the filter."""

    def __init__(self, db: Log, chosen: Filter, told: Callable[[Search], None] | None = None) -> None:
        self._db = db
        self._chosen = chosen
        self._told = told
        self.plan: Plan = plan(db, chosen)
        self.last = last_seq(db)
        self._first: int | None = None
        self.looked = 0
        self.found = 0

    @property
    def of(self) -> int:
        """How many calls there are to look through."""
        return self.last - (self._first or 0)

    def newest(self, limit: int | None) -> Iterator[list[Call]]:
        """The newest `limit` calls, all of them for None, page by page, the newest first."""
        for seqs in self.seqs(limit):
            for at in range(0, len(seqs), _PAGE):
                yield by_seq(self._db, seqs[at : at + _PAGE])

    def seqs(self, limit: int | None) -> Iterator[list[int]]:
        """Their seqs, as they are found; a part may be empty, so that whoever asks can stop."""
        left = -1 if limit is None else limit
        for low, high in self._steps():
            with said.asked(self._db, self._chosen):
                rows = self._db.execute(self.plan.statement("c.seq"), (low, high, *self.plan.values, left))
                seqs = [row[0] for row in rows]
            self.looked = self.last - low
            self.found += len(seqs)
            yield seqs
            left -= len(seqs) if limit is not None else 0
            if left == 0:
                return
            if self._told is not None:
                self._told(self)

    def totals(self) -> Totals | None:
        """The sums of all that is chosen, or of the newest part that can be counted at once; None for what was said."""
        if self._chosen.needs_text:
            return None
        low = 0 if self.plan.indexed else max(0, self.last - _COUNTED)
        if low and self._chosen.since_ms:
            low = max(low, self._begin())
        columns = f"{FAILED} AS failed, c.cost_nano AS cost"
        inner = self.plan.statement(columns)
        row = self._db.execute(
            f"SELECT count(*), total(failed), total(cost), total(cost IS NULL) FROM ({inner})",
            (low, self.last, *self.plan.values, _SUMMED),
        ).fetchone()
        if row[0] >= _SUMMED:
            return Totals(int(row[0]), int(row[1]), int(row[2]), int(row[3]), False)
        complete = low == 0 or (self._chosen.since_ms is not None and low <= self._begin())
        return Totals(int(row[0]), int(row[1]), int(row[2]), int(row[3]), complete)

    def _begin(self) -> int:
        """The seq after which calls are young enough; found out when it is first needed."""
        if self._first is None:
            self._first = oldest(self._db, self._chosen)
        return self._first

    def _steps(self) -> Iterator[tuple[int, int]]:
        """Parts of the log, the newest first: above one seq, up to another."""
        if self.plan.indexed and not self._chosen.needs_text:
            yield 0, self.last
            return
        size = _SAID if self._chosen.needs_text else _FIRST
        high, first = self.last, 0
        while high > first:
            if self.last - high >= _MOST:
                # What is older than that is not read for nothing.
                first = self._begin()
                if high <= first:
                    return
            low = max(first, high - size)
            yield low, high
            high = low
            size = size if self._chosen.needs_text else min(_MOST, size * 4)


def explained(db: Log, chosen: Filter) -> tuple[str, tuple[object, ...], list[str]]:
    """The statement that finds the calls, its parameters, and SQLite's plan for it, a line a step."""
    with said.asked(db, chosen):
        found = plan(db, chosen)
        statement, values = found.statement("c.seq"), (0, last_seq(db), *found.values, -1)
        rows = db.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    depth = {0: 0}
    lines = []
    for number, parent, _, detail in rows:
        depth[number] = depth.get(parent, 0) + 1
        lines.append("  " * (depth[number] - 1) + detail)
    return statement, values, lines
