"""Quantities, written and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli import units
from helicli.errors import UsageError

NOW = datetime(2026, 11, 21, 14, 3, 11, 204_000, tzinfo=UTC)  # a Saturday
BERLIN = ZoneInfo("Europe/Berlin")


def _millis(*when, zone=UTC):
    return int(datetime(*when, tzinfo=zone).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 10),
        ("0", 0),
        ("1.5", 1.5),
        ("500ms", 0.5),
        ("10s", 10),
        ("5m", 300),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        (" 2D ", 172_800),
        ("1w", 604_800),
        ("1.5h", 5400),
        ("1m500ms", 60.5),
    ],
)
def test_durations(text, seconds):
    assert units.duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", " ", "s", "10x", "-5s", "5s!", "1h30", "1,5h", "ten", "1..5s", "nan", "10 20"])
def test_no_durations(text):
    with pytest.raises(UsageError, match="is not a duration") as caught:
        units.duration(text)
    assert "1h30m" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("today", _millis(2026, 11, 21)),
        ("Yesterday", _millis(2026, 11, 20)),
        ("saturday", _millis(2026, 11, 21)),
        ("sunday", _millis(2026, 11, 15)),
        ("friday", _millis(2026, 11, 20)),
        ("2026-11-20", _millis(2026, 11, 20)),
        ("2026-11-20T14:00", _millis(2026, 11, 20, 14)),
        ("2026-11-20 14:00", _millis(2026, 11, 20, 14)),
        ("2026-11-20t14:00z", _millis(2026, 11, 20, 14)),
        ("2026-11-20T14:00+02:00", _millis(2026, 11, 20, 12)),
        ("1h", _millis(2026, 11, 21, 13, 3, 11) + 204),
        ("90", _millis(2026, 11, 21, 14, 1, 41) + 204),
    ],
)
def test_instants(text, millis):
    assert units.instant(text, NOW) == millis


@given(st.integers(0, 4_000_000_000_000))
def test_an_instant_is_read_to_the_millisecond(millis):
    assert units.instant(units.rfc3339(millis), NOW) == millis


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-11-31", "2026-1", "11:00", "9" * 30])
def test_no_instants(text):
    with pytest.raises(UsageError, match="is not a time") as caught:
        units.instant(text, NOW)
    assert "yesterday" in caught.value.fix


def test_instants_of_a_zone():
    now = datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert units.instant("today", now) == _millis(2026, 11, 20, 18, 30)
    assert units.instant("2026-11-20", now) == _millis(2026, 11, 19, 18, 30)


def test_a_while_ago_is_that_long_ago_where_the_clock_was_changed():
    for now in (datetime(2026, 3, 29, 4, tzinfo=BERLIN), datetime(2026, 10, 25, 4, tzinfo=BERLIN)):
        assert units.instant("3h", now) == int(now.timestamp() - 3 * 3600) * 1000
    assert units.instant("today", datetime(2026, 3, 29, 4, tzinfo=BERLIN)) == _millis(2026, 3, 28, 23)
    assert units.instant("yesterday", datetime(2026, 3, 30, 4, tzinfo=BERLIN)) == _millis(2026, 3, 28, 23)


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_763_733_791_204, "2025-11-21T14:03:11.204Z"),
        (1_763_733_791_999, "2025-11-21T14:03:11.999Z"),
    ],
)
def test_rfc3339(millis, text):
    assert units.rfc3339(millis) == text


def test_clock():
    assert units.clock(1_763_733_791_999, UTC) == "14:03:11"
    assert units.clock(1_763_733_791_999, BERLIN) == "15:03:11"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s ago"),
        (0, "0s ago"),
        (59, "59s ago"),
        (60, "1m ago"),
        (3599, "59m ago"),
        (7200, "2h ago"),
        (86_400 * 40, "40d ago"),
    ],
)
def test_ago(seconds, text):
    assert units.ago(1_000_000_000_000, 1_000_000_000_000 + seconds * 1000) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (None, "–"),
        (0, "0.00ms"),
        (310, "0.31ms"),
        (1000, "1ms"),
        (310_000, "310ms"),
        (999_499, "999ms"),
        (999_500, "1.00s"),
        (1_240_000, "1.24s"),
        (119_994_999, "119.99s"),
        (250_000_000, "4m 10s"),
        (7_199_999_999, "119m 59s"),
        (7_200_000_000, "2h 0m"),
    ],
)
def test_seconds(micros, text):
    assert units.seconds(micros) == text


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (None, "–"),
        (0, "$0"),
        (1, "$0.000000001"),
        (100, "$0.00000010"),
        (75_000, "$0.000075"),
        (1_234_567, "$0.0012"),
        (2_000_000, "$0.0020"),
        (999_000_000, "$0.9990"),
        (13_270_000_000, "$13.27"),
        (1_234_500_000_000, "$1,234.50"),
    ],
)
def test_dollars(nano, text):
    assert units.dollars(nano) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "–"),
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (3149, "3.1k"),
        (9949, "9.9k"),
        (9950, "10k"),
        (402_000, "402k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_900_000, "1.9M"),
        (25_000_000_000, "25G"),
    ],
)
def test_count(number, text):
    assert units.count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (4_100_000, "4.1 MB"),
        (99_900_000, "100 MB"),
        (999_600, "1.0 MB"),
        (8_000_000_000, "8.0 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_size(number, text):
    assert units.size(number) == text


@pytest.mark.parametrize(
    ("words", "first", "hours"),
    [
        ("today", (2026, 3, 28, 23), 23),
        ("yesterday", (2026, 3, 27, 23), 24),
        ("week", (2026, 3, 22, 23), 167),
        ("month", (2026, 2, 28, 23), 743),
        ("2026-10-25", (2026, 10, 24, 22), 25),
    ],
)
def test_a_span_is_of_the_clock(words, first, hours):
    """The day on which clocks go forward has 23 hours, that on which they go back 25."""
    begin, end = units.span(words, datetime(2026, 3, 29, 12, tzinfo=BERLIN))
    assert begin == _millis(*first)
    assert end - begin == hours * 3_600_000


def test_a_moment_is_a_millisecond():
    assert units.span("2026-11-20T14:00Z", NOW) == (_millis(2026, 11, 20, 14), _millis(2026, 11, 20, 14) + 1)


def test_all_is_before_every_call():
    assert units.instant("all", NOW) == 0
    assert units.instant("week", NOW) == units.span("week", NOW)[0]
