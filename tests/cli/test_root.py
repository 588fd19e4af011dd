"""Commands made from the table, and words that name none."""

from __future__ import annotations

import pytest
import typer

from helicli.cli.main import COMMANDS
from helicli.cli.root import Command, Group, new, unknown


def test_a_module_of_one_command_is_a_command_and_of_several_a_group():
    app = new()
    app.command("one")(lambda: None)
    assert type(typer.main.get_command(app)) is Command
    app.command("two")(lambda: None)
    assert type(typer.main.get_command(app)) is Group


@pytest.mark.parametrize(("word", "fix"), [("tial", "did you mean helicli tail?"), ("xyz", "see helicli --help")])
def test_unknown(word, fix):
    error = unknown(f"command {word!r}", word, ["tail", "show"], "helicli ")
    assert (error.message, error.fix, error.exit_code) == (f"no command {word!r}", fix, 2)


def test_a_group_alone_prints_its_help(console):
    got = console("db")
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith("helicli db — ") and "\n  helicli db info --json\n" in got.out
    heads = [line for line in got.lines if line and line[0] not in " h"]
    assert heads == ["Usage  helicli db [OPTIONS] COMMAND [ARGS]...", "Commands", "Global"]
    assert "  info    what it holds and who works on it" in got.lines


@pytest.mark.parametrize(
    ("args", "see"), [(["run", "--user"], "run"), (["db", "info", "--format"], "db info"), (["tail", "--usr"], "tail")]
)
def test_a_wrong_option_leads_to_the_help_of_its_command(console, args, see):
    assert console(*args).err.endswith(f"see helicli {see} --help\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_help_speaks_as_the_parser_does(console, name):
    assert " <" not in console(name, "--help").out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["serve", "-p", "x"], "invalid value for '--port' / '-p': 'x' is not a whole number"),
        (["tail", "-n", "1.5"], "invalid value for '--limit' / '-n': '1.5' is not a whole number"),
        (["demo", "--pause", "x"], "invalid value for '--pause': 'x' is not a number"),
    ],
)
def test_a_wrong_number_is_told_in_words(console, args, message):
    assert console(*args).err.splitlines()[0] == f"error: {message}"
