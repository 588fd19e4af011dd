"""Any number of lines that are scrolled: a conversation, a body, help.

Owns the place in them, and what is found in them. Only lines on the screen are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from helicli.tui.widgets.canvas import ROLES, Line, strip


class LinesView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines, each a text with its roles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"canvas--{role}" for role in ROLES}
    ALLOW_SELECT = False

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._hits: list[int] = []
        self.chosen = -1

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def show(self, lines: Sequence[Line], *, keep: bool = False) -> None:
        """Show other lines, from their begin unless the place is to be kept."""
        self._lines = lines
        self._hits = []
        width = max((sum(cell_len(text) for text, _ in line) for line in lines), default=0)
        self.virtual_size = Size(width, len(lines))
        if not keep:
            self.chosen = -1
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def by(self, rows: int) -> None:
        """Scroll."""
        self.scroll_to(y=round(self.scroll_y) + rows, animate=False, force=True)

    def by_pages(self, part: float) -> None:
        """Scroll by pages or parts of one."""
        self.by(round(max(1, self.size.height - 1) * part))

    def to_begin(self) -> None:
        """Scroll to the first line."""
        self.by(-len(self._lines))

    def to_end(self) -> None:
        """Scroll to the last line."""
        self.by(len(self._lines))

    def aside(self, columns: int) -> None:
        """Scroll sideways."""
        self.scroll_to(x=max(0, round(self.scroll_x) + columns), animate=False, force=True)

    def choose(self, row: int) -> None:
        """Put the cursor on a line; -1 for none."""
        self.chosen = row
        top = round(self.scroll_y)
        if row >= 0 and not top <= row < top + self.size.height:
            self.scroll_to(y=max(0, row - self.size.height // 2), animate=False, force=True)
        self.refresh()

    def find(self, text: str) -> int:
        """Look for a text in any case; how many lines hold it. The first at or below the place is shown."""
        wanted = text.casefold()
        self._hits = [
            row for row, line in enumerate(self._lines) if wanted in "".join(part for part, _ in line).casefold()
        ]
        if self._hits:
            top = round(self.scroll_y)
            self.choose(next((row for row in self._hits if row >= top), self._hits[0]))
        return len(self._hits)

    def next_hit(self, step: int) -> bool:
        """The next line that holds it, or the one before; whether there is one."""
        if self._hits:
            at = self._hits.index(self.chosen) if self.chosen in self._hits else -1
            self.choose(self._hits[(at + step) % len(self._hits)])
        return bool(self._hits)

    def render_line(self, y: int) -> Strip:
        """One line."""
        row = round(self.scroll_y) + y
        width = self.size.width
        base = "cursor" if row == self.chosen else ""
        if row >= len(self._lines):
            return strip(self, (), width)
        left = round(self.scroll_x)
        if not left:
            return strip(self, self._lines[row], width, base)
        return strip(self, self._lines[row], left + width, base).crop(left, left + width)
