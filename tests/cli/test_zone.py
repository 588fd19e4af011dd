"""The machine's zone over a change of its clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from helicli.cli.zone import Machine
from helicli.units import instant, span

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("hour", range(0, 72, 1))
@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24)])
def test_is_what_a_named_zone_is(day, hour):
    moment = datetime.fromtimestamp(datetime(*day, tzinfo=UTC).timestamp() + hour * 3600, UTC)
    machine, named = moment.astimezone(Machine()), moment.astimezone(BERLIN)
    assert machine.replace(tzinfo=None, fold=0) == named.replace(tzinfo=None, fold=0)
    assert machine.utcoffset() == named.utcoffset()
    assert machine.timestamp() == moment.timestamp()
    for words in ("today", "yesterday", "monday", "week", "month", "3h", "2026-03-29T04:00"):
        assert span(words, machine) == span(words, named)


def test_days_before_a_change_begin_at_their_own_midnight():
    now = datetime(2026, 3, 30, 12, tzinfo=UTC).astimezone(Machine())
    assert instant("2026-03-28", now) == datetime(2026, 3, 27, 23, tzinfo=UTC).timestamp() * 1000
    assert Machine().tzname(now) == "CEST"
