"""Which scores there may be."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.scores import Scored, scored


def test_names_are_in_lower_case_and_truths_numbers():
    assert scored("a", {" Helpful ": 0.5, "ok": True, "bad": False, "n": -3}, 7) == Scored(
        "a", {"helpful": 0.5, "ok": 1.0, "bad": 0.0, "n": -3.0}, 7
    )


@pytest.mark.parametrize(
    ("ref", "given", "said"),
    [
        ("", {"a": 1}, "no id of a call"),
        ("x" * 201, {"a": 1}, "no id of a call"),
        ("x", {}, "no scores are given"),
        ("x", {str(n): 1 for n in range(101)}, "101 scores are too many"),
        ("x", {"": 1}, "cannot be the name"),
        ("x", {"a\nb": 1}, "cannot be the name"),
        ("x", {"x" * 101: 1}, "cannot be the name"),
        ("x", {3: 1}, "cannot be the name"),
        ("x", {"a": "1"}, "a is no number"),
        ("x", {"a": None}, "a is no number"),
        ("x", {"a": float("nan")}, "a is no number"),
        ("x", {"a": float("inf")}, "a is no number"),
        ("x", {"a": 10**400}, "a is no number"),
    ],
)
def test_what_is_none_is_named(ref, given, said):
    with pytest.raises(UsageError, match=said):
        scored(ref, given, 0)
