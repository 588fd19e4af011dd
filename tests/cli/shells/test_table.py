"""What every script holds."""

from __future__ import annotations

import subprocess

import pytest

from helicli.cli.main import COMMANDS
from helicli.cli.shells.table import offers, quoted, rows
from helicli.cli.tree import tree


def test_every_command_has_a_row_with_the_options_of_all():
    found = {row.path: row for row in rows(tree(COMMANDS))}
    assert list(found)[0] == "" and {*COMMANDS, "db info"} <= set(found)
    assert all("--db" in row.names and "--db" in row.takes for row in found.values())
    assert "--json" in found["tail"].names and "--json" not in found["tail"].takes
    assert [name for name, _ in found["db"].commands] == ["path", "info", "backup", "vacuum", "check", "sql"]


def test_offers_of_options_and_arguments():
    found = {(offer.path, offer.names): offer for offer in offers(tree(COMMANDS))}
    assert found["tail", ("-u", "--user")].kind == "users"
    assert found["completions", ()].words == ("bash", "zsh", "fish", "powershell")
    assert [offer.keys for offer in offers(tree(COMMANDS)) if offer.path == "config set"][-1] == ("1 output.time",)
    assert found["", ("--color",)].words == ("auto", "always", "never")


@pytest.mark.parametrize("text", ["", "a b", "it's", '$x `y` \\ "'])
def test_a_quoted_word_is_one_word(text):
    assert subprocess.run(["sh", "-c", f"printf %s {quoted(text)}"], capture_output=True, text=True).stdout == text
