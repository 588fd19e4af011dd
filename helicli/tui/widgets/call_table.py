"""The table of calls: as many rows as there are calls, of which only those on the screen exist.

Owns the cursor, the place in the list and how a row is drawn. Nothing is measured per row, and a row that has not been
read is drawn as a line of dots until it is. What the rows hold is the list's business, what is asked of the log too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import ClassVar, Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from helicli.tui import table_columns
from helicli.tui.call_list import CallList
from helicli.tui.marks import Marks
from helicli.tui.table_columns import USUAL
from helicli.tui.widgets.canvas import ROLES, Line, strip

_STRIPS: Final = 1_000
_CURSOR: Final = "▸"
_MARK: Final = "●"
_BORNE_SECONDS: Final = 0.5
"""So long the lines stay as they are while those of newer calls are read."""

_EDGE: Final = 3
"""Cells before the first column, for cursor and mark, and one that is empty."""


class CallTable(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows. `follow` keeps the cursor on the first row while it stands there, whichever call that is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"canvas--{role}" for role in ROLES}
    ALLOW_SELECT = False

    class Moved(Message):
        """Another call is under the cursor."""

        def __init__(self, seq: int | None) -> None:
            super().__init__()
            self.seq = seq

    class Picked(Message):
        """A row was clicked."""

    class Opened(Message):
        """A call was chosen."""

        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    def __init__(self, calls: CallList, marks: Marks, names: Sequence[str] = USUAL) -> None:
        super().__init__(id="calls")
        self.calls = calls
        self.marks = marks
        self.names = names
        self.follow = True
        self.now = 0
        self.cursor = 0
        self._seq: int | None = None
        self._down = True
        self._columns: list[tuple[table_columns.Shape, int]] = []
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()
        self._newest = 0
        self._wanted: int | None = None
        self._kept: int | None = None
        self._drawn: dict[int, Strip] = {}
        self._drawn_at = 0.0
        self._thumb = (0, 0)

    @property
    def seq(self) -> int | None:
        """The call under the cursor, None where there is none."""
        return self._seq

    @property
    def page(self) -> int:
        """How many rows are seen."""
        return max(1, self.size.height)

    @property
    def above(self) -> int:
        """How many calls have come since the newest one was under the cursor."""
        rows = self.calls.rows
        return rows.row(self._newest) if self.cursor > 0 and self._newest and self.calls.order is None else 0

    def titles(self) -> str:
        """The titles of the columns, above them."""
        order = self.calls.order
        name = {"created_at": "when", "latency_ms": "latency", "cost_usd": "cost"}.get(
            order.column.name if order else "", order.column.name if order else ""
        )
        return " " * _EDGE + table_columns.head(self._columns, name, order.down if order else False)

    def show(self, names: Sequence[str]) -> None:
        """Show other columns."""
        self.names = names
        self._fit()

    def turned(self) -> None:
        """Draw all anew: the theme or the marks are others, or time has passed."""
        self._strips.clear()
        self.refresh()

    def renewed(self, *, keep: bool = False) -> None:
        """Show another list, from its begin; with `keep` at the call under the cursor, once it is found there."""
        # The first row is where new calls are followed, unless the cursor came there for its call.
        self._wanted = self._seq if keep and (self.cursor or self._seq == self._kept) else None
        self.cursor, self._seq = 0, None
        self._strips.clear()
        self.scroll_to(y=0, animate=False, force=True)
        self.changed()
        self._tell_head()

    def changed(self) -> None:
        """There are other rows, or more is known of them; the call under the cursor stays where it is on the screen."""
        rows = self.calls.rows
        if self.virtual_size.height != len(rows):
            # Nothing is laid out anew for it: the bar is always there, and it is drawn where it would be another.
            self.set_reactive(ScrollView.virtual_size, Size(self.size.width, len(rows)))
            self.scroll_y = self.validate_scroll_y(self.scroll_y)
            self._fit_bar()
        if self._seq is not None and not (self.follow and self.cursor == 0) and len(rows):
            row = min(rows.row(self._seq), len(rows) - 1)
            if row != self.cursor:
                offset = self.cursor - round(self.scroll_y)
                self.cursor = row
                self._scroll(row - offset)
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        self._settle()
        if self._wanted is not None and self.calls.ready:
            self._go_to_wanted(self._wanted)
        if not self._is_coming():
            self._refresh_lines()

    def age(self, now: int) -> None:
        """Take that time has passed: it is so long ago now that calls began."""
        self.now = now
        self._strips.clear()
        self._refresh_lines()

    def move(self, row: int) -> None:
        """Put the cursor on a row."""
        row = max(0, min(row, len(self.calls.rows) - 1))
        self._wanted = None
        self._down = row >= self.cursor
        self.cursor = row
        self._settle()
        top = round(self.scroll_y)
        if row < top:
            self._scroll(row)
        elif row >= top + self.page:
            self._scroll(row - self.page + 1)
        self._refresh_lines()

    def by(self, rows: int) -> None:
        """Move by rows."""
        self.move(self.cursor + rows)

    def to_begin(self) -> None:
        """Move to the first row."""
        self.move(0)

    def to_end(self) -> None:
        """Move to the last row."""
        self.move(len(self.calls) - 1)

    def by_pages(self, part: float) -> None:
        """Move by pages or parts of one, the cursor staying where it is on the screen."""
        rows = round(self.page * part) or (1 if part > 0 else -1)
        offset = self.cursor - round(self.scroll_y)
        self.move(self.cursor + rows)
        self._scroll(self.cursor - offset)

    def go(self, seq: int) -> None:
        """Put the cursor on a call."""
        self.move(self.calls.rows.row(seq))
        top = round(self.scroll_y)
        if not top <= self.cursor < top + self.page - 1 or self.cursor == top:
            self._scroll(self.cursor - self.page // 2)

    def render_line(self, y: int) -> Strip:
        """One row."""
        self._drawn[y] = drawn = self._line(y)
        return drawn

    def _line(self, y: int) -> Strip:
        row = round(self.scroll_y) + y
        width = self.size.width
        if row >= len(self.calls.rows):
            return strip(self, (), width)
        seq = self.calls.rows.seq(row)
        here, marked = row == self.cursor, seq in self.marks
        call, said = self.calls.known(seq), self.calls.said(seq)
        key = (seq, call is not None, said is not None, here, marked, width)
        known = self._strips.get(key)
        if known is None:
            known = strip(self, self._row(seq, here, marked), width, "cursor" if here else "")
            self._strips[key] = known
            if len(self._strips) > _STRIPS:
                self._strips.popitem(last=False)
        return known

    def on_resize(self) -> None:
        """Fit the columns anew."""
        self._fit()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; twice opens."""
        row = round(self.scroll_y) + event.y
        if row < len(self.calls.rows):
            self.move(row)
            self.post_message(self.Picked())
            if event.chain == 2 and self._seq is not None:
                self.post_message(self.Opened(self._seq))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what has come into sight. Where calls have come above, other rows have the lines they had."""
        self._down = new_value >= old_value
        self._fit_bar()
        self._refresh_lines()
        self._read()

    def _fit_bar(self) -> None:
        """Have the bar at the side tell the place, where it would be drawn in another way than it is."""
        rows, eighths = max(1, len(self.calls.rows)), self.page * 8
        thumb = (self.page * eighths // rows, round(self.scroll_y) * eighths // rows)
        if thumb != self._thumb:
            self._thumb = thumb
            bar = self.vertical_scrollbar
            bar.window_virtual_size, bar.window_size, bar.position = rows, self.page, self.scroll_y

    def _refresh_lines(self) -> None:
        """Draw the lines that are others than those on the screen: over a thin line each of them counts."""
        width, lines = self.size.width, range(self.size.height)
        self._drawn_at = monotonic()
        others = [Region(0, y, width, 1) for y in lines if self._drawn.get(y) != self._line(y)]
        if others:
            self.refresh(*others)

    def _is_coming(self) -> bool:
        """Whether newer calls are being read for the lines on the screen, and that for no longer than can be borne."""
        if not self.follow or self.cursor or not self._drawn or monotonic() - self._drawn_at > _BORNE_SECONDS:
            return False
        rows = self.calls.rows
        seen = range(min(self.size.height, len(rows)))
        return any(self.calls.known(rows.seq(row)) is None for row in seen)

    def _go_to_wanted(self, seq: int) -> None:
        if self.calls.rows.holds(seq):
            self._kept = seq
            self.go(seq)
        elif self.calls.complete:
            self._wanted = None

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=max(0, row), animate=False, force=True)

    def _fit(self) -> None:
        self._columns = table_columns.fitted(self.names, self.size.width - _EDGE - 1)
        self._strips.clear()
        self.changed()
        self._tell_head()

    def _tell_head(self) -> None:
        for head in self.screen.query("#head"):
            head.refresh()

    def _read(self) -> None:
        top = round(self.scroll_y)
        self.calls.want(top, top + self.page, down=self._down)
        if any(each.name == "text" for each, _ in self._columns):
            self.calls.tell(top, top + self.page)

    def _settle(self) -> None:
        seq = self.calls.rows.seq(self.cursor) if len(self.calls.rows) else None
        if self.cursor == 0:
            self._newest = seq or 0
        if seq != self._seq:
            self._seq = seq
            self.post_message(self.Moved(seq))
        self._read()

    def _row(self, seq: int, here: bool, marked: bool) -> Line:
        edge = (_CURSOR if here else " ", "accent")
        mark = (_MARK + " " if marked else "  ", "mark")
        call = self.calls.known(seq)
        if call is None:
            return [edge, mark, ("·" * 8, "dim")]
        told = table_columns.cells(call, self.calls.said(seq), self._columns, self.now)
        return [edge, mark, *told]
