"""`helicli costs`."""

from __future__ import annotations

import json

import pytest

from tests.query import logs


@pytest.fixture
def rows(console):
    """What a command prints as JSON."""

    def run(*args: str):
        result = console(*args, "--json")
        assert result.code == 0, result.err
        return json.loads(result.out)

    return run


def test_today_by_model_is_the_default(console):
    result = console("costs")
    assert [line.split("\t")[:2] for line in result.lines] == [["claude-sonnet-4", "1"], ["gpt-4o", "4"]]
    assert "today" in result.err
    assert "$13.27" in result.err
    assert "1 unpriced" in result.err


def test_nested_and_top(rows):
    told = rows("costs", "--by", "day", "--by", "user")
    assert [(row["day"], row["user"], row["calls"]) for row in told] == [
        ("2026-11-21", None, 1), ("2026-11-21", "ada", 3), ("2026-11-21", "linus", 1),
    ]  # fmt: skip
    assert [row["user"] for row in rows("costs", "--by", "user", "--top", "1")] == [None]
    assert rows("costs", "--by", "day,user") == told


def test_by_a_property(rows):
    told = rows("costs", "--by", "prop.Environment")
    assert [(row["prop.environment"], row["calls"]) for row in told] == [(None, 4), ("production", 1)]


def test_filters_and_windows(console, rows):
    assert [row["calls"] for row in rows("costs", "user:ada", "--since", "all")] == [3]
    assert rows("costs", "--until", "yesterday") == []
    nothing = console("costs", "--user", "adda", "--fail-empty")
    assert nothing.code == 1
    assert "did you mean ada?" in nothing.err


def test_unpriced(rows):
    told = rows("costs", "--unpriced")
    assert [(row["provider"], row["model"], row["unpriced"]) for row in told] == [("openai", "gpt-4o", 1)]


def test_nothing_unpriced_is_nothing(console):
    assert console("costs", "--unpriced", "--fail-empty").code == 0
    assert console("costs", "--unpriced", "--fail-empty", "--user", "ada").code == 1


@pytest.mark.parametrize(("budget", "code"), [("13.30", 0), ("13", 8), ("0", 8)])
def test_budget(console, budget, code):
    result = console("costs", "--budget", budget)
    assert result.code == code
    assert ("more than" in result.err) == bool(code)
    assert result.lines


def test_what_if(console, rows):
    told = rows("costs", "--as", "gpt-4o-mini")
    # 150 nano-dollars a token read, 600 a token written: genai-prices.
    assert {row["model"]: row["as_usd"] for row in told}["claude-sonnet-4"] == pytest.approx(
        3100 * 150e-9 + 812 * 600e-9
    )
    wrong = console("costs", "--as", "no-such-model")
    assert wrong.code == 3
    assert "no price is known" in wrong.err


def test_branch_and_ci(tmp_path, console, rows):
    logs.write(console.database, logs.call(6, properties={"git_branch": "main", "ci": "github"}),
               logs.call(7, properties={"git_branch": "try"}))  # fmt: skip
    assert [row["calls"] for row in rows("costs", "--branch", "main")] == [1]
    assert [row["calls"] for row in rows("costs", "--ci", "--by", "prop.git_branch")] == [1]


def test_columns_and_order(console):
    result = console("costs", "--sort", "calls:desc", "-c", "model,cost", "--header")
    assert result.lines == ["model\tcost_usd", "gpt-4o\t0.00398", "claude-sonnet-4\t13.27"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--by", "modle"], "did you mean model"),
        (["--by", "user", "--by", "user"], "twice"),
        (["--sort", "calls:up"], 'cannot end in ":up"'),
        (["-c", "modle"], "did you mean model"),
        (["-c", ","], "names none"),
        (["--budget", "much"], "not a number"),
        (["usr:ada"], "user"),
        (["--since", "sometime"], "not a time"),
    ],
)
def test_what_cannot_be_meant(console, args, says):
    result = console("costs", *args)
    assert result.code == 2
    assert says in result.err
    assert result.out == ""


def test_the_dearest_only(console):
    got = console("costs", "--since", "all", "--by", "day", "--by", "model", "--top", "1", "--json")
    assert [row["model"] for row in json.loads(got.out)] == ["claude-sonnet-4"]
    assert "all time · 1 of 2 groups · " in got.err
    by_calls = console("costs", "--since", "all", "--by", "model", "--top", "1", "--sort", "calls:desc", "--json")
    assert [row["model"] for row in json.loads(by_calls.out)] == ["gpt-4o"]
    assert "groups" not in console("costs", "--since", "all", "--top", "9").err
