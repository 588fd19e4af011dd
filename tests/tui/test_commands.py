"""The commands that show the same, and filters made from values."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from helicli.columns import column
from helicli.filters import parse
from helicli.query.calls import Order
from helicli.tui import commands
from helicli.tui.setup import Setup

SETUP = Setup(database=Path("x.db"), program="helicli --db 'a b.db'", saved={"slow": "latency:>5s"})


def test_the_command_of_a_list():
    assert commands.filter_command(SETUP, "", "all") == "helicli --db 'a b.db' filter --since all"
    told = commands.filter_command(SETUP, " user:ada -cache:hit ", "24h", Order(column("cost"), True))
    assert told == "helicli --db 'a b.db' filter 'user:ada -cache:hit' --since 24h --sort cost_usd:desc"
    assert commands.show_command(SETUP, 7, "--json") == "helicli --db 'a b.db' show 7 --json"


@pytest.mark.parametrize(
    "value", ["ada", "a b", 'say "x"', "a,b", "*", "a:b", "-x", "@slow", "(", "back\\slash", "ümläut"]
)
@pytest.mark.parametrize("out", [False, True])
def test_a_value_is_meant_as_it_is(value, out):
    for field in ("user", "prop.feature"):
        text = commands.narrowed(SETUP, "", field, value, out=out)
        term = parse(text).term
        term = term.term if out else term
        assert [each.text for each in term.values] == [value]
        assert shlex.split(commands.filter_command(SETUP, text, "all"))[4] == text


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("", "user:ada"),
        ("status:error", "status:error user:ada"),
        ("a or b", "(a or b) user:ada"),
        ("user:ada", "user:ada"),
        ("@slow", "@slow user:ada"),
    ],
)
def test_what_was_typed_stays_as_it_was(typed, whole):
    assert commands.narrowed(SETUP, typed, "user", "ada") == whole
