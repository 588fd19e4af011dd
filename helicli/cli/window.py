"""The time that a question is about, where it was not said, and the words for it.

Owns the default windows. What a command looked at is told each time, so that nobody takes a day for everything.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from helicli.cli.options import Invocation
from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.units import instant

_TOLD: Final = {"today": "today", "24h": "last 24 h", "30d": "last 30 days"}


def windowed(run: Invocation, chosen: Filter, default: str) -> tuple[Filter, str]:
    """The filter with its time, `default` where none was given, and that time in words. Raises UsageError."""
    since, until = run.one("since"), run.one("until")
    if since is None:
        begins = instant(default, run.now())
        if chosen.until_ms is not None and chosen.until_ms <= begins:
            raise UsageError(f"--until {until} is before {_TOLD[default]}", f"--since all --until {until}")
        chosen = replace(chosen, since_ms=begins)
    told = _words(since) if since is not None else _TOLD[default]
    return chosen, f"{told} until {until}" if until else told


def _words(since: str) -> str:
    word = since.strip().lower()
    if word == "all":
        return "all time"
    if word in ("today", "yesterday", "week", "month") or word.endswith("day"):
        return word if word == "today" else f"since {word}"
    return f"last {word}" if word[:1].isdigit() and "-" not in word else f"since {since.strip()}"


def length(run: Invocation, chosen: Filter, first_ms: int | None) -> timedelta:
    """How long the window is; from the first call on where it has no begin."""
    until = chosen.until_ms if chosen.until_ms is not None else int(run.now().timestamp() * 1000)
    since = chosen.since_ms or first_ms or until
    return timedelta(milliseconds=max(1, until - since))
