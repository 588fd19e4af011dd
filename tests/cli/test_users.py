"""`helicli users`."""

from __future__ import annotations

import json

import pytest


def test_the_dearest_first(console):
    told = json.loads(console("users", "--json").out)
    assert [(row["user"], row["calls"], row["cost_usd"], row["top_model"]) for row in told] == [
        ("ada", 3, 0.00398, "gpt-4o"), ("linus", 1, None, "gpt-4o"),
    ]  # fmt: skip


def test_order_and_number(console):
    result = console("users", "--sort", "calls", "-n", "1")
    assert [line.split("\t")[0] for line in result.lines] == ["linus"]
    assert "1 of 2 users · more: -n 0" in result.err
    assert [line.split("\t")[0] for line in console("users", "--sort", "last_at:desc").lines] == ["ada", "linus"]


def test_one_user(console):
    result = console("users", "show", "ada", "--json")
    assert [(row["model"], row["calls"]) for row in json.loads(result.out)] == [("gpt-4o", 3)]
    assert "ada · last 30 days · 3 calls" in result.err
    assert console("users", "show", "ada", "--until", "2020-01-01").code == 0


def test_filters(console):
    assert [line.split("\t")[0] for line in console("users", "status:error").lines] == ["ada"]
    assert console("users", "user:adda").err.endswith("did you mean ada?\n")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["show", "adda"], 3, "did you mean ada"),
        (["show"], 2, "one user"),
        (["--sort", "cots"], 2, "did you mean cost"),
        (["--sort", "cost:up"], 2, "cannot end"),
    ],
)
def test_what_cannot_be_meant(console, args, code, says):
    result = console("users", *args)
    assert result.code == code
    assert says in result.err
