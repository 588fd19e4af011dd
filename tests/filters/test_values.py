"""Values of filters: texts with and without stars, what they print as, what they hold for."""

from __future__ import annotations

import pytest

from helicli.filters.values import Exact, Flag, Glob, Kind, Outcome, Piece, Prefix, Present, Range, holds, printed, word


@pytest.mark.parametrize(
    ("pieces", "meant"),
    [
        ([("ada", False)], Exact("ada")),
        ([("a*", True)], Exact("a*")),
        ([("a*b", False)], Glob(("a", "b"))),
        ([("*", False)], Present()),
        ([("***", False)], Present()),
        ([("a**b*", False)], Glob(("a", "b", ""))),
        ([("a", False), (" * ", True), ("*", False)], Glob(("a * ", ""))),
        ([("*", False), ("", True), ("*", False)], Present()),
        ([("", True)], Exact("")),
    ],
)
def test_words(pieces, meant):
    assert word(tuple(Piece(*piece) for piece in pieces)) == meant


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Exact("a b"), Kind.TEXT, '"a b"'),
        (Exact(">1"), Kind.TEXT, '">1"'),
        (Exact(""), Kind.TEXT, '""'),
        (Glob(("a(", "")), Kind.TEXT, '"a("*'),
        (Range(400, 499), Kind.STATUS, "4xx"),
        (Range(400, 498), Kind.STATUS, "400..498"),
        (Range(low=1_500_000, above=True), Kind.MS, ">1500ms"),
        (Range(high=90_000_000), Kind.MS, "<=90s"),
        (Range(1, 1), Kind.MS, "0.001ms"),
        (Range(high=-1), Kind.USD, "<=-$0.000000001"),
        (Range(low=0.25), Kind.SCORE, ">=0.25"),
        (Outcome(True), Kind.STATUS, "error"),
        (Flag(False), Kind.FLAG, "false"),
        (Prefix("01"), Kind.ID, "01"),
        (Present(), Kind.TEXT, "*"),
    ],
)
def test_printed(value, kind, text):
    assert printed(value, kind) == text


@pytest.mark.parametrize(
    ("value", "yes", "no"),
    [
        (Exact("a"), ["a"], ["A", "", "ab"]),
        (Glob(("a", "a")), ["aa", "aba"], ["a", "aab"]),
        (Glob(("", "b", "c", "")), ["bc", "abxcx"], ["cb", "b"]),
        (Glob(("a", "b", "b")), ["abb"], ["ab"]),
        (Range(1, 3), [1, 3], [0, 4]),
        (Range(low=1, above=True), [2], [1]),
        (Range(high=1, below=True), [0], [1]),
        (Flag(True), [True, 1], [False, 0]),
        (Prefix("0a1"), [bytes.fromhex("0a1f")], [bytes.fromhex("0a2f")]),
        (Present(), ["", 0], []),
    ],
)
def test_holds(value, yes, no):
    assert all(holds(value, stored) for stored in yes)
    assert not any(holds(value, stored) for stored in no)
