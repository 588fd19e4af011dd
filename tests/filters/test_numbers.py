"""Numbers of filters in all their units, bounds that lie between two numbers, and what is none."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.errors import UsageError
from helicli.filters.numbers import interval, number
from helicli.filters.values import Kind, Range, holds

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 29, 12, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "kind", "stored"),
    [
        ("2", Kind.MS, 2000),
        ("2s", Kind.MS, 2_000_000),
        ("1m30s", Kind.MS, 90_000_000),
        ("1h", Kind.MS, 3_600_000_000),
        ("0.5ms", Kind.MS, 500),
        ("$0.01", Kind.USD, 10_000_000),
        ("0.01$", Kind.USD, 10_000_000),
        ("5¢", Kind.USD, 50_000_000),
        ("$1k", Kind.USD, 10**12),
        ("3.1k", Kind.COUNT, 3100),
        ("2M", Kind.COUNT, 2_000_000),
        ("-1", Kind.COUNT, -1),
    ],
)
def test_units(text, kind, stored):
    assert number(text, kind) == (stored, True)


@pytest.mark.parametrize("text", ["", "-", "$", "s", "1x", "1 2", "1.s", "1..2", "1e3", "٣", "1s2", "2k3k", "0x1"])
@pytest.mark.parametrize("kind", [Kind.MS, Kind.USD, Kind.COUNT])
def test_what_is_no_number(text, kind):
    with pytest.raises(UsageError):
        number(text, kind)


@given(st.integers(0, 5000), st.sampled_from(["<", "<=", ">", ">="]), st.integers(-10, 10))
def test_a_bound_between_two_numbers_is_not_rounded(thousandths, sign, stored):
    meant = interval(f"{thousandths / 1000:.3f}", Kind.COUNT, sign, NOW)
    bound = Fraction(thousandths, 1000)
    expected = {"<": stored < bound, "<=": stored <= bound, ">": stored > bound, ">=": stored >= bound}[sign]
    assert holds(meant, stored) is expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1..3", Range(1, 3)),
        ("1.5..2.5", Range(2, 2)),
        ("..3", Range(high=3)),
        ("1..", Range(low=1)),
        ("1.5..", Range(low=1, above=True)),
    ],
)
def test_ranges(text, meant):
    assert interval(text, Kind.COUNT, "=", NOW) == meant


@pytest.mark.parametrize("text", ["..", "3..1", "1.2..1.8", "1.5"])
def test_ranges_that_are_none(text):
    with pytest.raises(UsageError):
        interval(text, Kind.COUNT, "=", NOW)


def test_a_day_is_all_of_it_by_the_clock():
    """The day of a change of the clock has 23 hours."""
    day = interval("today", Kind.INSTANT, "=", NOW)
    assert day.high - day.low + 1 == 23 * 3_600_000
    assert interval("today", Kind.INSTANT, ">", NOW) == Range(low=day.high, above=True)
    assert interval("today", Kind.INSTANT, "<", NOW) == Range(high=day.low, below=True)
    assert interval("yesterday..today", Kind.INSTANT, "=", NOW) == Range(day.low - 24 * 3_600_000, day.high)


def test_scores_are_any_numbers():
    assert interval("0.5", Kind.SCORE, "<", NOW) == Range(high=0.5, below=True)
    with pytest.raises(UsageError):
        interval("good", Kind.SCORE, "<", NOW)
