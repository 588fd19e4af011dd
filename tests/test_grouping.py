"""What calls are grouped by: words, and where stretches of time begin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from helicli.errors import UsageError
from helicli.grouping import DAY_MS, By, begin, by, every

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")


def at(text: str, zone=UTC) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ("model", By(column="model")),
        ("User", By(column="user")),
        ("prop.Feature", By(label="feature")),
        ("properties.x.y", By(label="x.y")),
        ("day", By(every="day")),
        ("status", By(column="status")),
        ("stream", By(column="stream")),
    ],
)
def test_words(word, what):
    assert by(word) == what


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("modle", "did you mean model"),
        ("latency", "cannot be grouped by latency"),
        ("cost_usd", "cannot be grouped by cost_usd"),
        ("request_id", "cannot be grouped"),
        ("environment", "prop.environment"),
    ],
)
def test_what_is_none(word, says):
    with pytest.raises(UsageError) as error:
        by(word)
    assert says in f"{error.value.message} {error.value.fix}"


@pytest.mark.parametrize(
    ("what", "moment", "zone", "begins"),
    [
        (by("hour"), "2026-11-21T14:03:11", UTC, "2026-11-21T14:00"),
        (by("hour"), "2026-11-21T14:03:11", KOLKATA, "2026-11-21T14:00"),
        (by("day"), "2026-11-21T14:03:11", KOLKATA, "2026-11-21T00:00"),
        (by("day"), "2026-10-25T23:30", BERLIN, "2026-10-25T00:00"),
        (by("day"), "2026-03-29T12:00", BERLIN, "2026-03-29T00:00"),
        (by("week"), "2026-11-21T14:00", BERLIN, "2026-11-16T00:00"),
        (by("week"), "2026-03-30T01:00", BERLIN, "2026-03-30T00:00"),
        (by("month"), "2026-10-31T23:59", BERLIN, "2026-10-01T00:00"),
        (every(300_000), "2026-11-21T14:03:11", KOLKATA, "2026-11-21T14:00"),
        (every(DAY_MS), "2026-11-21T14:03:11", BERLIN, "2026-11-21T00:00"),
        (every(DAY_MS // 2), "2026-10-25T11:59", BERLIN, "2026-10-25T00:00"),
        (every(DAY_MS // 2), "2026-10-25T01:30", BERLIN, "2026-10-25T00:00"),
        (every(DAY_MS // 2), "2026-03-29T04:00", BERLIN, "2026-03-29T00:00"),
        (every(DAY_MS // 2), "2026-03-29T12:00", BERLIN, "2026-03-29T12:00"),
    ],
)
def test_begins(what, moment, zone, begins):
    assert begin(what, at(moment, zone), zone) == at(begins, zone)


def test_the_hour_that_comes_twice_is_two_hours():
    first = at("2026-10-25T00:30")
    assert begin(by("hour"), first, BERLIN) == at("2026-10-25T00:00")
    assert begin(by("hour"), first + 3_600_000, BERLIN) == at("2026-10-25T01:00")


def test_stretches_never_cross_their_grain():
    assert every(300_000).grain_ms == 300_000
    assert every(420_000).grain_ms == 60_000
    assert every(3_600_000).grain_ms == by("day").grain_ms == 900_000
    assert not by("model").is_time
    assert [by(word).name for word in ("model", "prop.A", "week")] == ["model", "prop.a", "week"]
    assert every(60_000).title == "TIME"
    assert by("prop.a").title == "A"
