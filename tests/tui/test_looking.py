"""What is looked at: as calls, in words, as options; all of them mean the same."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from helicli.errors import UsageError
from helicli.filters import parse
from helicli.tui.looking import Look, stretch
from helicli.tui.setup import Setup
from helicli.units import instant

NOW = datetime(2026, 11, 21, 8, 34, 20, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
HOUR = 3_600_000
SETUP = Setup(database=Path("helicli.db"), now=lambda: NOW)


def test_a_live_window_counts_from_now():
    found = Look("user:ada", "24h").chosen(SETUP)
    assert (found.since_ms, found.until_ms, found.text) == (NOW_MS - 24 * HOUR, None, "user:ada")
    assert Look("", "all").chosen(SETUP).since_ms is None
    with pytest.raises(UsageError):
        Look("usr:ada").chosen(SETUP)


def test_half_a_window_back_and_on_again():
    look = Look("", "24h")
    back = look.moved(NOW_MS - 24 * HOUR, NOW_MS, NOW_MS, back=True)
    assert not back.is_live and back.until_ms is not None
    assert back.until_ms - back.since_ms == 24 * HOUR
    assert 0 <= NOW_MS - back.until_ms - 12 * HOUR < 60_000
    assert back.since_ms % 60_000 == 0
    found = back.chosen(SETUP)
    assert (found.since_ms, found.until_ms) == (back.since_ms, back.until_ms)
    further = back.moved(back.since_ms, back.until_ms, NOW_MS, back=True)
    again = further.moved(further.since_ms, further.until_ms or 0, NOW_MS, back=False)
    assert again == back
    assert back.live() == look


def test_all_of_the_log_cannot_be_moved():
    look = Look("", "all")
    assert look.moved(0, NOW_MS, NOW_MS, back=True) == look


@pytest.mark.parametrize(
    "look", [Look("", "7d"), Look("", "24h", NOW_MS - 30 * HOUR - 20_000, NOW_MS - 6 * HOUR - 20_000)]
)
def test_options_mean_the_same_time(look):
    words = shlex.split(look.options())
    given = dict(zip(words[::2], words[1::2], strict=True))
    chosen = look.chosen(SETUP)
    assert instant(given["--since"], NOW) == chosen.since_ms
    assert ("--until" in given) is (chosen.until_ms is not None)
    if chosen.until_ms is not None:
        assert instant(given["--until"], NOW) == chosen.until_ms
        assert len(given["--until"]) == len("2026-11-21T02:34Z")


def test_a_stretch_is_told_by_a_filter():
    text, since = Look("user:ada", "24h").narrowed(SETUP, "status:error", (NOW_MS - HOUR, NOW_MS))
    assert since == "all"
    term = parse(text).term
    assert text.startswith("user:ada status:error created_at:") and term is not None
    assert Look("", "24h").narrowed(SETUP, "status:error") == ("status:error", "24h")
    text, since = Look("", "24h", 60_000, 120_000).narrowed(SETUP, "")
    assert (text, since) == ("created_at:1970-01-01T00:01:00.000Z..1970-01-01T00:01:59.999Z", "all")


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-11-21T14:00", "2026-11-21T14:30", "21 Nov 14:00–14:30"),
        ("2026-11-21T23:30", "2026-11-22T00:30", "21 Nov 23:30 – 22 Nov 00:30"),
        ("2026-11-21T00:00", "2026-11-22T00:00", "21 Nov"),
        ("2026-11-16T00:00", "2026-11-23T00:00", "16 Nov – 22 Nov"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_time_is_told_with_no_more_than_needed(first, last, told, zone):
    zone = ZoneInfo(zone)
    ends = [round(datetime.fromisoformat(each).replace(tzinfo=zone).timestamp() * 1000) for each in (first, last)]
    assert stretch(*ends, zone) == told


def test_a_window_in_words():
    assert Look("", "24h").told(UTC) == "last 24 hours"
    assert Look("", "24h", NOW_MS - 20_000, NOW_MS + 40_000).told(UTC) == "21 Nov 08:34–08:35"
