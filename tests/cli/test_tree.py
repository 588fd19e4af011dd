"""The commands as data."""

from __future__ import annotations

from helicli.cli.main import COMMANDS
from helicli.cli.tree import tree

ROOT = tree(COMMANDS)


def test_every_command_and_what_is_under_it():
    paths = [each.path for each in ROOT.every()]
    assert paths[0] == "helicli" and len(paths) == len(set(paths))
    assert {f"helicli {name}" for name in COMMANDS} | {"helicli db info"} <= set(paths)


def test_every_command_has_a_sentence_two_examples_and_options_with_words():
    for each in ROOT.every()[1:]:
        assert each.help and not each.help.endswith(".")
        assert each.examples and all("helicli" in example for example in each.examples)
        assert all(option.help.endswith(".") or ":" in option.help for option in each.options), each.path
        assert all(argument.help for argument in each.arguments)


def test_global_options_stand_once():
    common = {name for option in ROOT.options for name in option.names}
    assert {"--db", "-q", "--no-input", "-V", "--help"} <= common
    assert all(not common & set(option.names) for each in ROOT.every()[1:] for option in each.options)


def test_an_option_as_data():
    tail = next(each for each in ROOT.commands if each.name == "tail")
    options = {option.names[-1]: option for option in tail.options}
    assert (options["--user"].names, options["--user"].metavar, options["--user"].many) == (
        ("-u", "--user"),
        "ID",
        True,
    )
    assert (options["--limit"].default, options["--json"].metavar) == (10, None)
    assert options["--no-follow"].names == ("-f", "--follow", "--no-follow")
    show = next(each for each in ROOT.commands if each.name == "show")
    assert (show.arguments[0].metavar, show.arguments[0].required, show.arguments[0].kind) == ("CALL", True, "calls")
    assert show.usage == "helicli show [OPTIONS] CALL"
