"""What are no calls, printed as a list: providers, settings, findings.

Owns the one way in which they reach stdout: the same rows in the same order in every format. What is printed as text is
made safe here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from helicli.cli.options import Invocation
from helicli.view.formats import csv_cell
from helicli.view.listing import Shape
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.table import aligned
from helicli.view.text import cells, cut

_LEAST: Final = 8


class Things:
    """A list under way. `names` are the columns; `titles` stand above them on a terminal, where there are any.

    The column `gives` is cut where a terminal is too narrow for all of them, then the ends of the lines.
    """

    def __init__(
        self,
        run: Invocation,
        shape: Shape,
        names: Sequence[str],
        titles: Sequence[str] = (),
        numbers: frozenset[int] = frozenset(),
        gives: int = -1,
    ) -> None:
        self._out = run.out
        self._format = shape.format
        self._numbers = numbers
        self._gives = gives
        given = run.maybe("header")
        by_itself = self._format == "csv" or (self._format == "table" and bool(titles))
        head = by_itself if given is None else given
        self._held: list[dict[str, Any]] = []
        self._tints: dict[int, Callable[[str], str] | None] = {}
        self._rows: list[list[str]] = [list(titles or [name.upper() for name in names])] if head else []
        self._has_head = head
        if head and self._format in ("plain", "csv"):
            self._line(list(names))

    def add(self, thing: dict[str, Any], row: Sequence[str], tint: Callable[[str], str] | None = None) -> None:
        """One more: as an object for programs, and as the texts of its columns, the last of which has a colour."""
        if self._format == "json":
            self._held.append(thing)
        elif self._format == "jsonl":
            self._out.data(json_line(thing))
        elif self._format == "table":
            self._tints[len(self._rows)] = tint
            self._rows.append([safe(field) or "–" for field in row])
        else:
            self._line(row)

    def end(self) -> None:
        """Print what could not be printed before all were there."""
        if self._format == "json":
            self._out.data(json_line(self._held))
        elif self._format == "table":
            self._fit()
            self._leave_out()
            for at, line in enumerate(aligned(self._rows, self._numbers)):
                line, tint, last = cut(line, self._out.width), self._tints.get(at), self._rows[at][-1]
                if tint is not None and line.endswith(last):
                    line = line.removesuffix(last) + tint(last)
                self._out.data(self._out.style.dim(line) if self._has_head and not at else line)

    def _fit(self) -> None:
        over = max((cells(line) for line in aligned(self._rows, self._numbers)), default=0) - self._out.width
        if over > 0:
            at = self._gives
            room = max(_LEAST, max(cells(row[at]) for row in self._rows) - over)
            for row in self._rows:
                row[at] = cut(row[at], room)

    def _leave_out(self) -> None:
        """Take away the last columns of which too little would be seen to be of use."""
        widths = [max(cells(row[at]) for row in self._rows) for at in range(len(self._rows[0]))] if self._rows else []
        while len(widths) > 1 and sum(widths[:-1]) + 2 * (len(widths) - 1) + min(_LEAST, widths[-1]) > self._out.width:
            widths.pop()
        self._rows = [row[: len(widths)] for row in self._rows]

    def _line(self, row: Sequence[str]) -> None:
        texts = [safe(field) for field in row]
        if self._format == "plain":
            self._out.data("\t".join(texts))
        else:
            self._out.data(",".join(csv_cell(text, at in self._numbers) for at, text in enumerate(texts)))


def text_of(value: Any) -> str:
    """A value of an object as the text of a column; nothing for none."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
