"""`helicli score` on a log, without an engine."""

from __future__ import annotations

import json

import pytest


def scores(console, call):
    return json.loads(console("show", call, "--json").out)["scores"]


def test_thumbs_and_numbers(console):
    assert console("score", "1", "up", "Helpful=0.8", "correct=yes").code == 0
    assert scores(console, "1") == {"feedback": 1.0, "helpful": 0.8, "correct": 1.0}
    console("score", "1", "down", "helpful=-1e3")
    assert scores(console, "1") == {"feedback": 0.0, "helpful": -1000.0, "correct": 1.0}
    console("score", "last", "style=up")
    assert [scores(console, each) for each in ("2", "last")] == [{}, {"style": 1.0}]


def test_what_was_scored_is_found_and_shown(console):
    console("score", "1", "helpful=0.2")
    console("score", "2", "helpful=0.9")
    found = console("filter", "score.helpful:<0.5", "--since", "all", "-c", "seq,score.helpful,scores").out
    assert found == "1\t0.2\thelpful=0.2\n"
    assert console("filter", "has:score", "--since", "all", "-c", "seq").out == "2\n1\n"
    assert "scored helpful=0.2" in console("show", "1", tty=True).out
    table = console("filter", "has:score", "--since", "all", "-c", "seq,score.helpful", tty=True).out
    assert [line.split() for line in table.splitlines()[1:]] == [["2", "0.9"], ["1", "0.2"]]


@pytest.mark.parametrize("given", ["good", "helpful=", "=1", "helpful=x", "helpful=nan", "helpful=1e400"])
def test_what_is_no_score(console, given):
    done = console("score", "1", given)
    assert done.code == 2 and "is no" in done.err
    assert scores(console, "1") == {}


def test_a_call_that_is_not_there(console):
    assert console("score", "99", "up").code == 3
