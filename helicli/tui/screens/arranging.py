"""The keys that arrange a list: which columns it has, what it is sorted by.

Owns what can be sorted by.
"""

from __future__ import annotations

from typing import Final

from helicli.columns import COLUMNS, column
from helicli.query.calls import Order
from helicli.tui.screens.lists import ListScreen
from helicli.tui.screens.menu import Choice, Item, Menu
from helicli.tui.table_columns import DOCS, USUAL

_SORTS: Final = (
    "latency_ms",
    "cost_usd",
    "input_tokens",
    "output_tokens",
    "ttft_ms",
    "overhead_ms",
    "created_at",
)


class Arranging(ListScreen):
    """A list of calls with these keys."""

    def sort(self, order: Order | None) -> None:
        """Show the same calls in another order; None is by time, the newest first."""
        raise NotImplementedError

    def action_columns(self) -> None:
        """`c`"""
        names = [*USUAL, *(each.name for each in COLUMNS if each.name not in USUAL)]
        docs = {each.name: each.doc for each in COLUMNS} | DOCS
        items = [Item(name, name, "", docs.get(name, "")) for name in names]
        self.app.push_screen(Choice("columns", items, self.table.names), self._show_columns)

    def action_sort(self) -> None:
        """`>`"""
        items = [Item("", "time, the newest first", "t")]
        items += [
            Item(name, column(name).title.lower(), str(at), column(name).doc) for at, name in enumerate(_SORTS, 1)
        ]
        self.app.push_screen(Menu("sort by", items), self._sort)

    def action_turn_order(self) -> None:
        """`<`"""
        order = self.calls.order
        self.sort(Order(column("seq"), False) if order is None else Order(order.column, not order.down))

    def _show_columns(self, names: str | None) -> None:
        if names:
            self.table.show(names.split(","))

    def _sort(self, name: str | None) -> None:
        if name is not None:
            self.sort(Order(column(name), True) if name else None)
