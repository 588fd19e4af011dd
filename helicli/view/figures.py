"""Groups of calls as rows of the format that was asked for: table, plain, json, jsonl or csv.

Owns how each kind of figure is written. Programs get every figure there is in the unit of its name; people get as few
as count, in a table that is cut to the terminal. The same rows in the same order in all formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from helicli.units import count, dollars, rfc3339, seconds
from helicli.view.formats import csv_cell
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.style import Painted, Style
from helicli.view.text import bar, cells, cut, left, right
from helicli.view.when import When

BAR: Final = 20
_NAME_MAX: Final = 40
_NUMBERS: Final = ("count", "tokens", "usd", "ms", "share")

Cell = str | int | float | None


class Heading(Struct, frozen=True):
    """One column. `kind` is text, instant, count, tokens, usd, ms, share or bar; what it holds is as stored:
    nano-dollars, microseconds, milliseconds UTC, a share of 1. `only` leaves it to people (`table`) or to programs
    (`data`)."""

    name: str
    title: str
    kind: str = "text"
    only: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right of its column."""
        return self.kind in _NUMBERS


class Grid(Struct, frozen=True):
    """Rows under headings; `total` is a last row for people."""

    headings: tuple[Heading, ...]
    rows: list[tuple[Cell, ...]]
    total: tuple[Cell, ...] | None = None


def objects(grid: Grid) -> list[dict[str, Any]]:
    """The rows as JSON holds them."""
    kept = _kept(grid, "data")
    return [{grid.headings[at].name: _value(grid.headings[at], row[at]) for at in kept} for row in grid.rows]


def lines(grid: Grid, form: str, header: bool, when: When, style: Style, width: int) -> list[str]:
    """The lines of a format other than json."""
    if form == "jsonl":
        return [json_line(told) for told in objects(grid)]
    if form == "table":
        return _table(grid, header, when, style, width)
    kept = _kept(grid, "data")
    names = [grid.headings[at].name for at in kept]
    texts = [[_plain(grid.headings[at], row[at], when) for at in kept] for row in grid.rows]
    if form == "plain":
        return ["\t".join(row) for row in ([names] if header else []) + texts]
    numbers = [grid.headings[at].is_number for at in kept]
    told = [",".join(csv_cell(text, number) for text, number in zip(row, numbers, strict=True)) for row in texts]
    return ([",".join(csv_cell(name) for name in names)] if header else []) + told


def _kept(grid: Grid, where: str) -> list[int]:
    return [at for at, each in enumerate(grid.headings) if each.only in ("", where)]


def _value(heading: Heading, stored: Cell) -> Any:
    if stored is None:
        return None
    if heading.kind == "usd":
        return float(stored) / 1e9
    if heading.kind == "ms":
        return float(stored) / 1000
    if heading.kind == "instant":
        return rfc3339(int(stored))
    return round(float(stored), 6) if heading.kind == "share" else stored


def _plain(heading: Heading, stored: Cell, when: When) -> str:
    if stored is None:
        return ""
    if heading.kind == "instant":
        return when.exact(int(stored))
    value = _value(heading, stored)
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else safe(str(value))


def _cell(heading: Heading, stored: Cell, when: When) -> str:
    if stored is None:
        return "–"
    kind = heading.kind
    if kind == "usd":
        return dollars(int(stored))
    if kind == "ms":
        return seconds(int(stored))
    if kind == "tokens":
        return count(int(stored))
    if kind == "count":
        return f"{stored:,}"
    if kind == "share":
        return f"{float(stored):.1%}"
    if kind == "bar":
        return f"{left(bar(float(stored), BAR) if float(stored) > 0 else '', BAR)} {float(stored):4.0%}"
    return when.dated(int(stored)) if kind == "instant" else cut(safe(str(stored)), _NAME_MAX)


def _table(grid: Grid, header: bool, when: When, style: Style, width: int) -> list[str]:
    kept = _kept(grid, "table")
    headings = [grid.headings[at] for at in kept]
    body = [[_cell(heading, row[at], when) for heading, at in zip(headings, kept, strict=True)] for row in grid.rows]
    total = None
    if grid.total is not None:
        given = grid.total
        total = [
            "" if given[at] is None else _cell(heading, given[at], when)
            for heading, at in zip(headings, kept, strict=True)
        ]
    titles = [safe(each.title) for each in headings]
    every = [titles, *body, *([total] if total else [])]
    widths = [max(cells(row[at]) for row in every) for at in range(len(headings))]
    _shrink(widths, headings, width)
    shown = _fitting(widths, width)
    told = [_line(row, headings, widths, shown, width) for row in body]
    if header:
        told.insert(0, style.dim(_line(titles, headings, widths, shown, width)))
    return [*told, *([_line(total, headings, widths, shown, width)] if total else [])]


def _shrink(widths: list[int], headings: Sequence[Heading], width: int) -> None:
    """Make names shorter where a line would not fit."""
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for at, heading in enumerate(headings):
        if over > 0 and heading.kind == "text":
            less = min(over, max(0, widths[at] - 12))
            widths[at] -= less
            over -= less


def _fitting(widths: Sequence[int], width: int) -> int:
    """How many columns there is room for: a bar that is cut tells nothing."""
    taken = 0
    for at, each in enumerate(widths):
        taken += each + (2 if at else 0)
        if taken > width:
            return max(1, at)
    return len(widths)


def _line(row: Sequence[str], headings: Sequence[Heading], widths: Sequence[int], shown: int, width: int) -> Painted:
    parts = [
        right(text, widths[at]) if headings[at].is_number else left(text, widths[at])
        for at, text in enumerate(row[:shown])
    ]
    return Painted(cut("  ".join(parts).rstrip(), width))
