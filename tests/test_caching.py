"""Which entries a clearing takes."""

from __future__ import annotations

import pytest

from helicli.caching import Clearing, Entry

ENTRY = Entry(b"id", b"key", 0, "local", "blue", 1000, 2000, "json", "application/json", False, 5, 7)


@pytest.mark.parametrize(
    ("clearing", "goes"),
    [
        (Clearing(), True),
        (Clearing(seed="blue"), True),
        (Clearing(seed="red"), False),
        (Clearing(seed=""), False),
        (Clearing(before_ms=1001), True),
        (Clearing(before_ms=1000), False),
        (Clearing(ids=(b"other", b"id")), True),
        (Clearing(ids=()), False),
        (Clearing(seed="blue", before_ms=1000), False),
        (Clearing(seed="blue", before_ms=1001, ids=(b"id",)), True),
    ],
)
def test_every_term_must_apply(clearing, goes):
    assert ENTRY.cleared_by(clearing) is goes
