"""What is asked in front of a screen: one of several things, some of several, or a line of text.

Owns how that is asked: a letter or the cursor chooses, escape gives up. The answer is given to whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import OneLine, Span
from helicli.tui.widgets.lines_view import LinesView
from helicli.tui.widgets.safe_input import SafeInput
from helicli.view.safe import safe

_MOVES: Final[list[BindingType]] = [
    Binding("escape", "give_up", show=False),
    Binding("ctrl+c", "give_up", show=False),
    Binding("down", "move(1)", show=False),
    Binding("up", "move(-1)", show=False),
    Binding("pagedown", "move(10)", show=False),
    Binding("pageup", "move(-10)", show=False),
    Binding("enter", "choose", show=False),
]


class Item(Struct, frozen=True):
    """One thing to choose: the letter that chooses it, what it is called, what is told of it, what the answer is."""

    value: str
    name: str
    letter: str = ""
    told: str = ""


def title(text: str) -> OneLine:
    """The line at the top of a box."""
    line = OneLine()
    line.tell([(f" {safe(text)}", "title")])
    return line


class _Items(LinesView):
    """The items; a click chooses."""

    def on_click(self, event: events.Click) -> None:
        """Choose it."""
        row = round(self.scroll_y) + event.y
        screen = self.screen
        if isinstance(screen, Menu) and row < len(self.lines):
            screen.take(row)


class Menu(ModalScreen[str | None], inherit_bindings=False):
    """One of several. With `typing`, what is typed narrows them; else letters choose."""

    BINDINGS: ClassVar[list[BindingType]] = _MOVES
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, items: Sequence[Item], *, typing: bool = False, at: int = 0) -> None:
        super().__init__()
        self._title = title
        self._items = items
        self._shown = list(items)
        self._typing = typing
        self._at = at
        self._wide = min(60, max((cell_len(safe(item.name)) for item in items), default=0))

    @property
    def _box(self) -> int:
        """How wide the box is."""
        wide = self._wide + max((cell_len(safe(item.told)) for item in self._items), default=0) + 12
        return min(max(36, min(wide, 110)), self.app.size.width)

    def _sign(self, item: Item) -> str:
        """What stands before an item."""
        return f" {item.letter:<3}" if item.letter else "  "

    def _row(self, item: Item) -> list[Span]:
        """An item as a line that fits the box."""
        letter = self._sign(item)
        room = self._box - len(letter) - 5
        wide = min(self._wide, max(8, room - 14))
        return [
            (letter, "accent"),
            (fit(safe(item.name), wide), ""),
            (f"  {fit(safe(item.told), max(0, room - wide - 2))}", "dim"),
        ]

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box"):
            yield title(self._title)
            if self._typing:
                yield SafeInput(placeholder="type to narrow")
            yield _Items()

    def on_mount(self) -> None:
        """Show them."""
        self.query_one(".box").styles.width = self._box
        self.query_one(_Items).styles.height = min(len(self._items), max(3, self.app.size.height - 8))
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """A letter chooses."""
        if self._typing:
            return
        for at, item in enumerate(self._items):
            if item.letter and item.letter == event.character:
                event.stop()
                self.take(at)
                return
        # The letter of an item goes before the keys that move.
        if event.character in ("j", "k"):
            event.stop()
            self.action_move(1 if event.character == "j" else -1)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow them."""
        words = event.value.casefold().split()
        self._shown = [
            item for item in self._items if all(word in f"{item.name} {item.told}".casefold() for word in words)
        ]
        self._at = 0
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.action_choose()

    def action_move(self, step: int) -> None:
        """Another one."""
        if self._shown:
            self._at = max(0, min(self._at + step, len(self._shown) - 1))
            self._draw()

    def action_choose(self) -> None:
        """The one under the cursor."""
        if self._shown:
            self.take(self._at)

    def action_give_up(self) -> None:
        """None of them."""
        self.dismiss(None)

    def take(self, row: int) -> None:
        """Choose a row."""
        self.dismiss(self._shown[row].value)

    def _draw(self) -> None:
        view = self.query_one(_Items)
        view.show([self._row(item) for item in self._shown], keep=True)
        view.choose(self._at if self._shown else -1)


class Choice(Menu):
    """Some of several: space turns one on and off, enter is the answer, as names with commas between them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]

    def __init__(self, title: str, items: Sequence[Item], chosen: Sequence[str]) -> None:
        super().__init__(f"{title}   space turns on and off, enter is done", items)
        self._chosen = list(chosen)

    def action_turn(self) -> None:
        """Turn one on or off."""
        self.turn(self._at)

    def action_choose(self) -> None:
        """Done."""
        self.dismiss(",".join(self._chosen))

    def take(self, row: int) -> None:
        """A click turns it."""
        self._at = row
        self.turn(row)

    def _sign(self, item: Item) -> str:
        return f" {'[x]' if item.value in self._chosen else '[ ]'} "

    def turn(self, row: int) -> None:
        """Turn a row on or off."""
        name = self._shown[row].value
        if name in self._chosen:
            self._chosen.remove(name)
        else:
            self._chosen.append(name)
        self._draw()


class Ask(ModalScreen[str | None], inherit_bindings=False):
    """A line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "give_up", show=False)]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box"):
            yield title(self._title)
            yield SafeInput(self._text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.dismiss(event.value.strip())

    def action_give_up(self) -> None:
        """No text."""
        self.dismiss(None)
