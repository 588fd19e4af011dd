"""What a list of calls asks of the log, and how it is answered.

Owns the questions: where a list begins, a page of it, what is found, what is sorted, what has come since and what is no
longer of the time. All of it runs in a thread that reads.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.filters import Filter
from helicli.query import index
from helicli.query.calls import Call, Order, by_seq
from helicli.query.growth import extent
from helicli.query.reading import Log

PAGE: Final = 200
"""So many calls are read at once."""

FRESH: Final = 5_000
"""So many that have come are taken at once."""

LEFT: Final = 20_000
"""So many leave a list at once; where more do, it is asked for anew."""


class Opening(Struct, frozen=True):
    """The first answer: all calls from one seq to another, and the newest of them."""

    first: int
    last: int
    page: Page


class Page(Struct, frozen=True):
    """Calls that were read: from which seq down, which, and whether there were none below."""

    high: int
    calls: list[Call]
    ended: bool


class Part(Struct, frozen=True):
    """Seqs that were found, how far it was looked, of how many calls."""

    seqs: list[int]
    looked: int
    of: int


class Placed(Struct, frozen=True):
    """Calls that belong between those of a sorted list: before which row of `among` each, and how far it was looked."""

    places: list[tuple[int, int]]
    among: array[int]
    looked: int


def opening(log: Log, chosen: Filter) -> Iterator[Opening]:
    """From where to where all calls of a time stand."""
    first, last = extent(log)
    if chosen.since_ms:
        first = max(first, index.began(log, chosen.since_ms))
    yield Opening(min(first, last + 1), last, next(page(log, chosen, last)))


def page(log: Log, chosen: Filter, high: int) -> Iterator[Page]:
    """The calls of a time from a seq down."""
    seqs = index.page(log, replace(chosen, term=None), high, PAGE)
    yield Page(high, by_seq(log, seqs), len(seqs) < PAGE)


def of_seqs(log: Log, seqs: list[int]) -> Iterator[tuple[list[int], list[Call]]]:
    """Those of some seqs that are there."""
    yield seqs, by_seq(log, seqs)


def found(log: Log, chosen: Filter) -> Iterator[Part]:
    """What a filter chooses, the newest first, as it is found."""
    for seqs, looked, of in index.found(log, chosen):
        yield Part(seqs, looked, of)


def in_order(log: Log, chosen: Filter, order: Order) -> Iterator[Part]:
    """What a filter chooses, in an order."""
    last = extent(log)[1]
    # What has come between the two looks is placed later, with all that comes.
    yield Part([seq for seq in index.sorted_by(log, chosen, order) if seq <= last], last, last)


def fresh(log: Log, chosen: Filter, seen: int) -> Iterator[Part]:
    """What a filter chooses of the calls that have come since one was seen, the oldest first."""
    last = extent(log)[1]
    seqs = index.fresh(log, chosen, seen, FRESH)
    whole = len(seqs) < FRESH
    yield Part(seqs, max(last, seqs[-1] if seqs else 0) if whole else seqs[-1], last)


def placed(log: Log, chosen: Filter, order: Order, seen: int, among: array[int]) -> Iterator[Placed]:
    """The same for a list that is sorted: where in it they belong."""
    part = next(fresh(log, chosen, seen))
    yield Placed(index.placed(log, order, part.seqs, among), among, part.looked)


def left(log: Log, since_ms: int, until_ms: int) -> Iterator[list[int]]:
    """Calls that began between two instants; not all of them where there are LEFT or more."""
    yield index.left(log, since_ms, until_ms, LEFT)


def said(log: Log, calls: list[Call]) -> Iterator[dict[int, str]]:
    """What the user said last in some calls."""
    from helicli.query.wire import last_said

    told = dict.fromkeys((call.seq for call in calls), "")
    yield told | last_said(log, [call for call in calls if not call.failed])
