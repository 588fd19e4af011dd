"""Every console block of README and docs, run against a small log; `...` stands for anything.

A block is marked ```console; a line that begins with `$ ` is run by a shell, what follows is what it prints on a
terminal. `helicli` is this tree's, with a clock that stands twelve minutes after the log began.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests import terminal
from tests.query import logs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    for page in PAGES:
        for number, found in enumerate(_BLOCK.finditer(page.read_text()), 1):
            yield pytest.param(found[1], id=f"{page.relative_to(ROOT)}:{number}")


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a block with what it is to print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, "a console block begins with a command"
            found[-1][1].append(line)
    return [(command, "\n".join(lines).strip("\n")) for command, lines in found]


def matches(wanted: str, got: str) -> bool:
    """Whether a text is what was wanted; ends of lines that were filled are not compared."""
    pattern = re.escape("\n".join(line.rstrip() for line in wanted.splitlines())).replace(r"\.\.\.", ".*?")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in got.splitlines()), re.DOTALL) is not None


@pytest.fixture
def env(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "helicli"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {terminal.FIXED} "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "HELICLI_DB": str(logs.sample(tmp_path / "helicli.db")),
        "NO_COLOR": "1",
        "PAGER": "cat",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


@pytest.mark.parametrize("block", list(blocks()))
def test_a_console_block(block, env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command, wanted in commands(block):
        with terminal.Terminal("sh", "-c", command, env=env, columns=100) as shell:
            _, got = shell.end()
        assert matches(wanted, got), f"$ {command}\n{got}"


def test_there_are_some():
    assert len(list(blocks())) >= 3


def test_what_differs_is_seen():
    assert matches("a ... c\nd", "a b c  \nd\n") and not matches("a", "b") and not matches("a", "a\nb")


def test_no_command_is_shown_as_run_in_another_block():
    for page in PAGES:
        for found in re.finditer(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
            assert found[1] == "console" or not re.search(r"^\$ ", found[2], re.MULTILINE), page
