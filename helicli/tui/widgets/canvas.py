"""Lines of text in roles of colour: what everything on the screen is drawn as.

Owns the step from a text and its role to what Textual draws. Text is never read as markup. Whoever makes a line has
made what came from elsewhere safe; a line is cut and filled to the width here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

ROLES: Final = (
    "ok",
    "warn",
    "bad",
    "dim",
    "accent",
    "title",
    "head",
    "cursor",
    "panel",
    "mark",
    "jump",
    "user",
    "system",
    "assistant",
    "tool",
    "first",
    "second",
    "third",
)
"""What a text is; its colour stands in helicli.tcss. `first`, `second` and `third` tell series of a plot apart."""

Span = tuple[str, str]
"""A text and its role; "" for plain text. `ok on cursor` is a role in the colours of the line under the cursor."""

Line = Sequence[Span]


class Canvas(Widget):
    """A widget that is drawn line by line. Whoever derives from it gives `line`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"canvas--{role}" for role in ROLES}
    ALLOW_SELECT = False

    def line(self, y: int) -> Line:
        """The text of one line of the widget."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """A line as Textual draws it."""
        return strip(self, self.line(y), self.size.width)


class OneLine(Canvas):
    """A line that is told from outside."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.told: Line = ()

    def tell(self, line: Line) -> None:
        """Show another line."""
        if line != self.told:
            self.told = line
            self.refresh()

    def line(self, y: int) -> Line:
        """The line."""
        return self.told


def strip(widget: Widget, line: Line, width: int, base: str = "") -> Strip:
    """A line cut and filled to a width; `base` is the role of all of it, under the roles of its parts."""
    under = style(widget, base)
    # Neighbours of one look are one: each change of it is written to the terminal.
    return Strip(list(_segments(widget, line, width, under, bool(base))), width).simplify()


def style(widget: Widget, role: str) -> Style:
    """The style of a role in a widget."""
    return widget.get_component_rich_style(f"canvas--{role}") if role else widget.rich_style


def _segments(widget: Widget, line: Line, width: int, under: Style, mixed: bool) -> Iterable[Segment]:
    left = width
    for text, role in line:
        if left <= 0:
            return
        taken = cell_len(text)
        if taken > left:
            text, taken = set_cell_size(text, left), left
        left -= taken
        if not role:
            yield Segment(text, under)
        elif mixed:
            yield Segment(text, under + widget.get_component_rich_style(f"canvas--{role}", partial=True))
        else:
            yield Segment(text, style(widget, role))
    if left > 0:
        yield Segment(" " * left, under)
