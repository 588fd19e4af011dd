"""What the keys of lists do, for every screen with a list of calls."""

from __future__ import annotations

from helicli.tui.screens.base import HouseScreen
from helicli.tui.widgets.call_table import CallTable


class ListScreen(HouseScreen):
    """A screen whose body is a table of calls."""

    @property
    def table(self) -> CallTable:
        """The table."""
        return self.query_one(CallTable)

    def action_down(self) -> None:
        """`j`"""
        self.table.move(self.table.cursor + 1)

    def action_up(self) -> None:
        """`k`"""
        self.table.move(self.table.cursor - 1)

    def action_page_down(self) -> None:
        """A page."""
        self.table.page_by(1)

    def action_page_up(self) -> None:
        """A page."""
        self.table.page_by(-1)

    def action_half_down(self) -> None:
        """Half a page."""
        self.table.page_by(0.5)

    def action_half_up(self) -> None:
        """Half a page."""
        self.table.page_by(-0.5)

    def action_first(self) -> None:
        """`g`"""
        self.table.move(0)

    def action_last(self) -> None:
        """`G`"""
        self.table.move(len(self.table.calls) - 1)
