"""A list of calls that is looked at: which stand in which row, and the calls of the rows that were looked at.

Owns the way between the feed and a table: what is asked when, what is kept, what becomes of calls that come or go.
Knows no widget; `changed` is called in the thread that draws whenever there is something else to see.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.errors import HelicliError, NotFoundError
from helicli.filters import Filter
from helicli.query import index
from helicli.query.calls import Call, Order, by_seq
from helicli.query.growth import Extent, extent
from helicli.query.reading import Log
from helicli.tui.feed import Feed
from helicli.tui.rows import Found, Rows, Span

PAGE: Final = 200
"""So many calls are read at once."""

KEPT: Final = 10_000
"""So many are kept."""

_FRESH: Final = 5_000


class _Opening(Struct, frozen=True):
    """The first answer: all calls from one seq to another, and the newest of them."""

    first: int
    last: int
    page: _Page


class _Page(Struct, frozen=True):
    """Calls that were read: from which seq down, which, and whether there were none below."""

    high: int
    calls: list[Call]
    ended: bool


class _Part(Struct, frozen=True):
    """Seqs that were found, how far it was looked, of how many calls."""

    seqs: list[int]
    looked: int
    of: int


class CallList:
    """The calls that a filter chooses, in an order; the newest first for None."""

    def __init__(self, feed: Feed, changed: Callable[[], None] = lambda: None) -> None:
        self._feed = feed
        self.changed = changed
        self.rows: Rows = Span(0, 0)
        self.chosen = Filter()
        self.order: Order | None = None
        self.ready = False
        self.trouble: HelicliError | None = None
        self.looked = 0
        self.of = 0
        self.paused = False
        self._calls: OrderedDict[int, Call] = OrderedDict()
        self._said: dict[int, str] = {}
        self._extent = Extent()
        self._seen = 0
        self._began = 0
        self._asked = False
        self._telling = False

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def complete(self) -> bool:
        """Whether all of the log that is asked about has been looked through."""
        return self.ready and self.looked >= self.of

    @property
    def waiting(self) -> int:
        """How many calls have come that are not shown yet, whether they are chosen or not."""
        return max(0, self._extent.last - self._seen) if self.ready else 0

    def choose(self, chosen: Filter, order: Order | None = None) -> None:
        """Show other calls."""
        self.chosen, self.order = chosen, order
        self.ready, self.trouble, self._asked = False, None, False
        self.looked = self.of = 0
        self._feed.forget("rows", "page")
        self._feed.forget("rows", "said")
        self._feed.forget("search", "fresh")
        if order is not None:
            self._feed.ask("search", "list", lambda log: _sorted(log, chosen, order), self._sorted, self._failed)
        elif chosen.term is None:
            self._feed.ask("search", "list", lambda log: _opening(log, chosen), self._open, self._failed)
        else:
            self._feed.ask("search", "list", lambda log: _found(log, chosen), self._find, self._failed)

    def again(self) -> None:
        """Ask the same again: the file is another, or can be read again."""
        self._calls.clear()
        self._said.clear()
        self.choose(self.chosen, self.order)

    def call(self, row: int) -> Call | None:
        """The call of a row, None where it has not been read."""
        return self._calls.get(self.rows.seq(row)) if 0 <= row < len(self.rows) else None

    def known(self, seq: int) -> Call | None:
        """The call of a seq, None where it has not been read."""
        return self._calls.get(seq)

    def said(self, seq: int) -> str | None:
        """What the user said last in a call, None where that has not been read."""
        return self._said.get(seq)

    def want(self, begin: int, end: int, *, down: bool = True) -> None:
        """Read the calls of some rows, and a page of those that will be looked at next."""
        begin, end = max(0, begin), min(end, len(self.rows))
        missing = [row for row in range(begin, end) if self.rows.seq(row) not in self._calls]
        if not missing:
            ahead = end if down else begin - 1
            if not 0 <= ahead < len(self.rows) or self.rows.seq(ahead) in self._calls:
                return
            missing = [ahead]
        if self._asked or not self.ready:
            return
        start = missing[0] if down else max(0, missing[-1] + 1 - PAGE)
        self._asked = True
        rows = self.rows
        if isinstance(rows, Span):
            chosen, high = self.chosen, rows.seq(start)
            self._feed.ask("rows", "page", lambda log: _page(log, chosen, high), self._read, self._failed)
        else:
            seqs = [rows.seq(row) for row in range(start, min(start + PAGE, len(rows)))]
            self._feed.ask("rows", "page", lambda log: _of_seqs(log, seqs), self._take, self._failed)

    def tell(self, begin: int, end: int) -> None:
        """Read what was said in the calls of some rows."""
        calls = [call for row in range(max(0, begin), end) if (call := self.call(row)) and call.seq not in self._said]
        if calls and not self._telling:
            self._telling = True
            self._feed.ask("rows", "said", lambda log: _said(log, calls), self._told, self._failed)

    def verify(self, begin: int, end: int) -> None:
        """Look whether the calls of some rows are still there and what they were."""
        seqs = [self.rows.seq(row) for row in range(max(0, begin), min(end, len(self.rows)))]
        if seqs and not self._asked and self.ready:
            self._feed.ask("rows", "verify", lambda log: _of_seqs(log, seqs), self._take, self._failed)

    def grow(self, now: Extent) -> None:
        """Take that the log has changed."""
        before, self._extent = self._extent, now
        if now.trouble is not None:
            if not isinstance(now.trouble, NotFoundError) or not len(self.rows):
                self.trouble = now.trouble
            self.changed()
        elif before.trouble is not None or before.file != now.file or self.trouble is not None:
            self.again()
        elif self.ready and now.last < self._seen:
            # The newest calls have gone, and their numbers will be given again.
            self.again()
        elif self.paused:
            self.changed()
        else:
            self._catch_up()

    def turn_pause(self) -> None:
        """Hold still, or go on with what has come."""
        self.paused = not self.paused
        if not self.paused:
            self._catch_up()
        self.changed()

    def _catch_up(self) -> None:
        now = self._extent
        if not self.ready or now.trouble is not None or self.order is not None:
            self.changed()
            return
        if isinstance(self.rows, Span):
            self._seen = now.last
            self.rows.grow(max(now.first, self._began), now.last)
            self.of = self.looked = len(self.rows)
            self.changed()
        elif now.last > self._seen:
            chosen, seen = self.chosen, self._seen
            self._feed.ask("search", "fresh", lambda log: _fresh(log, chosen, seen), self._add, self._failed)

    def _keep(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self._calls[call.seq] = call
            self._calls.move_to_end(call.seq)
        while len(self._calls) > KEPT:
            gone, _ = self._calls.popitem(last=False)
            self._said.pop(gone, None)

    def _begin(self, rows: Rows, seen: int) -> None:
        self.rows, self._seen, self.ready, self._asked = rows, seen, True, False
        self.trouble = None

    def _open(self, opening: _Opening) -> None:
        self._began = opening.first if self.chosen.since_ms else 0
        self._begin(Span(opening.first, opening.last), opening.last)
        self._read(opening.page)

    def _find(self, part: _Part) -> None:
        if not self.ready:
            self._begin(Found(), part.of)
        assert isinstance(self.rows, Found)
        self.rows.append(part.seqs)
        self.looked, self.of = part.looked, part.of
        self.changed()
        if self.complete and not self.paused:
            self._catch_up()

    def _sorted(self, part: _Part) -> None:
        rows = Found(is_sorted=True)
        rows.append(part.seqs)
        self._begin(rows, part.of)
        self.looked = self.of = len(rows)
        self.changed()

    def _add(self, part: _Part) -> None:
        assert isinstance(self.rows, Found)
        self.rows.prepend(part.seqs)
        self._seen = part.looked
        self.looked = self.of = self.of + 0
        self.changed()
        if self._seen < self._extent.last and not self.paused:
            self._catch_up()

    def _read(self, page: _Page) -> None:
        self._asked = False
        if isinstance(self.rows, Span):
            self._keep(page.calls)
            self.rows.learn(page.high, [call.seq for call in page.calls], page.ended)
            self.looked = self.of = len(self.rows)
        self.changed()

    def _take(self, page: tuple[list[int], list[Call]]) -> None:
        self._asked = False
        seqs, calls = page
        self._keep(calls)
        there = {call.seq for call in calls}
        gone = [seq for seq in seqs if seq not in there]
        if gone:
            for seq in gone:
                self._calls.pop(seq, None)
            self.rows.lose(gone)
        self.changed()

    def _told(self, said: dict[int, str]) -> None:
        self._telling = False
        self._said |= said
        self.changed()

    def _failed(self, error: HelicliError) -> None:
        self._asked = self._telling = False
        self.trouble = error
        self.changed()


def _opening(log: Log, chosen: Filter) -> Iterator[_Opening]:
    first, last = extent(log)
    if chosen.since_ms:
        first = max(first, index.began(log, chosen.since_ms))
    page = next(_page(log, chosen, last))
    yield _Opening(min(first, last + 1), last, page)


def _page(log: Log, chosen: Filter, high: int) -> Iterator[_Page]:
    seqs = index.page(log, replace(chosen, term=None), high, PAGE)
    yield _Page(high, by_seq(log, seqs), len(seqs) < PAGE)


def _of_seqs(log: Log, seqs: list[int]) -> Iterator[tuple[list[int], list[Call]]]:
    yield seqs, by_seq(log, seqs)


def _found(log: Log, chosen: Filter) -> Iterator[_Part]:
    for seqs, looked, of in index.found(log, chosen):
        yield _Part(seqs, looked, of)


def _sorted(log: Log, chosen: Filter, order: Order) -> Iterator[_Part]:
    last = extent(log)[1]
    yield _Part(index.sorted_by(log, chosen, order), last, last)


def _fresh(log: Log, chosen: Filter, seen: int) -> Iterator[_Part]:
    last = extent(log)[1]
    seqs = index.fresh(log, chosen, seen, _FRESH)
    whole = len(seqs) < _FRESH
    yield _Part(seqs, max(last, seqs[-1] if seqs else 0) if whole else seqs[-1], last)


def _said(log: Log, calls: list[Call]) -> Iterator[dict[int, str]]:
    from helicli.query.wire import last_said

    told = dict.fromkeys((call.seq for call in calls), "")
    yield told | last_said(log, [call for call in calls if not call.failed])
