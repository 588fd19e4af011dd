"""Plots as text: areas and lines over time, drawn with braille, blocks or ASCII.

Owns the way from figures to signs. Every figure that is not nothing is seen, a gap is where nothing is known, and the
axis begins at nothing. Pure: no widget, no colour, only roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from helicli.tui.axes import Scale, place, time_ticks

if TYPE_CHECKING:
    from helicli.tui.widgets.canvas import Line, Span

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_QUADRANTS: Final = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
MARKS: Final = ".+*"
"""The series of a plot in ASCII."""

DOTS: Final = {"braille": (2, 4), "block": (2, 2), "ascii": (1, 1)}
"""How many dots a cell has across and down."""


class Series(Struct, frozen=True):
    """One figure for each stretch of time, None where there is none."""

    values: tuple[int | None, ...]
    role: str


class Plot(Struct, frozen=True):
    """What is drawn. `begins` tells when each stretch begins; the plot reaches from `first` to `last`."""

    series: tuple[Series, ...]
    begins: tuple[int, ...]
    first: int
    last: int
    is_area: bool = False
    zone: tzinfo | None = None

    @property
    def largest(self) -> int:
        """The largest figure of all."""
        return max((value for each in self.series for value in each.values if value is not None), default=0)

    def edges(self, room: int) -> list[tuple[int, int]]:
        """From which place of `room` to before which one each stretch reaches; each has one place at least."""
        length = max(1, self.last - self.first)
        ends = [*self.begins[1:], self.last]
        found = []
        for begin, end in zip(self.begins, ends, strict=True):
            left = max(0, (max(begin, self.first) - self.first) * room // length)
            right = min(room, (end - self.first) * room // length)
            left = min(left, room - 1)
            found.append((left, max(left + 1, right)))
        return found

    def at(self, cell: int, room: int) -> int:
        """The stretch that is drawn at a cell."""
        found = 0
        for index, (left, _) in enumerate(self.edges(room)):
            if left <= cell:
                found = index
        return found


_Cell = tuple[str, str]


def points(width: int, symbols: str, *, is_area: bool = True) -> int:
    """How many stretches a plot of so many cells can tell apart."""
    if is_area and symbols == "block":
        return max(1, width)
    return max(1, width * DOTS[symbols][0])


def drawn(plot: Plot, scale: Scale, width: int, symbols: str, cursor: int = -1) -> list[Line]:
    """The lines of a plot with its axes; `cursor` is the stretch that is marked."""
    room = width - gutter(scale)
    if room < 4:
        return []
    cells = _area(plot, scale, room, symbols) if plot.is_area else _lines(plot, scale, room, symbols)
    if 0 <= cursor < len(plot.begins):
        _mark(cells, plot.edges(room)[cursor], ascii=symbols == "ascii")
    plain = symbols == "ascii"
    lines: list[Line] = []
    for row, drawn_row in enumerate(cells):
        label = scale.label(row)
        edge = ("+" if plain else "┤") if label else ("|" if plain else "│")
        lines.append([(f"{label:>{scale.width}}{edge}", "dim"), *_joined(drawn_row)])
    lines.append([(" " * gutter(scale), ""), (_times(plot, room, plain), "dim")])
    return lines


def gutter(scale: Scale) -> int:
    """How many cells the labels of an axis take, with its line."""
    return scale.width + 1


def _times(plot: Plot, room: int, plain: bool) -> str:
    line = [" "] * room
    for tick in time_ticks(plot.first, plot.last, plot.zone, room):
        at = place(tick.value, plot.first, plot.last, room)
        text = ("'" if plain else "╵") + tick.label
        if at + len(text) <= room:
            line[at : at + len(text)] = text
    return "".join(line)


def _area(plot: Plot, scale: Scale, room: int, symbols: str) -> list[list[_Cell]]:
    wide, high = {"braille": (2, 4), "block": (1, 8), "ascii": (1, 3)}[symbols]
    heights = [0] * (room * wide)
    series = plot.series[0]
    for (left, right), value in zip(plot.edges(room * wide), series.values, strict=True):
        for at in range(left, right):
            heights[at] = max(heights[at], _height(value, scale, high))
    cells: list[list[_Cell]] = []
    for row in range(scale.rows):
        below = (scale.rows - 1 - row) * high
        line: list[_Cell] = []
        for column in range(room):
            parts = [max(0, min(high, heights[column * wide + at] - below)) for at in range(wide)]
            sign = _filled(parts, symbols)
            line.append((sign, series.role if sign != " " else ""))
        cells.append(line)
    return cells


def _height(value: int | None, scale: Scale, high: int) -> int:
    """How many dots high a figure is; one at least, but for nothing."""
    return max(1, scale.height(value, high)) if value else 0


def _filled(parts: Sequence[int], symbols: str) -> str:
    if symbols == "block":
        return _EIGHTHS[parts[0]]
    if symbols == "ascii":
        return " .:#"[parts[0]]
    bits = 0
    for side, count in enumerate(parts):
        for down in range(4 - count, 4):
            bits |= _BRAILLE[down][side]
    return chr(0x2800 + bits) if bits else " "


def _lines(plot: Plot, scale: Scale, room: int, symbols: str) -> list[list[_Cell]]:
    wide, high = DOTS[symbols]
    dots: list[dict[tuple[int, int], None]] = []
    edges = plot.edges(room * wide)
    for series in plot.series:
        seen: dict[tuple[int, int], None] = {}
        before: tuple[int, int] | None = None
        for at, ((left, right), value) in enumerate(zip(edges, series.values, strict=True)):
            if value is None:
                before = None
                continue
            here = ((left + right - 1) // 2, max(0, scale.rows * high - 1 - scale.height(value, high)))
            is_last = at + 1 == len(edges) or series.values[at + 1] is None
            # One dot alone is hardly seen.
            dots_of = _blot(here, wide) if before is None and is_last else _between(before or here, here)
            seen.update(dict.fromkeys(dots_of))
            before = here
        dots.append(seen)
    cells: list[list[_Cell]] = [[(" ", "")] * room for _ in range(scale.rows)]
    bits: dict[tuple[int, int], int] = {}
    # The last is drawn first: of percentiles that meet the lowest is seen, and the others wherever they are above it.
    for number, (series, seen) in reversed([*enumerate(zip(plot.series, dots, strict=True))]):
        for x, y in seen:
            cell = (y // high, x // wide)
            bits[cell] = bits.get(cell, 0) | _bit(x % wide, y % high, symbols)
            cells[cell[0]][cell[1]] = (_dotted(bits[cell], symbols, number), series.role)
    return cells


def _bit(x: int, y: int, symbols: str) -> int:
    return _BRAILLE[y][x] if symbols == "braille" else 1 << (2 * y + x)


def _dotted(bits: int, symbols: str, number: int) -> str:
    if symbols == "braille":
        return chr(0x2800 + bits)
    return _QUADRANTS[bits] if symbols == "block" else MARKS[number % len(MARKS)]


def _blot(at: tuple[int, int], wide: int) -> list[tuple[int, int]]:
    """The dots of a figure that stands alone: as wide as a cell, and in braille as high as half of one."""
    x, y = at[0] // wide * wide, at[1] // 2 * 2
    return [(x + across, y + down) for across in range(wide) for down in range(2)] if wide > 1 else [at]


def _between(one: tuple[int, int], other: tuple[int, int]) -> list[tuple[int, int]]:
    """The dots of a line, both ends among them."""
    steps = max(abs(other[0] - one[0]), abs(other[1] - one[1]), 1)
    return [
        (one[0] + round((other[0] - one[0]) * at / steps), one[1] + round((other[1] - one[1]) * at / steps))
        for at in range(steps + 1)
    ]


def _mark(cells: list[list[_Cell]], edges: tuple[int, int], *, ascii: bool) -> None:
    """Show where the cursor is: a line through what is empty, another colour for what is not."""
    left, right = edges
    middle = (left + right - 1) // 2
    for row in cells:
        for at in range(left, right):
            if row[at][0] != " ":
                row[at] = (row[at][0], "cursor")
        if row[middle][0] == " ":
            row[middle] = ("|" if ascii else "│", "accent")


def _joined(row: Sequence[_Cell]) -> list[Span]:
    """Neighbours of one role as one text."""
    spans: list[Span] = []
    for sign, role in row:
        if spans and spans[-1][1] == role:
            spans[-1] = (spans[-1][0] + sign, role)
        else:
            spans.append((sign, role))
    return spans
