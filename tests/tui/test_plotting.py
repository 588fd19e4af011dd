"""Plots as text: what is drawn is what was given, in each set of signs."""

from __future__ import annotations

from datetime import UTC
from random import Random

import pytest
from rich.cells import cell_len

from helicli.tui.axes import COUNT, scale
from helicli.tui.plotting import Plot, Series, drawn, gutter, points

SYMBOLS = ("braille", "block", "ascii")
HOUR = 3_600_000


def plot(*values: list[int | None], is_area: bool = True, hours: int = 0) -> Plot:
    count = hours or len(values[0])
    roles = ("first", "second", "third")
    series = tuple(Series(tuple(each), role) for each, role in zip(values, roles, strict=False))
    return Plot(series, tuple(at * HOUR for at in range(count)), 0, count * HOUR, is_area, UTC)


def told(of: Plot, width: int, rows: int, symbols: str, cursor: int = -1) -> list[str]:
    axis = scale(of.largest, COUNT, rows)
    return ["".join(text for text, _ in line) for line in drawn(of, axis, width, symbols, cursor)]


def test_an_area_in_blocks():
    assert told(plot([0, 1, 2, 3, 4, 8]), 9, 6, "block")[:-1] == [
        "  │      ",
        "10┤      ",
        "  │     ▂",
        " 5┤     █",
        "  │   ▂▅█",
        " 0┤ ▃▆███",
    ]


def test_an_area_in_braille_tells_two_stretches_a_cell_apart():
    assert told(plot([0, 1, 2, 3, 4, 8, 8, 0]), 7, 6, "braille")[:-1] == [
        "  │    ",
        "10┤    ",
        "  │  ⢀⡀",
        " 5┤  ⢸⡇",
        "  │ ⢀⣼⡇",
        " 0┤⢠⣾⣿⡇",
    ]


def test_a_line_in_braille_with_a_gap():
    assert told(plot([9, 1, None, 3, 4, 8, 8, 0], is_area=False), 11, 6, "braille") == [
        "  │        ",
        "10┤        ",
        "  │⡆    ⡤⡄ ",
        " 5┤⢱   ⢸ ⢣ ",
        "  │⠘⡄ ⠤⠃ ⢸ ",
        " 0┤ ⠃     ⡇",
        "   ╵1 Jan  ",
    ]


def test_lines_in_ascii_have_a_sign_each():
    lines = told(plot([1, 1, 1, 1, 1, 1], [4, 4, 4, 4, 4, 4], [9, 9, 9, 9, 9, 9], is_area=False), 9, 6, "ascii")
    assert [line.strip() for line in lines if "." in line or "+." in line]
    body = "\n".join(line[3:] for line in lines[:-1])
    assert set(body) >= {".", "+", "*"}
    assert body.index("*") < body.index("+") < body.index(".")


@pytest.mark.parametrize("symbols", SYMBOLS)
def test_every_line_is_as_wide_as_it_should_be_and_has_its_own_signs_only(symbols):
    random = Random(3)
    for _ in range(60):
        width, rows = random.randint(10, 120), random.randint(2, 30)
        values = [random.choice([None, 0, random.randint(1, 10**9)]) for _ in range(random.randint(1, 80))]
        other = [None if value is None else value // 2 for value in values]
        for of in (plot(values), plot(values, other, is_area=False)):
            lines = told(of, width, rows, symbols, random.randint(-1, len(values)))
            assert len(lines) == rows + 1
            assert all(cell_len(line) == width for line in lines)
            if symbols == "ascii":
                assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("symbols", SYMBOLS)
def test_the_smallest_figure_is_seen_beside_the_largest(symbols):
    of = plot([1_000_000, 0, 0, 0, 1, 0, 0, 0])
    axis = scale(of.largest, COUNT, 6)
    room = 8
    bottom = told(of, room + gutter(axis), 6, symbols)[5][gutter(axis) :]
    assert [sign != " " for sign in bottom] == [True, False, False, False, True, False, False, False]


@pytest.mark.parametrize("symbols", SYMBOLS)
def test_what_is_not_known_leaves_a_gap_in_a_line(symbols):
    of = plot([5, 5, None, None, 5, 5, 5, 5], is_area=False)
    axis = scale(of.largest, COUNT, 6)
    lines = told(of, 16 + gutter(axis), 6, symbols)
    drawn_row = next(line[gutter(axis) :] for line in lines if line[gutter(axis) :].strip())
    assert " " in drawn_row.strip()
    whole = told(plot([5] * 8, is_area=False), 16 + gutter(axis), 6, symbols)
    drawn_row = next(line[gutter(axis) :] for line in whole if line[gutter(axis) :].strip())
    assert " " not in drawn_row.strip()


@pytest.mark.parametrize(("symbols", "sign"), [("braille", "⠛⠶⣤"), ("block", "█"), ("ascii", ".")])
def test_a_figure_that_stands_alone_is_large_enough_to_be_seen(symbols, sign):
    for value in (1, 2, 3):
        of = plot([None, value, None, None, 3, 3, None, None], is_area=False)
        lines = told(of, 30, 6, symbols)
        alone = [line[6:12].strip() for line in lines[:-1] if line[6:12].strip()]
        assert len(alone) == 1 and alone[0] in sign


@pytest.mark.parametrize("symbols", SYMBOLS)
def test_a_figure_of_a_tick_reaches_to_the_row_of_its_label(symbols):
    of = plot([20] * 10)
    axis = scale(20, COUNT, 9)
    lines = told(of, 10 + gutter(axis), 9, symbols)
    row = next(at for at in range(9) if axis.label(at) == "20")
    assert lines[row][gutter(axis) :].strip() == ""
    assert lines[row + 1][gutter(axis) :].strip() != ""


def test_the_cursor_stands_in_its_stretch():
    of = plot([3, 0, 3, 3])
    axis = scale(3, COUNT, 4)
    lines = drawn(of, axis, 4 + gutter(axis), "block", 1)
    assert all(("│", "accent") in line for line in lines[:-1])
    lines = drawn(of, axis, 4 + gutter(axis), "ascii", 2)
    assert any(role == "cursor" for line in lines for _, role in line)


def test_a_place_leads_to_its_stretch_and_back():
    of = plot([1] * 48)
    for room in (33, 48, 96, 115):
        for stretch, (left, right) in enumerate(of.edges(room)):
            assert right > left
            assert of.at(left, room) >= stretch
    assert of.at(0, 33) == 0 or of.edges(33)[1][0] == 0
    assert of.at(32, 33) == 47


def test_a_stretch_that_began_before_the_window_is_cut():
    of = Plot((Series((1, 1), "first"),), (0, 4 * HOUR), 2 * HOUR, 8 * HOUR, True, UTC)
    assert of.edges(6) == [(0, 2), (2, 6)]


def test_how_many_stretches_can_be_told_apart():
    assert [points(40, symbols) for symbols in SYMBOLS] == [80, 40, 40]
    assert points(40, "block", is_area=False) == 80


def test_nothing_is_drawn_where_there_is_no_room():
    of = plot([1, 2, 3])
    assert drawn(of, scale(3, COUNT, 4), 5, "braille") == []
