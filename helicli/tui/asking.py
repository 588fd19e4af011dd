"""What was typed as a filter and chosen as a time, as the one thing that is asked of the log."""

from __future__ import annotations

from typing import Final

from helicli.filters import Filter, parse
from helicli.tui.setup import Setup
from helicli.units import instant

WINDOWS: Final = ("1h", "24h", "7d", "30d", "all")
"""The times that a key goes through."""


def chosen(setup: Setup, text: str, since: str) -> Filter:
    """The calls that a filter chooses of a time, which counts from now. Raises UsageError."""
    now = setup.now()
    term = parse(text, now, setup.saved).term if text.strip() else None
    return Filter(term=term, since_ms=instant(since, now) or None)


def next_window(since: str) -> str:
    """The time that comes after another."""
    at = WINDOWS.index(since) if since in WINDOWS else len(WINDOWS) - 1
    return WINDOWS[(at + 1) % len(WINDOWS)]
