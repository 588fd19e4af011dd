"""Rows as aligned columns of a terminal.

Owns widths and spaces. What goes in has been made safe; the last column is not filled.
"""

from __future__ import annotations

from collections.abc import Sequence

from helicli.view.text import cells


def aligned(rows: Sequence[Sequence[str]], numbers: frozenset[int] = frozenset()) -> list[str]:
    """The rows as lines, each column as wide as its widest field; those in `numbers` stand at the right."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max(cells(row[at]) for row in rows if at < len(row)) for at in range(columns)]
    return ["  ".join(_fields(row, widths, numbers)).rstrip() for row in rows]


def _fields(row: Sequence[str], widths: Sequence[int], numbers: frozenset[int]) -> list[str]:
    fields = []
    for at, field in enumerate(row):
        filling = " " * (widths[at] - cells(field))
        fields.append(filling + field if at in numbers else field + filling)
    return fields
