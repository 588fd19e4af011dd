"""Global and shared options, and what an invocation knows."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from helicli.cli.options import Invocation


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


def test_what_shared_options_were_given(console):
    run = console.invocation()
    assert (run.one("since"), run.many("user"), run.is_set("json"), run.maybe("header")) == (None, (), False, None)
    for name, value in (("since", "1h"), ("user", ("ada",)), ("json", True), ("header", False)):
        run.keep(name, value)
    assert (run.one("since"), run.many("user"), run.is_set("json"), run.maybe("header")) == (
        "1h",
        ("ada",),
        True,
        False,
    )


def test_every_option_object_belongs_to_one_command():
    from helicli.cli.options import flag, option

    one, two = option("--a", metavar="A", help="", panel=""), flag("--b/--no-b", help="", panel="")
    assert one() is not one() and two().secondary_opts == ["--no-b"]


@pytest.mark.parametrize("args", [["tail", "--no-follow", "-V"], ["-V", "tail"], ["db", "--version", "info"]])
def test_the_version_stands_anywhere(console, args):
    assert console(*args).out.startswith("helicli ")


def test_verbose_says_what_is_read_and_quiet_wins(console):
    assert console("tail", "--no-follow", "-v").err == f"reading {console.database}\n"
    assert console("-v", "tail", "--no-follow", "-q").err == ""


def test_a_wrong_colour_is_guessed_at(console):
    assert console("--color", "alway", "tail").err.splitlines()[1] == (
        "fix:   did you mean always?   write --color auto, always or never"
    )
