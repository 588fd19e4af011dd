"""A panel with a list of figures, each with its name, its bar and its share.

Owns the row under the cursor and which rows are seen. Where there is room, all figures of a row stand beside its bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import Line, Span
from helicli.tui.widgets.panel import Panel
from helicli.view.text import bar

_WIDE: Final = 90
"""From so many cells on there is room for all figures."""

_LEAST_BAR: Final = 4


class Row(Struct, frozen=True):
    """A figure: `amount` is what its bar is as long as, `key` what it means to whoever made it."""

    name: str
    text: str
    amount: int
    role: str
    key: object
    more: tuple[str, ...] = ()


class BarList(Panel):
    """Rows in their order, the cursor on one of them."""

    def __init__(self, id: str, *, ascii: bool = False) -> None:
        super().__init__(id, ascii=ascii)
        self._called = ""
        self._told = ""
        self._rows: Sequence[Row] = ()
        self._heads: tuple[str, ...] = ()
        self._nothing = ""
        self.cursor = 0
        self._top = 0

    def show(
        self, name: str, told: str, rows: Sequence[Row], *, nothing: str = "", heads: tuple[str, ...] = ()
    ) -> None:
        """Show other rows; the cursor stays on the one of the same key. `heads` are the titles of `more`."""
        before = self._rows[self.cursor].key if self.cursor < len(self._rows) else None
        self._called, self._told, self._rows, self._nothing, self._heads = name, told, rows, nothing, heads
        same = next((at for at, row in enumerate(rows) if row.key == before), None) if self.cursor else None
        self.move(self.cursor if same is None else same)
        self.refresh()

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def page(self) -> int:
        """How many rows are seen."""
        return max(1, self.rows - self._headed)

    def __len__(self) -> int:
        return len(self._rows)

    def move(self, row: int) -> None:
        """Put the cursor on a row."""
        self.cursor = max(0, min(row, len(self._rows) - 1))
        self._top = max(min(self._top, self.cursor), self.cursor - self.page + 1, 0)
        self._top = min(self._top, max(0, len(self._rows) - self.page))
        self.refresh()

    def on_resize(self) -> None:
        """See the cursor still."""
        self.move(self.cursor)

    def title(self, room: int) -> tuple[str, Line]:
        """Its name, and what all of it comes to."""
        many = f"{self.cursor + 1}/{len(self._rows)}  " if self.picked and len(self._rows) > self.page else ""
        return self._called, [(many, "dim"), (self._told, "title")]

    def body(self, row: int) -> tuple[Line, str]:
        """A row, or the titles above them."""
        if self._headed and row == 0:
            return self._head(), ""
        at = row - self._headed + self._top
        if not self._rows:
            return ([(f"  {self._nothing}", "dim")] if row == 0 else ()), ""
        if at >= len(self._rows):
            return (), ""
        here = self.picked and at == self.cursor
        return self._line(self._rows[at], here), "cursor" if here else ""

    def point(self, column: int, row: int) -> None:
        """Put the cursor on what was clicked."""
        at = row - self._headed + self._top
        if 0 <= at < len(self._rows):
            self.move(at)

    @property
    def _headed(self) -> int:
        return int(bool(self._heads) and self.size.width >= _WIDE and bool(self._rows))

    def _widths(self) -> tuple[int, int, int]:
        """The cells for name, figure and bar."""
        shown = self._rows[: max(self._top + self.page, 50)]
        value = max((cell_len(row.text) for row in shown), default=0)
        longest = max((cell_len(row.name) for row in shown), default=0)
        room = self.size.width - 2 - value - 2 - 6 - sum(self._more()) - 2 * len(self._more())
        name = min(longest, max(8, room - max(_LEAST_BAR, room // 3)))
        return name, value, max(0, room - name - 1)

    def _more(self) -> list[int]:
        if not self._headed:
            return []
        return [max(len(head), *(cell_len(row.more[at]) for row in self._rows)) for at, head in enumerate(self._heads)]

    def _head(self) -> Line:
        name, value, room = self._widths()
        more = "".join(
            "  " + fit(head, width, right=True) for head, width in zip(self._heads, self._more(), strict=True)
        )
        return [(" " * (2 + name + 2 + value + room + 6) + more, "head")]

    def _line(self, row: Row, here: bool) -> Line:
        name, value, room = self._widths()
        whole = max(1, sum(max(0, each.amount) for each in self._rows))
        largest = max(1, max(each.amount for each in self._rows))
        share = row.amount / whole
        drawn = ""
        if row.amount > 0 and room >= _LEAST_BAR:
            part = row.amount / largest
            drawn = "#" * max(1, round((room - 1) * part)) if self.ascii else bar(part, room - 1)
        line: list[Span] = [
            ("> " if here and self.ascii else "▸ " if here else "  ", ""),
            (f"{fit(row.name, name)}  ", "dim" if row.key is None else ""),
            (fit(row.text, value, right=True), ""),
            (" ", ""),
            # The row under the cursor has one colour: it may be drawn the other way round.
            (drawn, "" if here else row.role),
            (" " * (room - len(drawn)), ""),
            (f"{share:>4.0%} ", "dim"),
        ]
        if self._headed:
            line += [
                ("  " + fit(text, width, right=True), "") for text, width in zip(row.more, self._more(), strict=True)
            ]
        return line
