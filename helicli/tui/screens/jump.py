"""Jump mode: a letter stands on each place of a screen, and takes the keys there.

Owns which letters, in the order in which they lie on the keyboard, and where they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widget import Widget

from helicli.tui.widgets.canvas import OneLine

LETTERS: Final = "asdfghjklqwertyuiop"


class Jump(NamedTuple):
    """A place: the widget it is, what goes there, and how far in the widget the letter stands."""

    place: Widget
    go: Callable[[], None]
    right: int = 0


class JumpScreen(ModalScreen[int | None], inherit_bindings=False):
    """The letters. The answer is which place it is, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c,ctrl+o", "give_up", show=False)]
    AUTO_FOCUS = ""

    def __init__(self, jumps: Sequence[Jump]) -> None:
        super().__init__()
        self._jumps = jumps[: len(LETTERS)]

    def compose(self) -> ComposeResult:
        """A letter on each of them."""
        for letter, jump in zip(LETTERS, self._jumps, strict=False):
            label = OneLine(classes="jump")
            label.tell([(f" {letter} ", "jump")])
            region = jump.place.region
            label.styles.offset = Offset(region.x + jump.right, region.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        """A letter goes there."""
        at = LETTERS.find(event.character or " ")
        if 0 <= at < len(self._jumps):
            event.stop()
            self.dismiss(at)

    def action_give_up(self) -> None:
        """Stay."""
        self.dismiss(None)
