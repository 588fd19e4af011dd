"""What a model is called in lists."""

from __future__ import annotations

import pytest

from helicli.query.names import listed, undated


@pytest.mark.parametrize(
    ("asked", "answered", "fell", "told"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06", False, "gpt-4o"),
        ("my-own-deployment-of-it", "gpt-4o-2024-08-06", False, "gpt-4o-2024-08-06"),
        ("gpt-4o", None, False, "gpt-4o"),
        (None, "gpt-4o", False, "gpt-4o"),
        (None, None, False, None),
        ("", None, True, None),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", True, "gpt-4o-mini"),
        ("gpt-4o", "claude-sonnet-4-20250514", True, "claude-sonnet-4"),
        ("gpt-4o", None, True, "gpt-4o"),
        ("a, b", "b-2024-08-06", False, "b"),
        ("a, b", None, False, "a, b"),
    ],
)
def test_who_is_named(asked, answered, fell, told):
    assert listed(asked, answered, fell=fell) == told


def test_only_a_day_at_the_end_goes():
    names = ("gpt-4o-2024-08-06", "gpt-4-0613", "2024-08-06", "-20250514", "o3-2025-04-16-pro")
    assert [undated(name) for name in names] == ["gpt-4o", *names[1:]]
