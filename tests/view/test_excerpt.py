"""The mark under what is wrong, whatever stands before it."""

from __future__ import annotations

import pytest

from helicli.errors import Excerpt
from helicli.view.excerpt import pointed
from helicli.view.style import Style
from helicli.view.text import cells

OFF = Style(False)


@pytest.mark.parametrize(
    ("excerpt", "lines"),
    [
        (Excerpt("usr:ada", 0, 3, "why"), ["usr:ada", "^^^ why"]),
        (Excerpt("ab", 2, 3), ["ab", "  ^"]),
        (Excerpt("日本 x", 3, 4), ["日本 x", "     ^"]),
        (Excerpt("a\x1b[2Jb", 5, 6), ["a·[2Jb", "     ^"]),
        (Excerpt("a\nb", 2, 3), ["a⏎b", "  ^"]),
    ],
)
def test_points(excerpt, lines):
    assert pointed(excerpt, 60, OFF) == lines


@pytest.mark.parametrize("start", [0, 10, 100, 297])
def test_a_long_text_is_cut_around_the_place(start):
    text = "x" * start + "BAD" + "y" * (297 - start)
    shown, mark = pointed(Excerpt(text, start, start + 3), 40, OFF)
    assert max(cells(shown), cells(mark)) <= 40
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "BAD"
