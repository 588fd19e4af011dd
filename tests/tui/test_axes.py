"""Axes: labels say what their ticks stand for, room is not wasted, clocks change as they do."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from helicli.grouping import By, by, every
from helicli.tui.axes import COUNT, SHARE, TIME, USD, begins, scale, time_ticks

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000
DAY = 24 * HOUR


def at(text: str, zone=UTC) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def worth(label: str, unit: str) -> float:
    """What a label says, in the unit of the axis."""
    text = label.strip("$%")
    sizes = {"ms": 1000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
    if unit == TIME:
        name = next(name for name in sizes if text.endswith(name))
        return float(text.removesuffix(name)) * sizes[name]
    factor = {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1], 1.0)
    return float(text.rstrip("kMG")) * factor * {USD: 1e9, SHARE: 100, COUNT: 1}[unit]


@pytest.mark.parametrize("unit", [COUNT, USD, TIME, SHARE])
def test_every_label_says_exactly_what_its_tick_stands_for(unit):
    random = Random(7)
    for rows in range(2, 40):
        for _ in range(30):
            largest = random.randint(0, 10 ** random.randint(1, 13))
            axis = scale(largest, unit, rows)
            assert axis.top >= largest
            for number, label in enumerate(axis.labels):
                assert worth(label, unit) == pytest.approx(number * axis.step)


@pytest.mark.parametrize(
    ("largest", "unit", "rows", "labels"),
    [
        (0, COUNT, 8, ("0", "1", "2")),
        (0, USD, 8, ("$0", "$0.005", "$0.010")),
        (0, TIME, 8, ("0s", "0.5s", "1.0s")),
        (0, SHARE, 8, ("0%", "5%", "10%")),
        (7, COUNT, 9, ("0", "2", "4", "6", "8")),
        (60, COUNT, 8, ("0", "20", "40", "60")),
        (1_157_000, COUNT, 9, ("0", "500k", "1M")),
        (70_000_000, USD, 9, ("$0", "$0.02", "$0.04", "$0.06", "$0.08")),
        (13_270_000_000, USD, 7, ("$0", "$5", "$10", "$15")),
        (5_400_000, TIME, 8, ("0s", "2s", "4s", "6s")),
        (310_000, TIME, 8, ("0ms", "100ms", "200ms", "300ms")),
        (400_000_000, TIME, 9, ("0m", "2m", "4m", "6m", "8m")),
        (10_000, SHARE, 5, ("0%", "50%", "100%")),
    ],
)
def test_steps_are_round(largest, unit, rows, labels):
    assert scale(largest, unit, rows).labels == labels


def test_labels_stand_at_even_distances_from_the_bottom():
    axis = scale(60, COUNT, 9)
    told = [axis.label(row) for row in range(9)]
    assert told[-1] == "0"
    assert {at % axis.every for at, label in enumerate(reversed(told)) if label} == {0}
    assert axis.height(axis.step, 4) == 4 * axis.every


def test_a_short_plot_has_a_label_besides_nothing():
    for rows in (2, 3, 4):
        assert len(scale(5, COUNT, rows).labels) >= 2


def test_a_day_of_25_hours_and_one_of_23_are_as_wide_as_they_are_long():
    autumn = begins(by("day"), DAY, at("2026-10-24T00:00", BERLIN), at("2026-10-27T00:00", BERLIN), BERLIN)
    assert [later - earlier for earlier, later in zip(autumn, autumn[1:], strict=False)] == [DAY, 25 * HOUR]
    spring = begins(by("day"), DAY, at("2026-03-28T00:00", BERLIN), at("2026-03-31T00:00", BERLIN), BERLIN)
    assert [later - earlier for earlier, later in zip(spring, spring[1:], strict=False)] == [DAY, 23 * HOUR]


@pytest.mark.parametrize("hours", [1, 2, 3, 6, 12])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_stretches_cover_a_month_without_holes(hours, zone, month):
    zone = ZoneInfo(zone)
    first, last = at(f"2026-{month:02d}-01T07:20", zone), at(f"2026-{month + 1:02d}-01T00:00", zone)
    found = begins(every(hours * HOUR), hours * HOUR, first, last, zone)
    lengths = [later - earlier for earlier, later in zip(found, found[1:], strict=False)]
    assert found[0] <= first and found[-1] < last <= found[-1] + 2 * hours * HOUR
    assert all(0 < length <= (hours + 1) * HOUR for length in lengths)
    assert lengths.count(hours * HOUR) >= len(lengths) - 3


def test_months_and_weeks_begin_where_a_calendar_has_them():
    months = begins(by("month"), 31 * DAY, at("2025-11-15T00:00"), at("2026-04-02T00:00"), UTC)
    firsts = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
    assert months == [at(f"{month}-01T00:00") for month in firsts]
    weeks = begins(by("week"), 7 * DAY, at("2026-11-20T00:00"), at("2026-11-24T00:00"), UTC)
    assert weeks == [at("2026-11-16T00:00"), at("2026-11-23T00:00")]


@pytest.mark.parametrize(
    ("first", "last", "room", "labels"),
    [
        ("2026-11-20T08:34", "2026-11-21T08:34", 34, ["12:00", "18:00", "21 Nov", "06:00"]),
        ("2026-11-21T07:34", "2026-11-21T08:34", 34, ["07:45", "08:00", "08:15", "08:30"]),
        ("2026-08-23T00:00", "2026-11-21T00:00", 40, ["Sep", "Oct", "Nov"]),
        ("2025-06-03T00:00", "2026-07-01T00:00", 30, ["Jul", "Oct", "2026", "Apr"]),
    ],
)
def test_instants_are_round_times_of_a_clock(first, last, room, labels):
    assert [tick.label for tick in time_ticks(at(first), at(last), UTC, room)] == labels


def test_instants_are_those_of_the_zone():
    first, last = at("2026-10-24T12:00", BERLIN), at("2026-10-25T12:00", BERLIN)
    ticks = time_ticks(first, last, BERLIN, 60)
    assert [tick.label for tick in ticks if "Oct" in tick.label] == ["25 Oct"]
    for tick in ticks:
        local = datetime.fromtimestamp(tick.value / 1000, BERLIN)
        assert tick.label in (local.strftime("%H:%M"), f"{local.day} {local:%b}")


@pytest.mark.parametrize("room", range(4, 130, 7))
@pytest.mark.parametrize("length", [600_000, HOUR, 5 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 800 * DAY])
def test_labels_of_instants_never_meet(room, length):
    last = at("2026-11-21T08:34")
    end = 0
    for tick in time_ticks(last - length, last, UTC, room):
        begin = (tick.value - (last - length)) * room // length
        assert begin >= end
        end = begin + len(tick.label) + 1


def test_no_by_is_needed_to_be_a_word():
    assert begins(By(every_ms=60_000), 60_000, 0, 180_000, UTC) == [0, 60_000, 120_000]
