"""The options that shape lists of groups."""

from __future__ import annotations

import json

import pytest

from helicli.cli import grids
from helicli.view.figures import Grid, Heading

GRID = Grid(
    (Heading("user", "USER"), Heading("cost_usd", "COST", "usd")), [("b", 2), ("a", None), ("c", 10)], ("total", 12)
)


def shown(console, limit=0, tty=False, **given):
    run = console.invocation(tty)
    for name, value in given.items():
        run.keep(name.replace("_", "-"), value)
    grids.show(run, GRID, limit)
    return console.streams[0].bytes().decode()


def test_order(console):
    assert shown(console, sort="cost:desc") == "c\t0.00000001\nb\t0.000000002\na\t\n"
    assert shown(console, sort="cost_usd") == "b\t0.000000002\nc\t0.00000001\na\t\n"
    assert shown(console, sort="user", limit=1) == "a\t\n"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"format": "csv"}, "user,cost_usd\nb,0.000000002\na,\nc,0.00000001\n"),
        ({"columns": "cost", "header": True}, "cost_usd\n0.000000002\n\n0.00000001\n"),
        ({"format": "csv", "header": False, "columns": "user"}, "b\na\nc\n"),
    ],
)
def test_formats(console, given, text):
    assert shown(console, **given) == text


def test_json_and_tables(console):
    assert json.loads(shown(console, json=True))[0] == {"user": "b", "cost_usd": 2e-9}
    assert shown(console, tty=True).splitlines()[-1].startswith("total")
    assert "total" not in shown(console, tty=True, columns="user")


@pytest.mark.parametrize("command", ["costs", "stats", "users", "properties"])
def test_explain_says_of_what_an_answer_is_made_and_gives_none(console, command):
    result = console(command, "--user", "ada", "--since", "all", "--explain", "--json")
    assert result.code == 0
    assert result.lines[0] == "user is ada, all time"
    assert result.lines[2].startswith("rows of calls c WHERE")
    assert result.lines[3] == "parameters: 'ada'"
    assert len(result.lines) == 4
