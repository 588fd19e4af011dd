"""Text in cells."""

from __future__ import annotations

import pytest

from helicli.view.text import MARKS, bar, cells, cut, left, right, thin, wrap


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("a\u200db", 2), ("→·", 2), ("a\u20ddb", 2), ("a\u034fb", 2)],
)
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


@pytest.mark.parametrize("mark", ["\u0301", "\u20dd", "\u200b", "\u200d"])
def test_marks_are_cut_by_their_number(mark):
    tower = "Z" + mark * 100_000
    assert thin(tower) == "Z" + mark * MARKS
    assert thin(tower + "ok" + mark) == "Z" + mark * MARKS + "ok" + mark
    for width in (1, 8, 100):
        assert len(cut(tower, width)) <= 8 * width + 8
        assert cells(cut(tower * 2, width)) <= width
        assert len(left(tower, width)) <= 9 * width + 8
    assert wrap(tower, 20) == ["Z" + mark * MARKS]


@pytest.mark.parametrize("text", ["e\u0301", "שָׁ֑לוֹם", "ก็", "👩\u200d👩\u200d👧", "plain"])
def test_marks_of_a_spelling_are_kept(text):
    assert thin(text) == cut(text, 20) == text


def test_columns():
    assert left("ab", 4) == "ab  " and right("ab", 4) == "  ab"
    assert left("漢", 3) == "漢 " and left("abcdef", 4) == "abc…"


def test_wrap_breaks_at_spaces_and_keeps_line_ends():
    assert wrap("one two three\nfour", 8) == ["one two", "three", "four"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("漢字漢字", 5) == ["漢字", "漢字"]
    assert wrap("", 5) == [""]
    assert all(cells(line) <= 7 for line in wrap("a few words 漢字漢字漢字 and averylongword", 7))


def test_what_has_no_space_is_broken_only_where_no_space_is_at_hand():
    url = "https://a.example/b?c"
    assert wrap(f"see {url} or ask", 24) == ["see", f"{url} or", "ask"]
    assert wrap(f"    {url}", 20) == ["    https://a.exampl", "e/b?c"]
    assert wrap("  code here", 9) == ["  code", "here"]


def test_much_text_is_wrapped_in_a_moment():
    text = "漢字" * 50_000
    assert "".join(wrap(text, 80)) == text


@pytest.mark.parametrize(("share", "drawn"), [(0, "▏"), (0.5, "██"), (1, "████"), (7, "████"), (0.4, "█▋")])
def test_bar(share, drawn):
    assert bar(share, 4) == drawn
