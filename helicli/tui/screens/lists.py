"""What the keys of lists do, for every screen with a list of calls.

Owns what such a screen is to those that add keys to it. Keys that move are about the list, unless the screen says that
something else has them.
"""

from __future__ import annotations

from typing import Protocol

from helicli.query.calls import Call
from helicli.tui.call_list import CallList
from helicli.tui.screens.base import HouseScreen
from helicli.tui.widgets.call_table import CallTable


class Moving(Protocol):
    """What keys move in: the rows of a table, the lines of a text."""

    def by(self, rows: int) -> None:
        """So many rows down; up where less than nothing."""

    def by_pages(self, part: float) -> None:
        """So many pages, or a part of one."""

    def to_begin(self) -> None:
        """To the first row."""

    def to_end(self) -> None:
        """To the last."""


class ListScreen(HouseScreen):
    """A screen whose body is a table of calls. `text` is the filter, as it was typed."""

    text = ""

    @property
    def table(self) -> CallTable:
        """The table."""
        return self.query_one(CallTable)

    @property
    def calls(self) -> CallList:
        """What stands in it."""
        return self.table.calls

    @property
    def call(self) -> Call | None:
        """The call under the cursor, None where there is none or it has not been read."""
        seq = self.table.seq
        return self.calls.known(seq) if seq is not None else None

    @property
    def moving(self) -> Moving:
        """What the keys that move are about."""
        return self.table

    def choose(self, text: str, since: str | None = None, *, keep: bool = False) -> None:
        """Show the calls that a filter chooses, of the time that is shown unless another is given.

        With `keep` the cursor stays at its call, where that is among them.
        """
        raise NotImplementedError

    def action_down(self) -> None:
        """`j`"""
        self.moving.by(1)

    def action_up(self) -> None:
        """`k`"""
        self.moving.by(-1)

    def action_page_down(self) -> None:
        """A page."""
        self.moving.by_pages(1)

    def action_page_up(self) -> None:
        """A page."""
        self.moving.by_pages(-1)

    def action_half_down(self) -> None:
        """Half a page."""
        self.moving.by_pages(0.5)

    def action_half_up(self) -> None:
        """Half a page."""
        self.moving.by_pages(-0.5)

    def action_first(self) -> None:
        """`g`"""
        self.moving.to_begin()

    def action_last(self) -> None:
        """`G`"""
        self.moving.to_end()
