"""A policy replayed over a log."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC

import pytest

from helicli.policy import parse
from helicli.query import limits
from helicli.query.reading import opened
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query.logs import T0, call, chosen


@pytest.fixture
def log(tmp_path):
    """Twelve calls, one each ten seconds; users in turn, and some that no limit sees."""
    path = tmp_path / "x.db"
    with closing(open_writer(path)) as db:
        writer = CallWriter(db)
        for number in range(12):
            writer.write(call(number + 1, at=T0 + number * 10_000, user=("ada", "ada", "linus")[number % 3]))
        writer.write(call(90, at=T0, user="ada", error="refused_door", status=403))
        writer.write(call(91, at=T0 - 1, user="ada", properties={"team": "red"}, cost_nano=None, input_tokens=None))
    with opened(path) as db:
        yield db


def replay(log, policy, selection=chosen()):  # noqa: B008
    return limits.replay(log, parse(policy), selection, UTC)


def test_what_would_have_been_refused(log):
    found = replay(log, "3;w=60;u=user")
    assert (found.calls, found.refused, found.first_at) == (13, {"ada": 3}, T0 + 30_000)
    assert replay(log, "100;w=60").refused == {}
    assert replay(log, "12;w=day").refused == {"": 1}
    assert replay(log, "0;w=day", chosen(user=("linus",))).refused == {"": 4}
    assert replay(log, "1;w=day;s=team").refused == {"": 11}


def test_tokens_and_money_as_they_were_used(log):
    assert sum(replay(log, "1100;w=3600;u=tokens").refused.values()) == 11
    assert replay(log, "0.3;w=3600;u=cents").refused == {"": 11}


def test_an_empty_choice(log):
    found = replay(log, "1;w=60", chosen(user=("nobody",)))
    assert (found.calls, found.refused, found.first_at) == (0, {}, None)
