"""Analytics: how many calls, how long, what they cost, what went wrong, over a window of time."""

from __future__ import annotations

from textual.app import ComposeResult

from helicli.tui.keys import ANALYTICS
from helicli.tui.screens.base import HouseScreen, bindings
from helicli.tui.widgets.bars import KeyBar, TopBar


class AnalyticsScreen(HouseScreen):
    """The figures of some calls."""

    screen_id = ANALYTICS
    BINDINGS = bindings("lists", ANALYTICS)

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield KeyBar(ANALYTICS, self.house.bound)
