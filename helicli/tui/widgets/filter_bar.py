"""The bar in which a filter is typed: the sole field of text of a screen, with the focus only while it is typed in.

Owns what is offered below it while one types: what the word may go on with, or where the filter is wrong. A filter that
can be read is told as it is typed; that it was typed to its end is told once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from helicli.errors import HelicliError, UsageError
from helicli.filters import parse
from helicli.tui import completing
from helicli.tui.feed import Feed
from helicli.tui.history import History
from helicli.tui.setup import Setup
from helicli.tui.widgets.canvas import Line, OneLine
from helicli.tui.widgets.safe_input import SafeInput
from helicli.view.safe import safe

_PATIENCE: Final = 0.15
"""So long nothing must be typed before what was typed is asked."""


class _Field(SafeInput):
    """The field itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", "the next thing it may go on with", show=False),
        Binding("shift+tab", "complete(-1)", "the one before", show=False),
        Binding("up", "older", "an older filter", show=False),
        Binding("down", "newer", "a newer one", show=False),
        Binding("escape", "give_up", "leave the filter as it was", show=False),
    ]

    def _bar(self) -> FilterBar:
        bar = self.query_ancestor(FilterBar)
        assert isinstance(bar, FilterBar)
        return bar

    def action_complete(self, step: int) -> None:
        """Put in what is offered."""
        self._bar().complete(step)

    def action_older(self) -> None:
        """Go back in history."""
        self._bar().recall(older=True)

    def action_newer(self) -> None:
        """Come forth in history."""
        self._bar().recall(older=False)

    def action_give_up(self) -> None:
        """Have the filter that stood before."""
        self._bar().give_up()


class FilterBar(Vertical):
    """A line for the filter, and one below it while it is typed."""

    class Typed(Message):
        """A filter that can be read; `done` says that it was typed to its end, by enter or by giving up."""

        def __init__(self, text: str, done: bool) -> None:
            super().__init__()
            self.text = text
            self.done = done

    def __init__(self, setup: Setup, feed: Feed, history: History) -> None:
        super().__init__(id="filter")
        self._setup = setup
        self._feed = feed
        self._history = history
        self._before = ""
        self._offers: list[str] = []
        self._at = -1
        self._place = completing.place("", 0)
        self._put = ""
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The sign, the field, the count; what is below is seen while one types."""
        with Horizontal(id="filterline"):
            yield _Field(filter=True, placeholder="/ type a filter: user:ada status:error -cache:hit")
            yield OneLine("count")
        yield OneLine("below")

    @property
    def field(self) -> Input:
        """Where it is typed."""
        return self.query_one(_Field)

    @property
    def value(self) -> str:
        """What stands in it."""
        return self.field.value

    @value.setter
    def value(self, text: str) -> None:
        if text != self.field.value:
            with self.field.prevent(Input.Changed):
                self.field.value = text
                self.field.cursor_position = len(text)

    def count(self, told: Line) -> None:
        """Say at the right how many calls it leaves."""
        counted = self.query_one("#count", OneLine)
        width = sum(cell_len(text) for text, _ in told)
        if counted.styles.width is None or counted.styles.width.value != width:
            counted.styles.width = width
        counted.tell(told)

    def start(self) -> None:
        """Let it be typed."""
        self._before = self.value
        self._history.reset()
        self.add_class("typing")
        self.field.focus()
        self._look()

    def stop(self) -> None:
        """No longer."""
        self.remove_class("typing")
        self._drop_timer()

    def leave(self, text: str) -> None:
        """No longer, however far it was typed: the filter that is in force stands there again."""
        if self.has_class("typing"):
            self.stop()
            self.value = text

    def complete(self, step: int) -> None:
        """Put the next offer in the place of the word."""
        if self._put and len(self._offers) == 1 and self._put.endswith((":", ".")):
            # The field stands there: what may follow it is meant now.
            self._look()
        if not self._offers:
            return
        self._at = (self._at + step) % len(self._offers)
        text, at = completing.put(self.value, self._place, self._offers[self._at])
        self._put = text
        self.field.value = text
        self.field.cursor_position = at
        # Another tab replaces what this one put in.
        self._place = completing.Place(self._place.start, at, self._place.field, self._place.begun)
        self._show()

    def recall(self, *, older: bool) -> None:
        """A filter that was used before."""
        text = self._history.older() if older else self._history.newer()
        if text is not None or not older:
            self.field.value = self._before if text is None else text
            self.field.cursor_position = len(self.field.value)

    def give_up(self) -> None:
        """What stood before stands again."""
        self.value = self._before
        self.stop()
        self.post_message(self.Typed(self._before, done=True))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Something was typed."""
        event.stop()
        if event.value != self._put:
            self._look()
        self._drop_timer()
        if self._trouble(event.value) is None:
            self._timer = self.set_timer(_PATIENCE, self._tell)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self._drop_timer()
        trouble = self._trouble(event.value)
        if trouble is not None:
            self._offers = []
            self._point(trouble)
            return
        self._history.add(event.value)
        self.stop()
        self.post_message(self.Typed(event.value.strip(), done=True))

    def _tell(self) -> None:
        """Ask what was typed so far; what was said in calls is looked for when it was typed to its end, not before."""
        if self._trouble(self.value) is None:
            now, saved = self._setup.now(), self._setup.saved
            if not parse(self.value, now, saved).needs_text:
                self.post_message(self.Typed(self.value.strip(), done=False))

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _trouble(self, text: str) -> UsageError | None:
        try:
            parse(text, self._setup.now(), self._setup.saved)
        except UsageError as error:
            return error
        return None

    def _look(self) -> None:
        """See what the word may go on with."""
        self._put, self._at = "", -1
        where = completing.place(self.value, self.field.cursor_position)
        self._place = where
        self._offers = completing.known(where, self._setup.saved)
        self._show()
        if completing.asks(where):
            self._feed.ask("sums", "offers", lambda log: iter([completing.values(log, where)]), self._offer, _ignore)

    def _offer(self, found: list[str]) -> None:
        self._offers = list(dict.fromkeys([*self._offers, *found]))
        self._show()

    def _show(self) -> None:
        trouble = self._trouble(self.value)
        wrong_word = trouble is not None and not self._offers
        if wrong_word and trouble is not None:
            self._point(trouble)
            return
        told: list[Any] = [("  ", "")]
        first = max(0, self._at - 3)
        for at, offer in enumerate(self._offers[first : first + 30], first):
            told += [(safe(offer), "cursor" if at == self._at else "accent"), ("  ", "")]
        if not self._offers:
            meant = parse(self.value, self._setup.now(), self._setup.saved).sentence()
            told = [("  ", ""), (safe(meant), "dim")]
        self._below(told)

    def _point(self, error: UsageError) -> None:
        """Say below the place what is wrong with it."""
        excerpt = error.excerpt
        message = safe(error.message if excerpt is None or not excerpt.hint else excerpt.hint)
        if excerpt is None or excerpt.text != self.value or cell_len(self.value) > self.size.width // 2:
            self._below([("  ", ""), (safe(error.message), "bad"), (f"   {message}", "dim")])
            return
        before = cell_len(safe(self.value[: excerpt.start]))
        marks = max(1, cell_len(safe(self.value[excerpt.start : excerpt.end])))
        self._below([(" " * (before + 1), ""), ("^" * marks, "bad"), (f" {message}", "bad")])

    def _below(self, told: Line) -> None:
        self.query_one("#below", OneLine).tell(told)


def _ignore(_: HelicliError) -> None:
    """What cannot be offered is not."""
