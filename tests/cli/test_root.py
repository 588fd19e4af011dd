"""Commands made from the table, and words that name none."""

from __future__ import annotations

import pytest
import typer

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
    assert got.out.startswith("helicli db — ") and "  info  " in got.out
