"""One call: what was said, both bodies, the headers, the bytes, and beside them its figures.

Owns which call is looked at and how; neighbours are those of the list it was opened from.
"""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from helicli.errors import HelicliError
from helicli.filters import Filter, one_of
from helicli.query import index
from helicli.tui import chat, facts, one_call, outside, views
from helicli.tui.keys import CALL
from helicli.tui.one_call import OneCall
from helicli.tui.screens.base import HouseScreen, bindings
from helicli.tui.screens.menu import Ask, Item
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.call_table import CallTable
from helicli.tui.widgets.canvas import Canvas, Line
from helicli.tui.widgets.lines_view import LinesView
from helicli.units import ago
from helicli.view.safe import safe

VIEWS: Final = ("chat", "request", "response", "headers", "raw", "diff")
_WIDE: Final = 110
"""From so many cells on the figures stand beside what was said; else they are a view."""


class _Views(Canvas):
    """The names of the views, that of the one that is shown among them."""

    def __init__(self) -> None:
        super().__init__(id="views")
        self.told: Line = ()

    def line(self, y: int) -> Line:
        """The names."""
        return self.told


class InspectorScreen(HouseScreen):
    """A call, whole."""

    screen_id = CALL
    BINDINGS = bindings(CALL)

    def __init__(self, seq: int, table: CallTable | None = None, view: str = "chat") -> None:
        super().__init__()
        self.seq = seq
        self.view = view
        self._table = table
        self._one: OneCall | None = None
        self._other: OneCall | None = None
        self._unfolded = False
        self._wrapped = True
        self._shown: list[Line] = []

    def compose(self) -> ComposeResult:
        """The view, the figures beside it."""
        yield TopBar()
        yield _Views()
        with Horizontal(id="call"):
            with Vertical(id="main"):
                yield LinesView(id="view")
            yield LinesView(id="facts")
        yield KeyBar(CALL, self.house.bound)

    def on_mount(self) -> None:
        """Read the call."""
        self.query_one("#facts").can_focus = False
        self.body.focus()
        self._read()

    def on_unmount(self) -> None:
        """Nobody waits for what was asked any more."""
        for group in ("call", "other"):
            self.feed.forget("rows", group)

    @property
    def body(self) -> LinesView:
        """What is shown."""
        return self.query_one("#view", LinesView)

    def on_resize(self) -> None:
        """Lay it out anew."""
        if self._one is not None:
            self.call_after_refresh(self._draw)

    def go_back(self) -> bool:
        """To the list."""
        self.house.pop_screen()
        return True

    def start_filter(self) -> None:
        """To the list, and its filter."""
        self.house.pop_screen()
        self.house.call_later(self.house.action_filter)

    def copies(self) -> list[Item]:
        """What the call has."""
        return self.house.copies_of(self.seq)

    def look(self, seq: int) -> None:
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

    def action_line_down(self) -> None:
        """`j`"""
        self.body.by(1)

    def action_line_up(self) -> None:
        """`k`"""
        self.body.by(-1)

    def action_screen_down(self) -> None:
        """A page."""
        self.body.by_pages(1)

    def action_screen_up(self) -> None:
        """A page."""
        self.body.by_pages(-1)

    def action_top(self) -> None:
        """`g`"""
        self.body.by(-len(self.body.lines))

    def action_bottom(self) -> None:
        """`G`"""
        self.body.to_end()

    def action_unfold(self) -> None:
        """`enter`"""
        self._unfolded = not self._unfolded
        self._draw(keep=True)

    def action_wrap(self) -> None:
        """`w`"""
        self._wrapped = not self._wrapped
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
        self.house.marked = None if self.house.marked == self.seq else self.seq
        self.house.tell(f"call {self.seq} is {'marked' if self.house.marked else 'not marked any more'}")
        self._draw(keep=True)

    def action_diff(self) -> None:
        """`d`"""
        if self.house.marked is None or self.house.marked == self.seq:
            self.house.tell("mark another call first: x")
            return
        self.view = "diff"
        self._read()

    def action_find(self) -> None:
        """`F`"""
        self.app.push_screen(Ask("find in this view"), self._find)

    def action_next_hit(self) -> None:
        """`n`"""
        self.body.next_hit(1)

    def action_previous_hit(self) -> None:
        """`N`"""
        self.body.next_hit(-1)

    def _find(self, text: str | None) -> None:
        if text:
            found = self.body.find(text)
            self.house.tell(f"{found} line{'' if found == 1 else 's'} with {text}" if found else f"no {text} here")

    def _turn(self, step: int) -> None:
        names = self._names()
        at = names.index(self.view) if self.view in names else 0
        self.view = names[(at + step) % len(names)]
        self._draw()

    def _names(self) -> list[str]:
        names = [name for name in VIEWS if name != "diff" or self._other is not None]
        return names if self._is_wide else [*names, "figures"]

    @property
    def _is_wide(self) -> bool:
        return self.size.width >= _WIDE

    def _step(self, step: int) -> None:
        if self._table is None:
            return
        self._table.move(self._table.cursor + step)
        if self._table.seq is not None and self._table.seq != self.seq:
            self.look(self._table.seq)
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
        if self._table is not None and self._table.calls.known(seq) is not None:
            self._table.go(seq)
        self.look(seq)

    def _read(self) -> None:
        seq = self.seq
        other = self.house.marked if self.house.marked != seq else None
        self._other = None
        if other is not None:
            self.feed.ask("rows", "other", lambda log: one_call.read(log, other), self._compare, _ignore)
        self.feed.ask("rows", "call", lambda log: one_call.read(log, seq), self._show, self._failed)

    def _compare(self, one: OneCall) -> None:
        self._other = one
        if self._one is not None and self._one.call.seq == self.seq:
            self._draw()

    def _show(self, one: OneCall) -> None:
        self._one = one
        self._draw()

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
            self.view = "chat"
        width = self.size.width - (46 if self._is_wide else 1)
        self._shown = self._lines(one, max(30, width))
        self.body.show(self._shown, keep=keep)
        figures.show(facts.lines(one, 44))
        self._tell(one)

    def _lines(self, one: OneCall, width: int) -> list[Line]:
        if self.view == "figures":
            return facts.lines(one, width)
        if self.view == "chat":
            return chat.lines(one, width, unfolded=self._unfolded, wrapped=self._wrapped)
        if self.view == "diff" and self._other is not None:
            return views.diff(self._other, one, width)
        return views.view(one, self.view, width if self._wrapped else 0)

    def _text(self) -> str:
        return chat.plain(self._shown) if self.view in ("chat", "diff", "figures") else self._whole()

    def _whole(self) -> str:
        assert self._one is not None
        return chat.plain(views.view(self._one, self.view, 0))

    def _tell(self, one: OneCall) -> None:
        call = one.call
        status = str(call.status) if call.status is not None else "–"
        left = [
            (f" {call.seq}", "title"),
            (f"  {status}", "bad" if call.failed else "ok"),
            (f"  {safe(call.model or call.requested_model or 'no model')}", ""),
            (f" via {safe(call.provider or '–')}", "dim"),
            (f"  {ago(call.created_at, self.house.now_ms)}", "dim"),
        ]
        at = f"{self._table.cursor + 1:,} of {len(self._table.calls):,}" if self._table is not None else ""
        self.query_one(TopBar).show(left, [(f"{at}  esc back", "dim")])
        told: list[tuple[str, str]] = [(" ", "")]
        for name in self._names():
            told += [(f" {name} ", "cursor" if name == self.view else "dim"), (" ", "")]
        if self.house.marked == call.seq:
            told.append((" ● marked", "mark"))
        names = self.query_one(_Views)
        names.told = told
        names.refresh()


def _ignore(_: HelicliError) -> None:
    """What cannot be compared is not."""
