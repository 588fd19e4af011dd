"""What the keys that move do on a screen of panels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from helicli.tui.screens.base import HouseScreen
from helicli.tui.screens.jump import Jump
from helicli.tui.widgets.board import LAST, Board
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.tui.widgets.panel import Panel


class BoardScreen(HouseScreen):
    """A screen whose body is panels."""

    @property
    def board(self) -> Board:
        """The panels."""
        return self.query_one(Board)

    def moved(self) -> None:
        """Something else is picked, or pointed at."""

    def point_at(self, stretch: int) -> None:
        """Point at a stretch of time; -1 for none."""
        self.move(self.board.point_at, stretch)

    def move(self, how: Callable[[Any], None], by: float | Panel) -> None:
        """Move, and show what is picked then."""
        how(by)
        if self.board.zoomed:
            self.board.lay_out(self.size.width)
        self.moved()

    def leave_filter(self) -> None:
        """Have the filter typed no more."""

    def jumps(self) -> list[Jump]:
        """The filter and the panels."""
        jumps = [Jump(each, self.start_filter) for each in self.query(FilterBar)]
        return [*jumps, *(Jump(panel, partial(self._jump, panel)) for panel in self.board.seen)]

    def _jump(self, panel: Panel) -> None:
        self.leave_filter()
        self.move(self.board.pick, panel)

    def action_next_panel(self) -> None:
        """`tab`"""
        self.move(self.board.next, 1)

    def action_previous_panel(self) -> None:
        """Back."""
        self.move(self.board.next, -1)

    def action_down(self) -> None:
        """`j`: a row of a list, else the panel below."""
        self.move(self.board.down, 1)

    def action_up(self) -> None:
        """`k`"""
        self.move(self.board.down, -1)

    def action_page_down(self) -> None:
        """A page of a list, a quarter of a plot."""
        self.move(self.board.page, 1)

    def action_page_up(self) -> None:
        """A page."""
        self.move(self.board.page, -1)

    def action_half_down(self) -> None:
        """Half of that."""
        self.move(self.board.page, 0.5)

    def action_half_up(self) -> None:
        """Half of that."""
        self.move(self.board.page, -0.5)

    def action_first(self) -> None:
        """The first row, or the first stretch of time."""
        self.move(self.board.go, 0)

    def action_last(self) -> None:
        """The last."""
        self.move(self.board.go, LAST)

    def action_earlier(self) -> None:
        """`h`: back in time; from a list to the panel at its left."""
        self.move(self.board.aside, -1)

    def action_later(self) -> None:
        """`l`"""
        self.move(self.board.aside, 1)
