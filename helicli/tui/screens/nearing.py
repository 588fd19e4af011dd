"""The keys that go from a call to the next of its kind: one that failed, a slow one, one of the same session.

Owns what "next" means: the nearest of the list on one side in time, however the list is sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from helicli.filters import one_of, status_of
from helicli.filters.terms import Term
from helicli.query import index
from helicli.query.reading import Log
from helicli.tui import near
from helicli.tui.screens.lists import ListScreen


class Nearing(ListScreen):
    """A list of calls with these keys."""

    def action_next_error(self) -> None:
        """`e`"""
        self._near(status_of(["error"]), older=True, what="no call that failed further back")

    def action_previous_error(self) -> None:
        """`E`"""
        self._near(status_of(["error"]), older=False, what="no newer call that failed")

    def action_next_slow(self) -> None:
        """`s`"""
        self._near_slow(older=True)

    def action_previous_slow(self) -> None:
        """`S`"""
        self._near_slow(older=False)

    def action_next_of_session(self) -> None:
        """`o`"""
        self._near_session(older=True)

    def action_previous_of_session(self) -> None:
        """`O`"""
        self._near_session(older=False)

    def _near_session(self, *, older: bool) -> None:
        call = self.call
        if call is None:
            return
        if call.session:
            more = one_of("session", [call.session])
            self._near(more, older=older, what="no other call of its session there")
        else:
            self.house.tell("this call has no session")

    def _near(self, more: Term | None, *, older: bool, what: str) -> None:
        """Go to the next call on one side for which a term holds too."""
        seq = self.table.seq
        if seq is not None:
            asked = self.calls.chosen.both(more)
            self._ask_near(lambda log: iter([index.beside(log, asked, seq, older=older)]), what)

    def _near_slow(self, *, older: bool) -> None:
        seq, asked = self.table.seq, self.calls.chosen
        if seq is not None:
            self._ask_near(lambda log: near.slow(log, asked, seq, older=older), "no slower call there")

    def _ask_near(self, work: Callable[[Log], Iterator[int | None]], what: str) -> None:
        self.feed.ask("sums", "near", work, partial(self._go, what), self.house.tell_error)

    def _go(self, what: str, seq: int | None) -> None:
        if seq is None:
            self.house.tell(what)
        elif not self.calls.rows.holds(seq):
            how = "came after the list was held still" if self.calls.paused else "is not in the list yet"
            self.house.tell(f"call {seq} {how}")
        else:
            self.table.go(seq)
