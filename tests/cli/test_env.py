"""`helicli env`: how each shell writes the variables, and what is said where none can be had."""

from __future__ import annotations

import subprocess

import pytest

from helicli import baseurls
from helicli.cli.env import SHELLS, set_line, unset_line

NASTY = "a'b\"c$(touch x)`d`\\ e!"


def test_no_engine(console):
    got = console("env")
    assert (got.code, got.out) == (5, "")
    assert got.err.splitlines() == [
        f"error: no engine answers for {console.database}",
        "fix:   helicli serve   or: helicli run -- COMMAND",
    ]


def test_unset_needs_no_engine(console):
    assert console("env", "--unset").lines == [f"unset {each.name}" for each in baseurls.VARIABLES]
    assert console("env", "--unset", "--shell", "fish").lines[0] == "set -e OPENAI_BASE_URL;"
    assert console("env", "--unset", "--shell", "dotenv").code == 2


def test_an_unknown_shell(console):
    got = console("env", "--shell", "csh")
    assert (got.code, got.err.splitlines()[1]) == (
        2,
        "fix:   did you mean sh?   write --shell sh, fish, pwsh or dotenv",
    )


def test_a_shell_reads_nothing_into_a_value(tmp_path):
    script = f'{set_line("sh", "X", NASTY)}\nprintf %s "$X"'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == NASTY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export X=http://127.0.0.1:8787/v1"),
        ("fish", "set -gx X 'http://127.0.0.1:8787/v1';"),
        ("pwsh", "$env:X = 'http://127.0.0.1:8787/v1'"),
        ("dotenv", "X=http://127.0.0.1:8787/v1"),
    ],
)
def test_lines(shell, line):
    assert set_line(shell, "X", "http://127.0.0.1:8787/v1") == line


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("fish", "set -gx X 'a\\'b\\\\ $c';"),
        ("pwsh", "$env:X = 'a''b\\ $c'"),
        ("dotenv", 'X="a\'b\\\\ \\$c"'),
    ],
)
def test_quotes_of_shells_that_are_not_here(shell, line):
    assert set_line(shell, "X", "a'b\\ $c") == line


def test_every_shell_can_take_them_out():
    assert [unset_line(shell, "X") for shell in SHELLS[:3]] == [
        "unset X",
        "set -e X;",
        "Remove-Item Env:X -ErrorAction SilentlyContinue",
    ]
