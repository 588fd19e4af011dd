"""Sums and histograms of groups while an answer is put together.

Owns the step from what is stored, numbers of words and instants, to the groups that were asked for. It knows nothing of
where the figures come from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import tzinfo
from functools import cache
from typing import Any, Final

from helicli.columns import column
from helicli.grouping import By, begin
from helicli.histogram import Histogram, Pile, bucket
from helicli.query.names import listed
from helicli.query.reading import Log
from helicli.query.totals import Key, Times, Totals, joined
from helicli.store.dimensions import SHIFTS, SUMS, TIMES

SUM_COUNT: Final = len(SUMS)


class Held:
    """Sums by stored key, folded into groups as they come."""

    def __init__(self, db: Log, by: Sequence[By], zone: tzinfo | None, only: Collection[str] = SUMS) -> None:
        self._db = db
        self.by = by
        self.only = {"calls", *only}
        self._places = [at for at, name in enumerate(SUMS) if name in self.only]
        self._begin = [cache(_beginner(each, zone)) if each.is_time else None for each in by]
        self._folded: dict[tuple[Any, ...], list[int]] = {}

    def add(self, stored: Sequence[Any], at: int | None, values: Sequence[int], sign: int = 1) -> None:
        """Add sums and maxima to the group of some stored values that lies at an instant."""
        key = self.key(stored, at)
        known = self._folded.get(key)
        if known is None:
            known = self._folded[key] = [0] * (SUM_COUNT + 2)
        for index in self._places:
            known[index] += sign * values[index]
        if sign > 0:
            for index in (SUM_COUNT, SUM_COUNT + 1):
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
                asked, answered, fallback = next(given), next(given), next(given)
                # What was asked for is no part of the group where another has answered.
                key.append((answered,) if fallback and answered is not None else (asked, answered))
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
            found[told] = joined(known, total) if known else total
        return found


class HeldTimes:
    """The same for histograms, those of `only`."""

    def __init__(self, db: Log, by: Sequence[By], zone: tzinfo | None, only: Collection[str] = TIMES) -> None:
        self.only = tuple(name for name in TIMES if name in only)
        self._db = db
        self._groups = Held(db, by, zone)
        self._by = by
        self._is_timed = any(each.is_time for each in by)
        self._piles: dict[tuple[Any, ...], tuple[Pile, ...]] = {}
        self._taken: dict[tuple[Any, ...], tuple[Pile, ...]] = {}
        self._counts: dict[tuple[Any, ...], Histogram] = {}

    def add(self, stored: Sequence[Any], rows: Iterable[Sequence[Any]], sign: int = 1) -> None:
        """Add packed histograms, in each row an instant and one of each kind, to the groups of some stored values."""
        # Most often all are of one group, which need not be looked up for each.
        one = None if self._is_timed else self._piles_of(stored, None, sign)
        for at, *packed in rows:
            for pile, each in zip(one or self._piles_of(stored, at, sign), packed, strict=True):
                pile.add(each)

    def _piles_of(self, stored: Sequence[Any], at: int | None, sign: int) -> tuple[Pile, ...]:
        key, held = self._groups.key(stored, at), self._piles if sign > 0 else self._taken
        piles = held.get(key)
        if piles is None:
            piles = held[key] = tuple(Pile() for _ in self.only)
        return piles

    def count(self, stored: Sequence[Any], at: int | None, times: Sequence[int | None], sign: int = 1) -> None:
        """Add the times of one call, one of each kind."""
        counts = self._counts.setdefault(self._groups.key(stored, at), {})
        for name, micros in zip(self.only, times, strict=True):
            if micros is not None:
                number = SHIFTS[name] + bucket(micros)
                counts[number] = counts.get(number, 0) + sign

    def told(self) -> dict[Key, Times]:
        """The groups that hold calls."""
        for held, sign in ((self._piles, 1), (self._taken, -1)):
            for key, piles in held.items():
                whole = self._counts.setdefault(key, {})
                for name, pile in zip(self.only, piles, strict=True):
                    for number, count in pile.counts().items():
                        at = SHIFTS[name] + number
                        whole[at] = whole.get(at, 0) + sign * count
        found: dict[Key, Times] = {}
        for key, told in zip(self._counts, readable(self._db, self._by, self._counts), strict=True):
            known = found.setdefault(told, Times({})).buckets
            for number, count in self._counts[key].items():
                if count:
                    known[number] = known.get(number, 0) + count
        return {key: value for key, value in found.items() if value.buckets}


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
        *asked, answered = (None if number is None else words[number] for number in value)
        return listed(asked[0], answered) if asked else listed(None, answered, fell=True)
    return None if value is None else words[value]


def _is_word(name: str) -> bool:
    return column(name).kind.value == "word"
