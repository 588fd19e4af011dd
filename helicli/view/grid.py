"""Rows of any table, in the format that was asked for.

Owns how a cell of a type is written: bytes as hexadecimal digits, nothing as `–` for people, empty for programs and
null in JSON. Nothing drives the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from helicli.view.formats import csv_cell
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.style import Painted, Style
from helicli.view.text import cells, cut, left, right

Cell = str | int | float | bytes | None

_FITTED = 200
"""The widths of a table are those of so many rows; later ones are cut to them."""


def grid(
    names: Sequence[str], rows: Iterable[Sequence[Cell]], form: str, *, header: bool, width: int, style: Style
) -> Iterator[str]:
    """The lines of a list, as its rows come."""
    if form == "json":
        yield from _array(names, rows)
    elif form == "jsonl":
        yield from (json_line(_object(names, row)) for row in rows)
    elif form == "table":
        yield from _table(names, iter(rows), header, width, style)
    else:
        csv = form == "csv"
        join = "," if csv else "\t"
        if header:
            yield join.join(csv_cell(safe(name)) if csv else safe(name) for name in names)
        for row in rows:
            yield join.join(csv_cell(_plain(cell), _is_number(cell)) if csv else _plain(cell) for cell in row)


def _array(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    held: str | None = None
    for row in rows:
        told = json_line(_object(names, row))
        if held is not None:
            yield f"{held},"
        held = told if held is not None else f"[{told}"
    yield "[]" if held is None else f"{held}]"


def _object(names: Sequence[str], row: Sequence[Cell]) -> dict[str, str | int | float | None]:
    return {name: _told(cell) for name, cell in zip(names, row, strict=True)}


def _told(cell: Cell) -> str | int | float | None:
    return cell.hex() if isinstance(cell, bytes) else cell


def _plain(cell: Cell) -> str:
    return "" if cell is None else safe(str(_told(cell)))


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float)


def _table(
    names: Sequence[str], rows: Iterator[Sequence[Cell]], header: bool, width: int, style: Style
) -> Iterator[str]:
    first = list(islice(rows, _FITTED))
    shown = [["–" if cell is None else _plain(cell) for cell in row] for row in first]
    titles = [safe(name).upper() for name in names]
    widths = [
        min(max(cells(titles[at]), *(cells(row[at]) for row in shown)) if shown else cells(titles[at]), width)
        for at in range(len(names))
    ]
    numbers = [bool(first) and all(row[at] is None or _is_number(row[at]) for row in first) for at in range(len(names))]

    def line(texts: Sequence[str]) -> str:
        parts = (
            right(text, room) if number else left(text, room)
            for text, room, number in zip(texts, widths, numbers, strict=True)
        )
        return cut("  ".join(parts).rstrip(), width)

    if header:
        yield style.dim(line(titles))
    for row in chain(shown, (["–" if cell is None else _plain(cell) for cell in row] for row in rows)):
        yield Painted(line(row))
