"""`helicli stats`."""

from __future__ import annotations

import json

import pytest

from helicli.cli import stats


def test_the_last_day(console):
    told = json.loads(console("stats", "--json").out)
    assert (told["calls"], told["errors"], told["error_kinds"]) == (5, 1, {"429": 1})
    assert told["latency_max_ms"] == 1240
    assert told["since"] == "2026-11-20T14:15:11.204Z"
    assert "last 24 hours · 5 calls" in console("stats").err


def test_plain_lines_are_names_and_values(console):
    lines = dict(line.split("\t") for line in console("stats").lines)
    assert lines["calls"] == "5"
    assert lines["error_kinds"] == "429=1"


def test_groups_and_stretches(console):
    told = json.loads(console("stats", "--by", "user", "--json").out)
    assert [(row["user"], row["calls"], row["errors"]) for row in told] == [
        ("ada", 3, 1),
        (None, 1, 0),
        ("linus", 1, 0),
    ]
    told = json.loads(console("stats", "--every", "2m", "--json").out)
    assert [(row["time"], row["calls"]) for row in told] == [
        ("2026-11-21T14:02:00.000Z", 1), ("2026-11-21T14:04:00.000Z", 2), ("2026-11-21T14:06:00.000Z", 2),
    ]  # fmt: skip


def test_nothing(console):
    assert console("stats", "user:nobody", "--fail-empty").code == 1
    assert json.loads(console("stats", "user:nobody", "--json").out)["calls"] == 0


def test_watching_goes_on_until_it_is_stopped(console, monkeypatch):
    rounds = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(stats.time, "sleep", sleep)
    result = console("stats", "--watch", tty=True)
    assert result.code == 0
    assert result.out.count("\x1b[H\x1b[2J") == 3
    rounds.clear()
    result = console("stats", "--watch", "--format", "jsonl")
    assert result.out.count("\n") == 3


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--every", "1ms"], "too short"),
        (["--every", "1s", "--since", "30d"], "would make 2,592,000 rows"),
        (["--every", "often"], "not a duration"),
        (["--watch", "--json"], "no end"),
        (["--by", "latency"], "cannot be grouped"),
    ],
)
def test_what_cannot_be_meant(console, args, says):
    result = console("stats", *args)
    assert result.code == 2
    assert says in result.err
