"""Calls that were looked for, as rows of a table fitted to what is in them.

Owns the columns of that table and their widths: as wide as the first page needs, no wider than the terminal has room
for. What comes later is cut to them, for what was printed cannot be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from helicli.query.calls import Call
from helicli.query.names import undated
from helicli.units import seconds
from helicli.view import lines
from helicli.view.safe import safe
from helicli.view.style import Painted, Style
from helicli.view.text import cells, cut, left, right
from helicli.view.when import When

TITLES: Final = ("SEQ", "WHEN", "STATUS", "MODEL", "LATENCY", "TOKENS", "COST", "USER", "NAME")
_RIGHT: Final = frozenset((0, 4, 5, 6))
_GIVING: Final = ((8, 8), (3, 12), (7, 6), (8, 4))
"""The columns that give way where there is no room, in turn, and the least that is left of each."""


class Table:
    """The rows of one list."""

    def __init__(self, first: Sequence[Call], width: int, style: Style, when: When) -> None:
        self._style = style
        self._when = when
        self._width = width
        rows = [TITLES, *(self._texts(call) for call in first)]
        self._widths = _fitted([max(cells(row[at]) for row in rows) for at in range(len(TITLES))], width)

    def head(self) -> Painted:
        """The titles."""
        return self._style.dim(self._row(TITLES))

    def line(self, call: Call) -> Painted:
        """A call; colour is of its status."""
        texts = self._texts(call)
        filled = self._filled(texts)
        if not self._style.on or sum(self._widths) + 2 * len(self._widths) - 2 > self._width:
            return Painted(self._row(texts))
        filled[2] = lines.paint(call, self._style)(texts[2]) + filled[2][len(texts[2]) :]
        return Painted("  ".join(filled).rstrip())

    def _row(self, texts: Sequence[str]) -> str:
        return cut("  ".join(self._filled(texts)).rstrip(), self._width)

    def _filled(self, texts: Sequence[str]) -> list[str]:
        pairs = zip(texts, self._widths, strict=True)
        return [right(text, room) if at in _RIGHT else left(text, room) for at, (text, room) in enumerate(pairs)]

    def _texts(self, call: Call) -> tuple[str, ...]:
        return (
            str(call.seq),
            self._when.dated(call.created_at),
            lines.status(call).rstrip(),
            safe(undated(call.short_model or "–")),
            seconds(call.latency_us),
            lines.tokens(call),
            lines.money(call),
            safe(call.user or "–"),
            safe(call.name or "–"),
        )


def _fitted(widths: list[int], width: int) -> list[int]:
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for at, least in _GIVING:
        given = max(0, min(over, widths[at] - least))
        widths[at] -= given
        over -= given
    return widths
