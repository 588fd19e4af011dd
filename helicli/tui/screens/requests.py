"""Requests: the calls of the log, the newest first, and what a filter leaves of them.

Owns which calls are asked for and what is told of them at the top; the list and the table own the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from helicli.columns import COLUMNS, column
from helicli.errors import HelicliError, UsageError
from helicli.filters import one_of, status_of
from helicli.query import index
from helicli.query.calls import Call, Order
from helicli.query.growth import Extent
from helicli.query.reading import Log
from helicli.tui import commands, near
from helicli.tui.asking import chosen, next_window
from helicli.tui.call_list import CallList
from helicli.tui.keys import LISTS, REQUESTS
from helicli.tui.screens.base import bindings
from helicli.tui.screens.lists import ListScreen
from helicli.tui.screens.menu import Ask, Choice, Item, Menu
from helicli.tui.table_columns import DOCS, USUAL
from helicli.tui.telling import told_of
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.call_table import CallTable, TableHead
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.tui.widgets.lines_view import LinesView
from helicli.tui.widgets.peek import Peek

_SORTS = ("latency_ms", "cost_usd", "input_tokens", "output_tokens", "ttft_ms", "overhead_ms", "created_at")
_AGED_SECONDS = 5.0
_VERIFY_SECONDS = 1.0


class RequestsScreen(ListScreen):
    """The table of calls with its filter."""

    screen_id = REQUESTS
    BINDINGS = bindings(LISTS, REQUESTS)

    def __init__(self) -> None:
        super().__init__()
        self._calls: CallList | None = None
        self.text = ""
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

    def compose(self) -> ComposeResult:
        """Filter, table, the call under the cursor."""
        self.text, self.since = self.setup.filter, self.setup.since
        self._calls = self.house.first
        if self._calls is None:
            self._calls = CallList(self.feed)
            self._calls.choose(chosen(self.setup, self.text, self.since))
        table = CallTable(self.calls, self.setup.columns or USUAL)
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

    def choose(self, text: str, since: str | None = None, order: Order | None = None) -> None:
        """Show the calls that a filter chooses; one that cannot be read is told and changes nothing."""
        since = self.since if since is None else since
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
        self.table.renewed()
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
        """Give up marks, then the order, then the filter."""
        if self.table.marked:
            self.table.marked.clear()
            self.table.turned()
        elif self.calls.order is not None:
            self.choose(self.text)
        elif self.text:
            self.choose("")
        else:
            return False
        return True

    def turn_window(self) -> None:
        """The next window of time."""
        self.choose(self.text, next_window(self.since), self.calls.order)

    def turn_pause(self) -> None:
        """Hold still, or go on."""
        self.calls.turn_pause()

    def copies(self) -> list[Item]:
        """The command of the list, and what the call under the cursor has."""
        command = commands.filter_command(self.setup, self.text, self.since, self.calls.order)
        return [Item(command, "the command for this list", "c", command), *self.house.copies_of(self.table.seq)]

    def action_open(self) -> None:
        """`enter`"""
        if self.table.seq is not None:
            self.house.inspect(self, self.table.seq)

    def action_next_error(self) -> None:
        """`e`"""
        self._near(lambda call: status_of(["error"]), older=True, what="no call that failed further back")

    def action_previous_error(self) -> None:
        """`E`"""
        self._near(lambda call: status_of(["error"]), older=False, what="no newer call that failed")

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

    def action_only_user(self) -> None:
        """`u`"""
        self._narrow("user", "has no user")

    def action_only_model(self) -> None:
        """`m`"""
        self._narrow("model", "has no model")

    def action_only_prompt(self) -> None:
        """`p`"""
        self._narrow("prompt", "has neither prompt nor name")

    def action_not_user(self) -> None:
        """`U`"""
        self._narrow("user", "has no user", out=True)

    def action_not_model(self) -> None:
        """`M`"""
        self._narrow("model", "has no model", out=True)

    def action_not_prompt(self) -> None:
        """`P`"""
        self._narrow("prompt", "has neither prompt nor name", out=True)

    def action_mark(self) -> None:
        """`x`"""
        seq = self.table.seq
        if seq is not None:
            self.table.marked.symmetric_difference_update({seq})
            self.house.marked = seq if seq in self.table.marked else None
            self.table.turned()
            self.table.move(self.table.cursor + 1)

    def action_marks(self) -> None:
        """`X`"""
        marked = sorted(self.table.marked, reverse=True)
        if not marked:
            self.house.tell("no call is marked; x marks one")
            return
        these = "seq:" + ",".join(map(str, marked))
        items = [
            Item("only", "only these calls", "o", these),
            Item("copy", "copy the command for them", "c", commands.filter_command(self.setup, these, "all")),
            Item("clear", "unmark them", "u"),
        ]
        if len(marked) == 2:
            items.insert(0, Item("diff", "what differs between them", "d", f"{marked[1]} and {marked[0]}"))
        self.app.push_screen(Menu(f"{len(marked)} marked", items), partial(self._do_marked, marked, these))

    def action_follow(self) -> None:
        """`f`"""
        if self.calls.paused:
            self.calls.turn_pause()
        self.table.move(0)

    def action_columns(self) -> None:
        """`c`"""
        names = [*USUAL, *(each.name for each in COLUMNS if each.name not in USUAL)]
        docs = {each.name: each.doc for each in COLUMNS} | DOCS
        items = [Item(name, name, "", docs.get(name, "")) for name in names]
        self.app.push_screen(Choice("columns", items, self.table.names), self._show_columns)

    def action_sort(self) -> None:
        """`>`"""
        items = [Item("", "time, the newest first", "t")]
        items += [
            Item(name, column(name).title.lower(), str(at), column(name).doc) for at, name in enumerate(_SORTS, 1)
        ]
        self.app.push_screen(Menu("sort by", items), self._sort)

    def action_turn_order(self) -> None:
        """`<`"""
        order = self.calls.order
        if order is not None:
            self.choose(self.text, order=Order(order.column, not order.down))
        else:
            self.choose(self.text, order=Order(column("seq"), False))

    def action_split(self) -> None:
        """`\\`"""
        self.query_one(Peek).turn()

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

    @on(CallTable.Moved)
    def _moved(self, moved: CallTable.Moved) -> None:
        self.query_one(Peek).look(moved.seq)
        self._tell()

    def _do_marked(self, marked: list[int], these: str, what: str | None) -> None:
        if what == "only":
            self.choose(these, "all")
        elif what == "copy":
            self.house.copy(commands.filter_command(self.setup, these, "all"))
        elif what == "clear":
            self.table.marked.clear()
            self.table.turned()
        elif what == "diff":
            self.house.marked = marked[1]
            self.house.inspect(self, marked[0], "diff")

    def _show_columns(self, names: str | None) -> None:
        if names:
            self.table.show(names.split(","))

    def _sort(self, name: str | None) -> None:
        if name is not None:
            self.choose(self.text, order=Order(column(name), True) if name else None)

    def _save(self, name: str | None) -> None:
        if name and self.setup.save is not None:
            try:
                self.house.tell(self.setup.save(name, self.text))
            except HelicliError as error:
                self.house.tell_error(error)
            else:
                self.house.keep_filter(name, self.text)

    def _narrow(self, field: str, without: str, *, out: bool = False) -> None:
        call = self.calls.known(self.table.seq) if self.table.seq is not None else None
        if call is None:
            return
        values = {"user": call.user, "model": call.requested_model or call.model, "prompt": call.prompt}
        value = values[field]
        if field == "prompt" and value is None:
            field, value = "name", call.name
        if value is None:
            self.house.tell(f"this call {without}")
            return
        try:
            text = commands.narrowed(self.setup, self.text, field, value, out=out)
        except UsageError as error:
            self.house.tell_error(error)
        else:
            self.choose(text)

    def _near_session(self, *, older: bool) -> None:
        self._near(
            lambda call: one_of("session", [call.session]) if call.session else None,
            older=older,
            what="no other call of its session there",
        )

    def _near(self, term: Callable[[Call], object], *, older: bool, what: str) -> None:
        """Go to the next call on one side for which a term holds too."""
        call = self.calls.known(self.table.seq) if self.table.seq is not None else None
        more = term(call) if call is not None else None
        if call is not None and more is not None:
            asked = self.calls.chosen.both(more)  # type: ignore[arg-type]
            self._ask_near(lambda log: iter([index.beside(log, asked, call.seq, older=older)]), what)
        elif call is not None:
            self.house.tell("this call has no session")

    def _near_slow(self, *, older: bool) -> None:
        seq, asked = self.table.seq, self.calls.chosen
        if seq is not None:
            self._ask_near(lambda log: near.slow(log, asked, seq, older=older), "no slower call there")

    def _ask_near(self, work: Callable[[Log], Iterator[int | None]], what: str) -> None:
        self.feed.ask("sums", "near", work, partial(self._go, what), self.house.tell_error)

    def _go(self, what: str, seq: int | None) -> None:
        if seq is None:
            self.house.tell(what)
        else:
            self.table.go(seq)

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
