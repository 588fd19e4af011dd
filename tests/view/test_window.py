"""How a time is called."""

from __future__ import annotations

import pytest

from helicli.view.window import window


@pytest.mark.parametrize(
    ("since", "until", "called"),
    [
        ("30d", None, "last 30 days"),
        ("1h", None, "last hour"),
        ("24h", None, "last 24 hours"),
        ("monday", None, "since monday"),
        ("2026-11-20", "yesterday", "since 2026-11-20 until yesterday"),
        ("2d", "1d", "since 2d ago until 1d ago"),
        (None, "1h", "until 1h ago"),
        ("all", None, "all time"),
        ("1h30m", None, "last 1h30m"),
        ("1h30m", "5m", "since 1h30m ago until 5m ago"),
        (" Monday", "2026-11-20T14:00Z", "since monday until 2026-11-20T14:00Z"),
    ],
)
def test_windows(since, until, called):
    assert window(since, until) == called
