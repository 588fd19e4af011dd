"""The titles above the table of calls."""

from __future__ import annotations

from helicli.tui.widgets.call_table import CallTable
from helicli.tui.widgets.canvas import Canvas, Line


class TableHead(Canvas):
    """A line with the titles of the columns that a table has now."""

    def __init__(self, table: CallTable) -> None:
        super().__init__(id="head")
        self._table = table

    def line(self, y: int) -> Line:
        """The titles."""
        return [(self._table.titles(), "head")]
