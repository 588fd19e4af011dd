"""The table of what shells offer, against the commands that take it."""

from __future__ import annotations

from helicli.cli import offers
from helicli.cli.main import COMMANDS
from helicli.cli.selecting import SELECTION
from helicli.cli.shaping import COLUMNS, FORMAT, TIME
from helicli.cli.tree import tree
from helicli.query.values import KINDS
from helicli.view.formats import FORMATS
from helicli.view.when import TIMES


def test_every_line_is_of_an_option_or_an_argument():
    root = tree(COMMANDS)
    known = {name for each in root.every() for option in each.options for name in option.names}
    known |= {argument.metavar for each in root.every() for argument in each.arguments}
    known |= {f"{each.path[8:]} {argument.metavar}" for each in root.every() for argument in each.arguments}
    assert {*offers.WORDS, *offers.KINDS} <= known
    assert not set(offers.WORDS) & set(offers.KINDS)


def test_every_shared_option_with_a_value_offers_some():
    for make in (*SELECTION, COLUMNS, FORMAT, TIME):
        option = make()
        assert option.is_flag or option.opts[0] in {*offers.WORDS, *offers.KINDS}


def test_kinds_are_those_that_are_looked_up():
    looked_up = {
        *KINDS,
        "calls",
        "stored_prompts",
        "properties",
        "columns",
        "sorts",
        "topics",
        "saved",
        "entries",
        "limits",
        offers.FILES,
        offers.PROGRAMS,
    }
    assert set(offers.KINDS.values()) <= looked_up


def test_closed_lists_are_those_of_the_options():
    assert offers.WORDS["--format"] == FORMATS and offers.WORDS["--time"] == TIMES


def test_an_argument_of_the_same_name_is_another_commands_own():
    assert offers.of("config get", "KEY")[1][:2] == ("serve.db", "serve.host")
    assert offers.of("cache show", "KEY") == ("entries", ())
    assert offers.of("filters save", "NAME") == ("", ())
    assert offers.of("tail", "--user") == ("users", ())


def test_what_follows_is_of_a_command_with_two_arguments():
    commands = {each.path[8:]: each for each in tree(COMMANDS).every()}
    assert all(len(commands[path].arguments) == 2 for path in offers.FOLLOWING)
    assert offers.FOLLOWING["config set"]["serve.bodies"] == ("full", "meta", "off")
    assert offers.FOLLOWING["config set"]["cache.read"] == ("true", "false")
