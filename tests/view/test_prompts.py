"""Differences told by words."""

from __future__ import annotations

from helicli.prompts import File, Source
from helicli.view.prompts import counted, difference
from helicli.view.style import Style


def told(before, after, style=False):
    return list(difference(Source(File("p.md", before)), Source(File("p.md", after)), Style(style)))


def test_words_are_marked():
    assert told("one two three", "one 2 three") == ["one [-two-]{+2+} three"]
    assert told("same", "same") == []
    assert told("", "new\n") == ["{+new+}"]
    assert told("one two", "one three", True) == ["one \x1b[31;9mtwo\x1b[0m\x1b[32;4mthree\x1b[0m"]
    assert "\x1b" not in "".join(told("x", "\x1b[2J"))


def test_a_few_lines_stand_around():
    lines = [f"line {number}" for number in range(20)]
    changed = [*lines[:10], "other", *lines[11:]]
    assert told("\n".join(lines), "\n".join(changed)) == [
        "…",
        *lines[7:10],
        "[-line 10-]{+other+}",
        *lines[11:14],
        "…",
    ]


def test_lines_are_counted():
    assert counted(None, Source(File("p.md", "a\nb\n"), (File("_t.md", "c"),))) == (3, 0)
    before, after = Source(File("p.md", "a\nb\nc\n")), Source(File("p.md", "a\nx\ny\nc\n"))
    assert counted(before, after) == (2, 1)
    assert counted(after, after) == (0, 0)
    renamed = Source(File("q.md", "a\nb\nc\n"))
    assert counted(before, renamed) == (0, 0)
