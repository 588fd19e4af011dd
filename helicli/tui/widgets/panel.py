"""A panel of a screen of figures: a title with a figure, and below it what is drawn.

Owns how the title is fitted, and what a click means. One panel of a screen is picked; keys are about that one.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import Canvas, Line, Span, strip


class Panel(Canvas):
    """Derive from it, give `title`, `body` and `point`."""

    class Picked(Message):
        """A panel was clicked; `opened` where that was done twice."""

        def __init__(self, panel: Panel, opened: bool) -> None:
            super().__init__()
            self.panel = panel
            self.opened = opened

    def __init__(self, id: str, *, ascii: bool = False) -> None:
        super().__init__(id=id, classes="panel")
        self.ascii = ascii
        self.picked = False

    @property
    def rows(self) -> int:
        """How many lines there are below the title."""
        return max(0, self.size.height - 1)

    def pick(self, picked: bool) -> None:
        """Show whether keys are about this one."""
        if picked != self.picked:
            self.picked = picked
            self.refresh()

    def title(self, room: int) -> tuple[str, Line]:
        """What it is called, and what stands at the right of that in at most so many cells."""
        raise NotImplementedError

    def body(self, row: int) -> tuple[Line, str]:
        """One line below the title, and the role of all of it."""
        raise NotImplementedError

    def point(self, column: int, row: int) -> None:
        """Something in it was clicked; the first line below the title is row 0."""

    def render_line(self, y: int) -> Strip:
        """A line as Textual draws it."""
        width = self.size.width
        line, base = (self._title(width), "cursor" if self.picked else "panel") if y == 0 else self.body(y - 1)
        return strip(self, line, width, base)

    def on_click(self, event: events.Click) -> None:
        """Pick it, and what is under the mouse."""
        if event.y > 0:
            self.point(event.x, event.y - 1)
        self.post_message(self.Picked(self, event.chain == 2))

    def _title(self, width: int) -> list[Span]:
        sign = ("> " if self.ascii else "▸ ") if self.picked else "  "
        name, right = self.title(width - 3)
        taken = sum(cell_len(text) for text, _ in right)
        room = max(0, width - len(sign) - taken - 1)
        # A cell stays free at the right where there is one.
        end = int(cell_len(name) < room)
        return [(sign, ""), (fit(name, room - end), "title"), (" ", ""), *right, (" " * end, "")]
