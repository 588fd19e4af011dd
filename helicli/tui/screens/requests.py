"""Requests: the calls of the log, the newest first, and what a filter leaves of them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from helicli.query.growth import Extent
from helicli.tui.asking import chosen, next_window
from helicli.tui.call_list import CallList
from helicli.tui.keys import LISTS, REQUESTS
from helicli.tui.screens.base import HouseScreen, bindings
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.call_table import CallTable, TableHead
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.view.safe import safe
from helicli.view.window import window


class RequestsScreen(HouseScreen):
    """The table of calls with its filter."""

    screen_id = REQUESTS
    BINDINGS = bindings(LISTS, REQUESTS)

    def __init__(self) -> None:
        super().__init__()
        self._calls: CallList | None = None
        self.text = ""
        self.since = "all"

    @property
    def calls(self) -> CallList:
        """The list that is shown."""
        assert self._calls is not None
        return self._calls

    def compose(self) -> ComposeResult:
        self.text, self.since = self.setup.filter, self.setup.since
        self._calls = self.house.first
        if self._calls is None:
            self._calls = CallList(self.feed)
            self._calls.choose(chosen(self.setup, self.text, self.since))
        table = CallTable(self.calls, ascii=self.setup.ascii)
        yield TopBar()
        yield FilterBar(self.setup)
        yield TableHead(table)
        yield table
        yield KeyBar(REQUESTS, self.house.bound)

    def on_mount(self) -> None:
        """Show what the list has."""
        self.table.focus()
        self.query_one(FilterBar).value = self.text
        self.calls.changed = self._changed
        self.table.now = self._now()
        self.set_interval(5, self._aged)
        self._changed()

    @property
    def table(self) -> CallTable:
        """The table."""
        return self.query_one(CallTable)

    def choose(self, text: str, since: str | None = None) -> None:
        """Show the calls that a filter chooses. Raises UsageError."""
        since = self.since if since is None else since
        asked = chosen(self.setup, text, since)
        self.text, self.since = text, since
        self.query_one(FilterBar).value = text
        self.calls.choose(asked, self.calls.order)
        self.table.renewed()
        self._tell()

    def grown(self, extent: Extent) -> None:
        """The log has changed."""
        self.calls.grow(extent)

    def start_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).start()

    def go_back(self) -> bool:
        """Give the keys back to the table, then take the filter away."""
        if not self.table.has_focus:
            self.table.focus()
            return True
        if self.text:
            self.choose("")
            return True
        return False

    def turn_window(self) -> None:
        """The next window of time."""
        self.choose(self.text, next_window(self.since))

    def turn_pause(self) -> None:
        """Hold still, or go on."""
        self.calls.turn_pause()

    def action_down(self) -> None:
        self.table.move(self.table.cursor + 1)

    def action_up(self) -> None:
        self.table.move(self.table.cursor - 1)

    def action_page_down(self) -> None:
        self.table.page_by(1)

    def action_page_up(self) -> None:
        self.table.page_by(-1)

    def action_half_down(self) -> None:
        self.table.page_by(0.5)

    def action_half_up(self) -> None:
        self.table.page_by(-0.5)

    def action_first(self) -> None:
        self.table.move(0)

    def action_last(self) -> None:
        self.table.move(len(self.calls) - 1)

    @on(FilterBar.Typed)
    def _typed(self, typed: FilterBar.Typed) -> None:
        """A filter was typed, or is being typed."""
        self.choose(typed.text)
        if typed.done:
            self.table.focus()

    def _changed(self) -> None:
        self.table.changed()
        self._tell()

    def _aged(self) -> None:
        self.table.now = self._now()
        self.table.turned()

    def _now(self) -> int:
        return round(self.setup.now().timestamp() * 1000)

    def _tell(self) -> None:
        calls = self.calls
        many = f"{len(calls):,} calls" if calls.ready else "reading …"
        if calls.ready and not calls.complete:
            many += f" · looked through {calls.looked:,} of {calls.of:,}"
        state = ("‖ paused", "warn") if calls.paused else ("● live", "ok")
        right = [(f"{window(self.since)} · {many}  ", "dim"), state]
        if calls.trouble is not None:
            right = [(safe(calls.trouble.message), "bad")]
        self.query_one(TopBar).show([(" helicli ", "title"), ("  1 Requests  2 Analytics", "dim")], right)
