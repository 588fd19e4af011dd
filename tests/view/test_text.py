"""Text in cells."""

from __future__ import annotations

import pytest

from helicli.view.text import bar, cells, cut, left, right, wrap


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("a\u200db", 2), ("→·", 2)])
def test_cells(text, width):
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "got"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("漢字漢", 5, "漢字…"),
        ("漢字漢", 4, "漢…"),
        ("abc", 0, ""),
    ],
)
def test_cut(text, width, got):
    assert cut(text, width) == got
    assert cells(got) <= width


def test_columns():
    assert left("ab", 4) == "ab  " and right("ab", 4) == "  ab"
    assert left("漢", 3) == "漢 " and left("abcdef", 4) == "abc…"


def test_wrap_breaks_at_spaces_and_keeps_line_ends():
    assert wrap("one two three\nfour", 8) == ["one two", "three", "four"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("漢字漢字", 5) == ["漢字", "漢字"]
    assert wrap("", 5) == [""]
    assert all(cells(line) <= 7 for line in wrap("a few words 漢字漢字漢字 and averylongword", 7))


@pytest.mark.parametrize(("share", "drawn"), [(0, "▏"), (0.5, "██"), (1, "████"), (7, "████"), (0.4, "█▋")])
def test_bar(share, drawn):
    assert bar(share, 4) == drawn
