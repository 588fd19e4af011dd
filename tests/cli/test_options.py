"""The shared options as selections, and what an invocation knows."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from helicli.cli.options import Invocation, selection
from helicli.errors import UsageError

NONE = {"user": None, "session": None, "model": None, "status": None, "errors": False, "since": None}


def test_no_option_selects_all(console):
    assert selection(console.invocation(), **NONE).sentence() == ""


def test_options_are_terms(console):
    given = {"user": ["ada", "linus"], "model": ["gpt*"], "status": ["429"], "errors": True, "since": "12m"}
    told = selection(console.invocation(), **{**NONE, **given}).sentence()
    assert told == "user:ada,linus model:gpt* status:429,error since 2026-11-21T14:03:11"


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (["4XX"], ("4xx",)),
        (["200,429"], ("200", "429")),
        (["OK, 5xx", "ok"], ("ok", "5xx")),
    ],
)
def test_statuses_as_people_write_them(console, given, statuses):
    assert selection(console.invocation(), **{**NONE, "status": given}).statuses == statuses


@pytest.mark.parametrize("given", [{"status": ["teapot"]}, {"status": ["200,"]}, {"since": "soon"}])
def test_values_that_are_none(console, given):
    with pytest.raises(UsageError):
        selection(console.invocation(), **{**NONE, **given})


def test_the_database_is_that_of_the_option_then_of_the_environment():
    run = Invocation({"HELICLI_DB": "/a/b.db", "HOME": "/h"})
    assert run.database == Path("/a/b.db")
    run.db = "/c.db"
    assert run.database == Path("/c.db")
    assert Invocation({"HOME": "/h"}).database == Path("/h/.local/share/helicli/helicli.db")


@pytest.mark.parametrize(("name", "zone"), [("UTC", "UTC"), ("Europe/Vienna", "Europe/Vienna"), ("no/zone", "None")])
def test_zone(name, zone):
    assert str(Invocation({"TZ": name}).zone) == zone


def test_now_is_in_the_zone_of_the_invocation(console):
    assert console.invocation().now().tzinfo is UTC
