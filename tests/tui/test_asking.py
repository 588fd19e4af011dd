"""Typed filters and chosen times."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helicli.errors import UsageError
from helicli.tui.asking import WINDOWS, chosen, next_window
from helicli.tui.setup import Setup

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
SETUP = Setup(database=Path("x.db"), now=lambda: NOW, saved={"bad": "status:error"})


def test_one_question():
    asked = chosen(SETUP, "@bad", "1h")
    assert asked.text == "status:error"
    assert asked.since_ms == round(NOW.timestamp() * 1000) - 3_600_000
    assert chosen(SETUP, "  ", "all").since_ms is None and chosen(SETUP, "", "all").term is None
    with pytest.raises(UsageError):
        chosen(SETUP, "usr:ada", "all")


def test_times_go_round():
    assert [next_window(each) for each in WINDOWS] == [*WINDOWS[1:], WINDOWS[0]]
    assert next_window("3d") == WINDOWS[0]
