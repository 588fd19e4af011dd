"""The calls that were marked."""

from __future__ import annotations

from helicli.tui.marks import Marks


def test_the_other_one_is_that_which_was_marked_last():
    marks = Marks()
    assert not marks and marks.other(1) is None
    for seq in (5, 9, 7):
        marks.turn(seq)
    assert (list(marks), len(marks), 9 in marks) == ([9, 7, 5], 3, True)
    assert (marks.other(1), marks.other(7)) == (7, 9)
    marks.turn(9)
    assert marks.other(7) == 5
    marks.clear()
    assert list(marks) == []
