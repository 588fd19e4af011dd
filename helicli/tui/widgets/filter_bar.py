"""The bar in which a filter is typed: the sole field of text, with the focus only while it is typed in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from helicli.tui.setup import Setup


class FilterBar(Vertical):
    """A line for the filter."""

    class Typed(Message):
        """A filter that can be read; `done` says that it was typed to its end."""

        def __init__(self, text: str, done: bool) -> None:
            super().__init__()
            self.text = text
            self.done = done

    def __init__(self, setup: Setup) -> None:
        super().__init__(id="filter")
        self._setup = setup

    def compose(self) -> ComposeResult:
        yield Input(compact=True, placeholder="/ filter", select_on_focus=False)

    @property
    def value(self) -> str:
        """What stands in it."""
        return self.query_one(Input).value

    @value.setter
    def value(self, text: str) -> None:
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text

    def start(self) -> None:
        """Let it be typed."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Typed(event.value, done=True))
