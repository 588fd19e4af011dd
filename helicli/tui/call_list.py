"""A list of calls that is looked at: which stand in which row, and the calls of the rows that were looked at.

Owns the way between the feed and a table: what is asked when, what is kept, what becomes of calls that come or go.
Knows no widget; `changed` is called in the thread that draws whenever there is something else to see.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from helicli.errors import HelicliError, NotFoundError
from helicli.filters import Filter
from helicli.query.calls import Call, Order
from helicli.query.growth import Extent
from helicli.tui import call_pages as pages
from helicli.tui.call_pages import LEFT, PAGE, Opening, Page, Part, Placed
from helicli.tui.feed import Feed
from helicli.tui.rows import Found, Rows, Span

KEPT: Final = 10_000
"""So many are kept."""


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
        self._coming = False

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
        self.ready, self.trouble = False, None
        self._asked = self._telling = self._coming = False
        self.looked = self.of = 0
        self._feed.forget("rows", "page")
        self._feed.forget("rows", "said")
        for group in ("fresh", "slide"):
            self._feed.forget("search", group)
        if order is not None:
            self._feed.ask("search", "list", lambda log: pages.in_order(log, chosen, order), self._sorted, self._failed)
        elif chosen.term is None:
            self._feed.ask("search", "list", lambda log: pages.opening(log, chosen), self._open, self._failed)
        else:
            self._feed.ask("search", "list", lambda log: pages.found(log, chosen), self._find, self._failed)

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
            self._feed.ask("rows", "page", lambda log: pages.page(log, chosen, high), self._read, self._failed)
        else:
            seqs = [rows.seq(row) for row in range(start, min(start + PAGE, len(rows)))]
            self._feed.ask("rows", "page", lambda log: pages.of_seqs(log, seqs), self._take, self._failed)

    def tell(self, begin: int, end: int) -> None:
        """Read what was said in the calls of some rows."""
        calls = [call for row in range(max(0, begin), end) if (call := self.call(row)) and call.seq not in self._said]
        if calls and not self._telling:
            self._telling = True
            self._feed.ask("rows", "said", lambda log: pages.said(log, calls), self._told, self._failed)

    def verify(self, begin: int, end: int) -> None:
        """Look whether the calls of some rows are still there and what they were."""
        seqs = [self.rows.seq(row) for row in range(max(0, begin), min(end, len(self.rows)))]
        if seqs and not self._asked and self.ready:
            self._feed.ask("rows", "verify", lambda log: pages.of_seqs(log, seqs), self._take, self._failed)

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

    def slide(self, since_ms: int | None) -> None:
        """Have the time begin at a later instant: calls that began before leave the list."""
        before = self.chosen.since_ms
        if since_ms and before and since_ms > before and self.complete and not self.paused:
            chosen = replace(self.chosen, since_ms=since_ms)
            slid = partial(self._slid, chosen)
            self._feed.ask("search", "slide", lambda log: pages.left(log, before, since_ms), slid, self._failed)

    def turn_pause(self) -> None:
        """Hold still, or go on with what has come."""
        self.paused = not self.paused
        if not self.paused:
            self._catch_up()
        self.changed()

    def _catch_up(self) -> None:
        now = self._extent
        if not self.ready or now.trouble is not None:
            self.changed()
            return
        if isinstance(self.rows, Span):
            self._seen = now.last
            self.rows.grow(max(now.first, self._began), now.last)
            self.of = self.looked = len(self.rows)
            self.changed()
        elif now.last > self._seen and not self._coming:
            # Asked again it would never be answered where the log grows faster than it is read.
            self._coming = True
            chosen, order, seen = self.chosen, self.order, self._seen
            if order is None:
                self._feed.ask("search", "fresh", lambda log: pages.fresh(log, chosen, seen), self._add, self._failed)
            else:
                among = self.rows.held
                work = partial(pages.placed, chosen=chosen, order=order, seen=seen, among=among)
                self._feed.ask("search", "fresh", work, self._place, self._failed)

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

    def _open(self, opening: Opening) -> None:
        self._began = opening.first if self.chosen.since_ms else 0
        self._begin(Span(opening.first, opening.last), opening.last)
        self._read(opening.page)

    def _find(self, part: Part) -> None:
        if not self.ready:
            self._begin(Found(), part.of)
        assert isinstance(self.rows, Found)
        self.rows.append(part.seqs)
        self.looked, self.of = part.looked, part.of
        self.changed()
        if self.complete and not self.paused:
            self._catch_up()

    def _sorted(self, part: Part) -> None:
        rows = Found(is_sorted=True)
        rows.append(part.seqs)
        self._begin(rows, part.of)
        self.looked = self.of = part.of
        self.changed()
        if not self.paused:
            self._catch_up()

    def _add(self, part: Part) -> None:
        self._coming = False
        assert isinstance(self.rows, Found)
        self.rows.prepend(part.seqs)
        self._grew(part.looked)

    def _place(self, placed: Placed) -> None:
        self._coming = False
        assert isinstance(self.rows, Found)
        if self.rows.held is placed.among:
            self.rows.place(placed.places)
            self._grew(placed.looked)
        else:
            # Calls have left the list since: the rows are others.
            self._catch_up()

    def _grew(self, seen: int) -> None:
        """Take that all calls up to one have been looked at, and look at those that have come since."""
        self.of = self.looked = self.of + max(0, seen - self._seen)
        self._seen = seen
        self.changed()
        if self._seen < self._extent.last and not self.paused:
            self._catch_up()

    def _slid(self, chosen: Filter, gone: list[int]) -> None:
        if len(gone) >= LEFT:
            self.choose(chosen, self.order)
            return
        self.chosen = chosen
        self.rows.lose(gone)
        self.looked = self.of = max(len(self.rows), self.of - len(gone))
        self.changed()

    def _read(self, page: Page) -> None:
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
        self._asked = self._telling = self._coming = False
        self.trouble = error
        self.changed()
