"""The call under the cursor, below the table or beside it.

Owns when it is read: once the cursor has stood still for a moment. While it has the keys, all of it can be scrolled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from helicli.errors import HelicliError
from helicli.tui import one_call, views
from helicli.tui.one_call import OneCall
from helicli.tui.views import Look
from helicli.tui.widgets.canvas import Line, OneLine
from helicli.tui.widgets.lines_view import LinesView
from helicli.units import seconds
from helicli.view.safe import safe

if TYPE_CHECKING:
    from helicli.tui.app import HelicliApp

_PATIENCE: Final = 0.06
_FOLD: Final = 3
"""So many lines of each turn: here one looks over a call, one does not read it."""

_KEYS: Final = "▸"
_PLACES: Final = ("below", "beside", "off")


_NAMES: Final = (*views.NAMES, views.FIGURES)
_WIDE: Final = 110
"""From so many cells on all names of views are told, else that of the one that is shown."""


class Peek(Vertical):
    """The pane. `place` is where it stands: below, beside or off; `zoomed` has the pane that has the keys alone."""

    class Picked(Message):
        """The pane was clicked."""

    def __init__(self) -> None:
        super().__init__(id="peek")
        self.place = "below"
        self.zoomed = False
        self.has_keys = False
        self.look_as = Look()
        self._seq: int | None = None
        self._one: OneCall | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line on which call it is, and what was said."""
        yield OneLine("peekhead")
        yield LinesView(id="peeklines")

    def on_mount(self) -> None:
        """Keys come by the screen."""
        self.lines.can_focus = False
        self._stand()

    def look(self, seq: int | None) -> None:
        """Show another call."""
        if seq == self._seq:
            return
        self._seq = seq
        if self._timer is not None:
            self._timer.stop()
        if seq is None:
            self._one = None
            self._draw()
        elif self.is_seen:
            self._timer = self.set_timer(_PATIENCE, self._read)

    def turn(self) -> None:
        """Stand elsewhere."""
        self.place = _PLACES[(_PLACES.index(self.place) + 1) % len(_PLACES)]
        self.zoomed = False
        self._stand()

    def zoom(self) -> None:
        """The pane that has the keys alone, or both again."""
        self.zoomed = not self.zoomed
        self._stand()

    def take_keys(self, taken: bool) -> None:
        """Have the keys, or have them no more."""
        if taken != self.has_keys:
            self.has_keys, self.zoomed = taken, False
            self._stand()
            self._draw()

    def turn_view(self, step: int) -> None:
        """Show another view of the call."""
        name = _NAMES[(_NAMES.index(self.look_as.view) + step) % len(_NAMES)]
        self.look_as = Look(name)
        self._draw()

    def on_click(self) -> None:
        """Have the keys."""
        self.post_message(self.Picked())

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._draw()

    @property
    def lines(self) -> LinesView:
        """What is shown."""
        return self.query_one("#peeklines", LinesView)

    @property
    def is_seen(self) -> bool:
        """Whether it is on the screen."""
        return self.has_keys if self.zoomed else self.place != "off"

    def _stand(self) -> None:
        assert self.parent is not None
        for place in _PLACES:
            self.parent.set_class(place == self.place, f"peek-{place}")
        self.parent.set_class(self.zoomed and self.has_keys, "zoom-call")
        self.parent.set_class(self.zoomed and not self.has_keys, "zoom-list")
        self.set_class(self.has_keys, "keys")
        if self.is_seen and self._seq is not None and (self._one is None or self._one.call.seq != self._seq):
            self._read()

    def _read(self) -> None:
        seq = self._seq
        if seq is not None:
            house = cast("HelicliApp", self.app)
            house.feed.ask("rows", "peek", lambda log: one_call.read(log, seq), self._show, self._gone)

    def _show(self, one: OneCall) -> None:
        self._one = one
        self._draw()

    def _gone(self, error: HelicliError) -> None:
        self._one = None
        self._draw()
        self.lines.show([[(f" {safe(error.message)}", "dim")]])

    def _draw(self) -> None:
        one = self._one
        self.query_one("#peekhead", OneLine).tell(self._head(one) if one is not None else ())
        if one is None:
            self.lines.show([])
            return
        told = views.lines(one, self.look_as, max(20, self.lines.size.width - 1), fold=0 if self.has_keys else _FOLD)
        while told and not any(text for text, _ in told[-1]):
            # There is little room: none for what is empty.
            told.pop()
        self.lines.show(told)
        if self.look_as.view == views.CHAT and not self.has_keys:
            # What was asked and answered last is what differs from call to call.
            self.lines.to_end()

    def _head(self, one: OneCall) -> Line:
        call, is_wide = one.call, self.size.width >= _WIDE
        model = f"{safe(call.model or call.requested_model or 'no model')} via {safe(call.provider or '–')}"
        return [
            (f"{_KEYS if self.has_keys else ' '}{call.seq}", "accent"),
            *views.names_line(_NAMES if is_wide else (self.look_as.view,), self.look_as.view),
            (f" {model}", "title"),
            (f"  {seconds(call.latency_us)}", "dim"),
            (f"  {safe(call.session)}" if call.session else "", "dim"),
        ]
