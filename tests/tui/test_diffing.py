"""Two conversations compared: what is alike is folded, what differs stands with its sign."""

from __future__ import annotations

from helicli.providers.facts import Message
from helicli.tui.diffing import MOST, diff


def told(before: list[Message], after: list[Message], width: int = 0) -> list[str]:
    return ["".join(text for text, _ in line) for line in diff(before, after, width)]


SYSTEM = Message("system", "Be brief.")
USER = Message("user", "How do I reset my password?")


def test_the_same_twice_is_said_to_be_the_same():
    assert told([SYSTEM, USER], [SYSTEM, USER]) == ["  both say the same", "  = 2 turns alike: system, user"]


def test_a_changed_answer_stands_line_by_line_below_what_is_alike():
    one = Message("assistant", "Open Settings.\nChoose Reset.\nDone.")
    other = Message("assistant", "Open Settings.\nChoose Forgot.\nDone.")
    assert told([SYSTEM, USER, one], [SYSTEM, USER, other]) == [
        "  = 2 turns alike: system, user",
        "  assistant",
        "    Open Settings.",
        "  - Choose Reset.",
        "  + Choose Forgot.",
        "    Done.",
    ]


def test_signs_and_roles_say_the_same():
    lines = diff([Message("user", "a")], [Message("user", "b")])
    assert [list(line) for line in lines[1:]] == [[("  - a", "bad")], [("  + b", "ok")]]


def test_turns_that_only_one_has_are_whole():
    tool = Message("tool", "42")
    assert told([USER], [USER, tool]) == ["  = 1 turn alike: user", "+ tool", "  + 42"]
    assert told([USER, tool], [USER]) == ["  = 1 turn alike: user", "- tool", "  - 42"]


def test_calls_of_tools_are_compared_too():
    one = Message("assistant", "", ["look {}"])
    other = Message("assistant", "", ['look {"id": 1}'])
    assert told([one], [other]) == ["  assistant", "  - → look {}", '  + → look {"id": 1}']


def test_lines_far_from_a_difference_are_counted():
    middle = [f"line {number}" for number in range(20)]
    one = Message("user", "\n".join(["first", *middle, "last"]))
    other = Message("user", "\n".join(["another", *middle, "final"]))
    assert told([one], [other]) == [
        "  user",
        "  - first",
        "  + another",
        "    line 0",
        "    line 1",
        "    ⋮ 16 lines alike",
        "    line 18",
        "    line 19",
        "  - last",
        "  + final",
    ]


def test_long_lines_are_broken_where_a_width_is_given():
    lines = told([Message("user", "")], [Message("user", "word " * 20)], 24)
    assert all(len(line) <= 24 for line in lines) and len(lines) > 4


def test_texts_of_very_many_lines_are_not_compared():
    one, other = Message("user", "a\n" * (MOST + 1)), Message("user", "b")
    assert told([one], [other])[1] == f"    {MOST + 2:,} lines, then 1: too many to be compared"


def test_hostile_text_is_shown_as_dots():
    lines = told([Message("user", "\x1b[2J")], [Message("us\x07er", "\u202eabc")])
    assert not any(ord(sign) < 32 or sign == "\u202e" for line in lines for sign in line)
