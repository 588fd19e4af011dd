"""The call under the cursor, below the table or beside it.

Owns when it is read: once the cursor has stood still for a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from helicli.errors import HelicliError
from helicli.tui import chat, one_call
from helicli.tui.one_call import OneCall
from helicli.tui.widgets.canvas import Canvas, Line
from helicli.tui.widgets.lines_view import LinesView
from helicli.units import seconds
from helicli.view.safe import safe

if TYPE_CHECKING:
    from helicli.tui.app import HelicliApp

_PATIENCE: Final = 0.06
_FOLD: Final = 3
"""So many lines of each turn: here one looks over a call, one does not read it."""

_PLACES: Final = ("below", "beside", "off")


class _Head(Canvas):
    def __init__(self) -> None:
        super().__init__(id="peekhead")
        self.told: Line = ()

    def line(self, y: int) -> Line:
        """Which call it is."""
        return self.told


class Peek(Vertical):
    """The pane. `place` is where it stands: below, beside or off."""

    def __init__(self) -> None:
        super().__init__(id="peek")
        self.place = "below"
        self._seq: int | None = None
        self._one: OneCall | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line on which call it is, and what was said."""
        yield _Head()
        yield LinesView(id="peeklines")

    def on_mount(self) -> None:
        """It cannot have the keys."""
        self._view.can_focus = False
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
        elif self.place != "off":
            self._timer = self.set_timer(_PATIENCE, self._read)

    def turn(self) -> None:
        """Stand elsewhere."""
        self.place = _PLACES[(_PLACES.index(self.place) + 1) % len(_PLACES)]
        self._stand()
        if self.place != "off" and self._seq is not None:
            self._read()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._draw()

    @property
    def _view(self) -> LinesView:
        return self.query_one("#peeklines", LinesView)

    def _stand(self) -> None:
        assert self.parent is not None
        for place in _PLACES:
            self.parent.set_class(place == self.place, f"peek-{place}")

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
        self._view.show([[(f" {safe(error.message)}", "dim")]])

    def _draw(self) -> None:
        head = self.query_one(_Head)
        if self._one is None:
            head.told = ()
            self._view.show([])
        else:
            call = self._one.call
            head.told = [
                (f" {call.seq}", "accent"),
                (
                    f"  {safe(call.model or call.requested_model or 'no model')} via {safe(call.provider or '–')}",
                    "title",
                ),
                (f"  {seconds(call.latency_us)}", "dim"),
                (f"  {safe(call.session)}" if call.session else "", "dim"),
            ]
            # What was asked and answered last is what differs from call to call.
            self._view.show(chat.lines(self._one, max(20, self._view.size.width - 1), fold=_FOLD))
            self._view.to_end()
        head.refresh()
