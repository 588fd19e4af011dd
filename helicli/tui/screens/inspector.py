"""One call: what was said, both bodies, the headers, the bytes, and beside them its figures.

Owns which call is looked at and how; neighbours are those of the list it was opened from.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from helicli.errors import HelicliError
from helicli.filters import Filter, one_of
from helicli.query import index
from helicli.query.growth import Extent
from helicli.tui import chat, facts, one_call, outside, views
from helicli.tui.keys import CALL
from helicli.tui.one_call import OneCall
from helicli.tui.screens import offering
from helicli.tui.screens.base import bindings
from helicli.tui.screens.jump import Jump
from helicli.tui.screens.lists import ListScreen
from helicli.tui.screens.menu import Item
from helicli.tui.screens.reading import ReadingScreen
from helicli.tui.telling import of_call
from helicli.tui.views import Look
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.canvas import Line, OneLine
from helicli.tui.widgets.lines_view import LinesView
from helicli.view.safe import safe

_WIDE: Final = 110
"""From so many cells on the figures stand beside what was said; else they are a view."""


class InspectorScreen(ReadingScreen):
    """A call, whole."""

    screen_id = CALL
    BINDINGS = bindings(CALL)

    def __init__(self, seq: int, opener: ListScreen, view: str = views.CHAT) -> None:
        """`opener` is the list that the call was opened from."""
        super().__init__()
        self.seq = seq
        self.look = Look(view)
        self._opener = opener
        self._table = opener.table
        self._one: OneCall | None = None
        self._other: OneCall | None = None
        self._shown: list[Line] = []
        self._followed = True

    def compose(self) -> ComposeResult:
        """The view, the figures beside it."""
        yield TopBar()
        yield OneLine("views")
        with Horizontal(id="call"):
            with Vertical(id="main"):
                yield LinesView(id="view")
            yield LinesView(id="facts")
        yield KeyBar(CALL, self.house.bound)

    def on_mount(self) -> None:
        """Read the call."""
        self.query_one("#facts").can_focus = False
        self.body.focus()
        # The list stays at the call that is looked at, however many come.
        self._followed, self._table.follow = self._table.follow, False
        self._read()

    def on_unmount(self) -> None:
        """Nobody waits for what was asked any more."""
        self._table.follow = self._followed
        for group in ("call", "other"):
            self.feed.forget("rows", group)
        self.feed.forget("sums", "near")

    def on_resize(self) -> None:
        """Lay it out anew."""
        if self._one is not None:
            self.call_after_refresh(self._draw)

    @property
    def view(self) -> str:
        """Which view is shown."""
        return self.look.view

    def grown(self, extent: Extent) -> None:
        """There are other calls beside it, and it is older."""
        if self._one is not None:
            self._tell(self._one)

    def go_back(self) -> bool:
        """To the list."""
        self.house.pop_screen()
        return True

    def start_filter(self) -> None:
        """To the list, and its filter."""
        self.house.pop_screen()
        self.house.call_later(self.house.action_filter)

    def turn_window(self) -> None:
        """To the list, at another time."""
        self.house.pop_screen()
        self._opener.turn_window()

    def turn_pause(self) -> None:
        """Hold the list still, or have it go on."""
        self._opener.turn_pause()
        self.house.tell("the list holds still" if self._opener.calls.paused else "the list goes on")
        self.grown(self.house.extent)

    def jumps(self) -> list[Jump]:
        """The views, each at its name."""
        jumps, right = [], 0
        for name in self._names():
            jumps.append(Jump(self.query_one("#views"), partial(self._turn_to, name), right))
            right += len(name) + 3
        return jumps

    def copies(self) -> list[Item]:
        """What the call has."""
        return offering.copies(self.setup, self.seq)

    def go(self, seq: int) -> None:
        """Look at another call."""
        self.seq = seq
        self._read()

    def action_next_view(self) -> None:
        """`tab`"""
        self._turn(1)

    def action_previous_view(self) -> None:
        """`⇧tab`"""
        self._turn(-1)

    def action_older(self) -> None:
        """`l`"""
        self._step(1)

    def action_newer(self) -> None:
        """`h`"""
        self._step(-1)

    def action_next_of_session(self) -> None:
        """`o`"""
        self._session(older=True)

    def action_previous_of_session(self) -> None:
        """`O`"""
        self._session(older=False)

    def action_unfold(self) -> None:
        """`enter`"""
        self.look = replace(self.look, unfolded=not self.look.unfolded)
        self._draw(keep=True)

    def action_wrap(self) -> None:
        """`w`"""
        self.look = replace(self.look, wrapped=not self.look.wrapped)
        self._draw()

    def action_pager(self) -> None:
        """`v`"""
        if self._one is not None:
            outside.page(self.house, self._text(), self.setup.pager)

    def action_editor(self) -> None:
        """`E`"""
        if self._one is not None:
            outside.edit(self.house, self._text(), f"call-{self.seq}-{self.view}.txt", self.setup.editor)

    def action_mark(self) -> None:
        """`x`"""
        marks = self.house.marks
        marks.turn(self.seq)
        self.house.tell(f"call {self.seq} is {'marked' if self.seq in marks else 'not marked any more'}")
        self._table.turned()
        self._read(keep=True)

    def action_diff(self) -> None:
        """`d`"""
        if self.house.marks.other(self.seq) is None:
            self.house.tell("mark another call first: x")
            return
        self.look = replace(self.look, view=views.DIFF)
        self._read()

    def _turn(self, step: int) -> None:
        names = self._names()
        at = names.index(self.view) if self.view in names else 0
        self._turn_to(names[(at + step) % len(names)])

    def _turn_to(self, name: str) -> None:
        self.look = replace(self.look, view=name)
        self._draw()

    def _names(self) -> list[str]:
        names = [*views.NAMES, *([views.DIFF] if self._other is not None else [])]
        return names if self._is_wide else [*names, views.FIGURES]

    @property
    def _is_wide(self) -> bool:
        return self.size.width >= _WIDE

    def _step(self, step: int) -> None:
        rows = self._table.calls.rows
        row = rows.row(self.seq)
        is_there = row < len(rows) and rows.seq(row) == self.seq
        # Where the call has gone, the next older one stands in its row.
        self._table.move(row + step if is_there or step < 0 else row)
        if self._table.seq is not None and self._table.seq != self.seq:
            self.go(self._table.seq)
        else:
            self.house.tell("no call further on" if step > 0 else "no newer call")

    def _session(self, *, older: bool) -> None:
        if self._one is None or not self._one.call.session:
            self.house.tell("this call has no session")
            return
        asked, seq = Filter(term=one_of("session", [self._one.call.session])), self.seq
        self.feed.ask(
            "sums", "near", lambda log: iter([index.beside(log, asked, seq, older=older)]), self._near, self._failed
        )

    def _near(self, seq: int | None) -> None:
        if seq is None:
            self.house.tell("no other call of its session there")
            return
        self._table.go(seq)
        self.go(seq)

    def _read(self, *, keep: bool = False) -> None:
        seq, other = self.seq, self.house.marks.other(self.seq)
        self._other = None
        self.feed.forget("rows", "other")
        if other is not None:
            self.feed.ask("rows", "other", lambda log: one_call.read(log, other), self._compare, _ignore)
        show = partial(self._show, keep=keep)
        self.feed.ask("rows", "call", lambda log: one_call.read(log, seq), show, self._failed)

    def _compare(self, one: OneCall) -> None:
        self._other = one
        if self._one is not None and self._one.call.seq == self.seq:
            self._draw(keep=True)

    def _show(self, one: OneCall, *, keep: bool = False) -> None:
        self._one = one
        self._draw(keep=keep)

    def _failed(self, error: HelicliError) -> None:
        self._one = None
        self.query_one(TopBar).show([(f" {self.seq}", "title")], [("esc back", "dim")])
        self.body.show([[("", "")], [(f"    {safe(error.message)}", "bad")], [(f"    {safe(error.fix)}", "dim")]])
        self.query_one("#facts", LinesView).show([])

    def _draw(self, *, keep: bool = False) -> None:
        one = self._one
        if one is None:
            return
        figures = self.query_one("#facts", LinesView)
        figures.display = self._is_wide
        if self.view not in self._names():
            self.look = replace(self.look, view=views.CHAT)
        width = self.size.width - (46 if self._is_wide else 1)
        self._shown = views.lines(one, self.look, max(30, width), other=self._other)
        self.body.show(self._shown, keep=keep)
        figures.show(facts.lines(one, 44))
        self._tell(one)

    def _text(self) -> str:
        is_made = self.view in (views.CHAT, views.DIFF, views.FIGURES)
        return chat.plain(self._shown) if is_made else self._whole()

    def _whole(self) -> str:
        assert self._one is not None
        return chat.plain(views.view(self._one, self.view, 0))

    def _tell(self, one: OneCall) -> None:
        call = one.call
        rows = self._table.calls.rows
        right = [(f"{min(rows.row(call.seq) + 1, len(rows)):,} of {len(rows):,}  esc back", "dim")]
        if self._table.calls.paused:
            right.insert(0, ("‖ paused  ", "warn"))
        self.query_one(TopBar).show(of_call(call, self.house.now_ms), right)
        told = views.names_line(self._names(), self.view)
        if call.seq in self.house.marks:
            told.append((" ● marked", "mark"))
        self.query_one("#views", OneLine).tell(told)


def _ignore(_: HelicliError) -> None:
    """What cannot be compared is not."""
