"""Requests: the calls of the log, the newest first, and what a filter leaves of them.

Owns which calls are asked for and what is told of them at the top; the list and the table own the rest.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from helicli.errors import HelicliError, UsageError
from helicli.query.calls import Order
from helicli.query.growth import Extent
from helicli.tui import commands, near
from helicli.tui.asking import chosen, next_window
from helicli.tui.call_list import CallList
from helicli.tui.keys import LISTS, REQUESTS
from helicli.tui.screens import offering
from helicli.tui.screens.arranging import Arranging
from helicli.tui.screens.base import bindings
from helicli.tui.screens.jump import Jump
from helicli.tui.screens.lists import Moving
from helicli.tui.screens.marking import Marking
from helicli.tui.screens.menu import Ask, Item
from helicli.tui.screens.narrowing import Narrowing
from helicli.tui.screens.nearing import Nearing
from helicli.tui.table_columns import USUAL
from helicli.tui.telling import told_of
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.call_table import CallTable
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.tui.widgets.lines_view import LinesView
from helicli.tui.widgets.peek import Peek
from helicli.tui.widgets.table_head import TableHead

_AGED_SECONDS = 5.0
_VERIFY_SECONDS = 1.0


class RequestsScreen(Nearing, Narrowing, Arranging, Marking):
    """The table of calls with its filter."""

    screen_id = REQUESTS
    BINDINGS = bindings(LISTS, REQUESTS)

    def __init__(self) -> None:
        super().__init__()
        self._calls: CallList | None = None
        self.since = "all"
        self.emptied = ""
        self._verifying: Timer | None = None

    @property
    def calls(self) -> CallList:
        """The list that is shown."""
        assert self._calls is not None
        return self._calls

    @property
    def seq(self) -> int | None:
        """The call under the cursor."""
        return self.table.seq

    @property
    def bar(self) -> FilterBar:
        """The filter."""
        return self.query_one(FilterBar)

    @property
    def peek(self) -> Peek:
        """The pane of the call under the cursor."""
        return self.query_one(Peek)

    @property
    def moving(self) -> Moving:
        """The list, or the pane where that was gone to."""
        return self.peek.lines if self.peek.has_keys else self.table

    def compose(self) -> ComposeResult:
        """Filter, table, the call under the cursor."""
        self.text, self.since = self.setup.filter, self.setup.since
        self._calls = self.house.first
        if self._calls is None:
            self._calls = CallList(self.feed)
            self._calls.choose(chosen(self.setup, self.text, self.since))
        table = CallTable(self.calls, self.house.marks, self.setup.columns or USUAL)
        yield TopBar()
        yield FilterBar(self.setup, self.feed, self.house.history)
        with Container(id="split"):
            with Container(id="list"):
                yield TableHead(table)
                yield table
                yield LinesView(id="empty")
            yield Peek()
        yield KeyBar(REQUESTS, self.house.bound)

    def on_mount(self) -> None:
        """Show what the list has."""
        self.table.focus()
        self.bar.value = self.text
        self.calls.changed = self._changed
        self.table.now = self.house.now_ms
        self.set_interval(_AGED_SECONDS, self._aged)
        self._changed()

    def choose(self, text: str, since: str | None = None, *, keep: bool = False) -> None:
        """Show the calls that a filter chooses, in the order that is; one that cannot be read changes nothing."""
        self._ask(text, self.since if since is None else since, self.calls.order, keep=keep)

    def sort(self, order: Order | None) -> None:
        """Show the same calls in another order; None is by time."""
        self._ask(self.text, self.since, order, keep=order is None)

    def drill(self, text: str, since: str) -> None:
        """Show the calls behind a figure, the newest first."""
        self._ask(text, since, None)

    def _ask(self, text: str, since: str, order: Order | None, *, keep: bool = False) -> None:
        try:
            asked = chosen(self.setup, text, since)
        except UsageError as error:
            self.house.tell_error(error)
            return
        self.text, self.since = text, since
        if not self.bar.has_class("typing"):
            self.bar.value = text
        self.emptied = ""
        self.calls.choose(asked, order)
        self.table.renewed(keep=keep)
        self._changed()

    def grown(self, extent: Extent) -> None:
        """The log has changed."""
        self.calls.grow(extent)
        if self._verifying is None:
            self._verifying = self.set_timer(_VERIFY_SECONDS, self._verify)

    def start_filter(self) -> None:
        """Type a filter."""
        self.bar.start()

    def go_back(self) -> bool:
        """Give up the pane, then the filter, then the order, then marks."""
        if self.peek.has_keys:
            self._give_keys(to_pane=False)
        elif self.peek.zoomed:
            self.action_zoom()
        elif self.text:
            self.choose("", keep=True)
        elif self.calls.order is not None:
            self.sort(None)
        elif self.house.marks:
            self.clear_marks()
        else:
            return False
        return True

    def jumps(self) -> list[Jump]:
        """The filter, the list, the call."""
        return [
            Jump(self.bar, self.start_filter),
            Jump(self.table, lambda: self._give_keys(to_pane=False)),
            Jump(self.peek, lambda: self._give_keys(to_pane=True)),
        ]

    def turn_window(self) -> None:
        """The next window of time."""
        self.choose(self.text, next_window(self.since))

    def turn_pause(self) -> None:
        """Hold still, or go on."""
        self.calls.turn_pause()

    def copies(self) -> list[Item]:
        """The command of the list, and what the call under the cursor has."""
        command = commands.filter_command(self.setup, self.text, self.since, self.calls.order)
        return [Item(command, "the command for this list", "c", command), *offering.copies(self.setup, self.table.seq)]

    def action_open(self) -> None:
        """`enter`"""
        if self.table.seq is not None:
            self.house.inspect(self, self.table.seq)

    def action_follow(self) -> None:
        """`f`"""
        if self.calls.paused:
            self.calls.turn_pause()
        self.table.move(0)

    def action_split(self) -> None:
        """`\\`"""
        self.peek.turn()
        self._give_keys(to_pane=False)

    def action_zoom(self) -> None:
        """`z`"""
        self.peek.zoom()

    def action_next_view(self) -> None:
        """`tab`"""
        self.peek.turn_view(1)

    def action_previous_view(self) -> None:
        """`⇧tab`"""
        self.peek.turn_view(-1)

    def action_save(self) -> None:
        """`w`"""
        if not self.text or self.setup.save is None:
            self.house.tell("there is no filter to save" if self.setup.save else "nothing can be saved here")
            return
        self.app.push_screen(Ask(f"save {self.text} as @"), self._save)

    @on(FilterBar.Typed)
    def _typed(self, typed: FilterBar.Typed) -> None:
        if typed.text != self.text or self.calls.trouble is not None:
            self.choose(typed.text)
        if typed.done:
            self.table.focus()
            self._changed()

    @on(CallTable.Opened)
    def _opened(self, opened: CallTable.Opened) -> None:
        self.house.inspect(self, opened.seq)

    @on(CallTable.Picked)
    def _picked(self, _: CallTable.Picked) -> None:
        self._give_keys(to_pane=False)

    @on(Peek.Picked)
    def _pane_picked(self, _: Peek.Picked) -> None:
        self._give_keys(to_pane=True)

    @on(CallTable.Moved)
    def _moved(self, moved: CallTable.Moved) -> None:
        self.peek.look(moved.seq)
        self._tell()

    def _give_keys(self, *, to_pane: bool) -> None:
        self.bar.leave(self.text)
        self.peek.take_keys(to_pane)
        # What is read does not change while it is read.
        self.table.follow = not to_pane
        self.table.focus()

    def _save(self, name: str | None) -> None:
        if name and self.setup.save is not None:
            try:
                self.house.tell(self.setup.save(name, self.text))
            except HelicliError as error:
                self.house.tell_error(error)
            else:
                self.house.keep_filter(name, self.text)

    def _changed(self) -> None:
        if not self.is_mounted:
            return
        self.table.changed()
        self._tell()
        calls = self.calls
        if calls.complete and not len(calls) and calls.chosen.term is not None and calls.trouble is None:
            asked = calls.chosen
            self.feed.ask("sums", "emptied", lambda log: near.emptied_by(log, asked), self._emptied, _ignore)

    def _emptied(self, by: str) -> None:
        if by != self.emptied:
            self.emptied = by
            self._tell()

    def _verify(self) -> None:
        """The log has changed: look whether what is on the screen is still in it."""
        self._verifying = None
        top = round(self.table.scroll_y)
        self.calls.verify(top, top + self.table.page)

    def _aged(self) -> None:
        self.calls.slide(chosen(self.setup, "", self.since).since_ms)
        self.table.age(self.house.now_ms)

    def _tell(self) -> None:
        told = told_of(self)
        self.query_one(TopBar).show(told.left, told.right)
        self.bar.count(told.count)
        empty = self.query_one("#empty", LinesView)
        empty.show(told.empty, keep=True)
        empty.display, self.table.display = bool(told.empty), not told.empty
        self.query_one("#split").set_class(bool(told.empty), "empty")


def _ignore(_: HelicliError) -> None:
    """What cannot be told is not."""
