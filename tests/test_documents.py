"""Every console block of README and docs, run on a terminal; `...` stands for anything.

A block is marked ```console; a line that begins with `$ ` is run by a shell, what follows is what it prints. `helicli`
is this tree's, on a small log, with a clock that stands twelve minutes after the log began. Blocks of an engine (LIVE)
get an empty folder, a fake provider and `app.py`, which makes a call; ports are told as 8787. A last line that begins
with ^C says that it is pressed once all before it stands there.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from helicli import paths
from helicli.demo.upstream import FakeUpstream
from tests import terminal
from tests.e2e.engine import Engine
from tests.e2e.running import CALL, Runs
from tests.query import logs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LIVE = re.compile(r"^\$ helicli (serve|run|env)\b", re.MULTILINE)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r"127\.0\.0\.1:\d+")


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
    for name, script in (("helicli", f'{terminal.FIXED} "$@"'), ("python", '"$@"')):
        (folder / name).write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
        (folder / name).chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "NO_COLOR": "1",
        "PAGER": "cat",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def run(block, env):
    """Run a block's commands and compare what they print."""
    for command, wanted in commands(block):
        before, pressed, _ = wanted.partition("\n^C")
        with terminal.Terminal("sh", "-c", f"exec {command}" if pressed else command, env=env, columns=100) as shell:
            if pressed:
                shell.until(before.rstrip().splitlines()[-1])
                shell.type("\x03")
            _, got = shell.end()
        got = _PORT.sub("127.0.0.1:8787", got)
        assert matches(wanted, got), f"$ {command}\n{got}"


@pytest.mark.parametrize("block", [each for each in blocks() if not LIVE.search(each.values[0])])
def test_a_console_block(block, env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(block, env | {"HELICLI_DB": str(logs.sample(tmp_path / "helicli.db"))})


@pytest.mark.parametrize("block", [each for each in blocks() if LIVE.search(each.values[0])])
def test_a_block_of_an_engine(block, env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(f"{CALL}\ncall('How do I reset my password?')\nprint('done')\n")
    with FakeUpstream() as upstream:
        env |= {"HELICLI_SERVE_PORT": "0", "HELICLI_PROVIDERS_OPENAI_BASE_URL": upstream.url}
        runs, engine = Runs(tmp_path, upstream.url), None
        runs.db = paths.database(env, None)
        try:
            if "$ helicli env" in block and "$ helicli serve" not in block:
                engine = Engine(tmp_path, upstream.url)
                engine.start()
                env["HELICLI_DB"] = str(engine.db)
            run(block, env)
        finally:
            if engine is not None:
                engine.kill_all()
            runs.close()


def test_there_are_some():
    shown = "\n".join(each.values[0] for each in blocks())
    for name in ("serve", "run", "env", "config", "tail", "show", "db"):
        assert re.search(rf"^\$ helicli {name}\b", shown, re.MULTILINE), name


def test_what_differs_is_seen():
    assert matches("a ... c\nd", "a b c  \nd\n") and not matches("a", "b") and not matches("a", "a\nb")


def test_no_command_is_shown_as_run_in_another_block():
    for page in PAGES:
        for found in re.finditer(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
            assert found[1] == "console" or not re.search(r"^\$ ", found[2], re.MULTILINE), page
