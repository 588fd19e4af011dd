"""Windows beside a plain list of events, and the edges of days and months in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli import windows
from helicli.windows import Calendar, Sliding, bounds


class Events:
    """The same, written as it is said: every event, looked through each time."""

    def __init__(self, window):
        self.window = window
        self.events = []

    def used(self, now):
        return sum(amount for at, amount in self.events if at > now - self.window)

    def wait(self, excess, now):
        """The first millisecond at which so much less is counted."""
        before = self.used(now)
        return next(step for step in range(self.window + 1) if before - self.used(now + step) >= excess)


STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.booleans()), max_size=60)


@given(STEPS, st.integers(1, 100))
def test_a_sliding_window_counts_as_the_list_does(steps, window):
    ours, plain, now = Sliding(), Events(window), 1000
    for gap, amount, corrects in steps:
        now += gap
        if corrects and plain.events:
            at, before = plain.events[len(plain.events) // 2]
            plain.events[len(plain.events) // 2] = at, amount
            ours.change(at, amount - before, now, window)
        else:
            plain.events.append((now, amount))
            ours.expire(now, window)
            ours.add(now, amount, window)
        ours.expire(now, window)
        assert ours.used == plain.used(now)
        for excess in (1, 3, ours.used):
            if 0 < excess <= ours.used:
                assert ours.wait(excess, now, window) == plain.wait(excess, now)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 5)), min_size=1, max_size=80))
def test_joined_entries_never_count_less_than_the_list(steps):
    window, most = 5_000, windows.EXACT_MAX
    windows.EXACT_MAX = 8
    try:
        ours, plain, now = Sliding(), Events(window), 1000
        for gap, amount in steps:
            now += gap
            ours.expire(now, window)
            assert plain.used(now) <= ours.used <= plain.used(now - window // windows.SUB_BUCKETS)
            plain.events.append((now, amount))
            ours.add(now, amount, window)
    finally:
        windows.EXACT_MAX = most


def test_exact_to_ten_thousand_and_small_above():
    window, ours = 3_600_000, Sliding()
    for at in range(windows.EXACT_MAX):
        ours.add(at * 300, 1, window)
    assert len(ours._times) == windows.EXACT_MAX and ours._grain == 1
    ours.expire(window + 150, window)
    assert ours.used == windows.EXACT_MAX - 1
    for at in range(windows.EXACT_MAX, 4 * windows.EXACT_MAX):
        ours.expire(at * 90 + 2_100_000, window)
        ours.add(at * 90 + 2_100_000, 1, window)
    assert ours._grain > 1 and len(ours._times) <= 3 * windows.SUB_BUCKETS


def test_what_has_left_is_not_corrected():
    ours = Sliding()
    ours.add(1000, 5, 100)
    assert ours.change(1000, -5, 1100, 100) == 0
    assert ours.used == 0


def test_a_calendar_forgets_and_survives_a_clock_set_back():
    ours = Calendar()
    ours.enter(100)
    ours.used = 3
    ours.enter(200)
    assert ours.used == 0
    ours.used = 1
    ours.enter(100)
    assert ours.used == 3
    assert (ours.change(200, 5), ours.change(100, -1), ours.change(50, 9)) == (5, -1, 0)
    ours.enter(200)
    assert ours.used == 6


ZONES = [UTC, *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "America/Havana", "Asia/Beirut", "Asia/Tehran"))]
ZONES += [
    *map(ZoneInfo, ("Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Chatham"))
]


@given(st.integers(1_262_304_000, 1_900_000_000), st.sampled_from(ZONES), st.sampled_from(("day", "month")))
def test_each_instant_is_in_one_window_that_begins_where_the_date_changes(second, zone, word):
    wall = second * 1000
    start, end = bounds(word, wall, zone)
    assert start <= wall < end
    assert bounds(word, start, zone) == bounds(word, end - 1, zone) == (start, end)
    assert bounds(word, end, zone)[0] == end

    def date(ms):
        moment = datetime.fromtimestamp(ms / 1000, zone)
        return moment.date() if word == "day" else (moment.year, moment.month)

    assert date(start) == date(end - 1) == date(wall) != date(start - 1)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)], ids=["spring", "autumn", "summer"]
)
def test_a_day_of_berlin_is_as_long_as_it_is(day, hours):
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    start, end = bounds("day", int(noon.timestamp() * 1000), noon.tzinfo)
    assert end - start == hours * 3_600_000


def test_months():
    for month, days in ((1, 31), (2, 28), (12, 31)):
        last = datetime(2026, month, days, 23, 59, 59, tzinfo=UTC)
        start, end = bounds("month", int(last.timestamp() * 1000), UTC)
        assert (end - start) == days * 86_400_000
        assert end == int((last + timedelta(seconds=1)).timestamp() * 1000)


def test_the_machines_own_zone(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert bounds("day", 1_795_269_791_204, None) == bounds("day", 1_795_269_791_204, ZoneInfo("Asia/Kolkata"))
    finally:
        monkeypatch.undo()
        time.tzset()
