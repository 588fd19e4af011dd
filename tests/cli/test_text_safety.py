"""Payloads that drive a terminal, fed through every command that prints what came from elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata

import pytest

from tests import terminal
from tests.query import logs
from tests.view.payloads import HOSTILE, MARKUP

PAYLOADS = {
    **{name: text for name, text in HOSTILE.items() if "\ud800" not in text and len(text) < 1000},
    "c1 string ends": "\x90q\x9c\x98x\x9c\x9ep\x9c\x9fa\x9c",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "wide": "漢字テスト🎉",
    "markup": MARKUP,
}
COMMANDS = {
    "tail": ["tail", "--no-follow"],
    "tail columns": ["tail", "--no-follow", "-c", "user,session,name,model,error_message,properties,prop.label,text"],
    "tail bodies": ["tail", "--no-follow", "--bodies"],
    "tail csv": ["tail", "--no-follow", "--format", "csv"],
    "tail json": ["tail", "--no-follow", "--json", "--bodies"],
    "tail array": ["tail", "--no-follow", "--format", "json"],
    "show": ["show", "1"],
    "show failed": ["show", "2"],
    "show columns": ["show", "1", "-c", "user,properties,text"],
    "show json": ["show", "1", "--json"],
    "show request": ["show", "1", "--request"],
    "demo": ["demo", "--calls", "{}"],
    "unknown user": ["tail", "--no-follow", "--user", "{}x"],
    "unknown command": ["{}"],
    "unknown option": ["tail", "--{}"],
    "unknown column": ["tail", "-c", "{}"],
    "unknown call": ["show", "x{}"],
    "unknown format": ["tail", "--format", "{}"],
    "unknown time": ["tail", "--since", "{}"],
    "unknown property": ["tail", "--no-follow", "--prop", "{}"],
    "unknown topic": ["help", "{}"],
    "unknown shell": ["completions", "{}"],
    "wrong upstream": ["serve", "--upstream", "{}"],
    "wrong host": ["serve", "--host", "{}"],
    "no database": ["--db", "none{}.db", "show", "last"],
    "path": ["--db", "none{}.db", "db", "path"],
    "no folder": ["db", "backup", "no{}/x.db"],
}
RAW_ON_A_PIPE = {"show request", "path"}
"""Exact bytes, and a path that a program is to open."""

OURS = re.compile(r"\x1b\[(?:0|2|3[1-6])m")


def hostile(text: str) -> set[str]:
    """Signs that drive a terminal or hide what is read."""
    joiners = "\u200c\u200d"
    return {
        sign
        for sign in text
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in "\n\t" and sign not in joiners
    }


@pytest.fixture(scope="module", params=PAYLOADS, ids=lambda name: name)
def poisoned(request, tmp_path_factory):
    """A payload, and a log in which every text is it."""
    return poison(tmp_path_factory.mktemp("log"), PAYLOADS[request.param])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """All payloads at once, since a process for each of them on each command would take minutes."""
    return poison(tmp_path_factory.mktemp("log"), "".join(PAYLOADS.values()))


def poison(folder, text):
    """A log in which every text is a payload."""
    words = dict.fromkeys(
        ("user", "session", "session_path", "name", "prompt", "model", "requested_model", "path", "provider"), text
    )
    told = {"properties": {"label": text, text.lower()[:20]: text}, "said": text, "answer": text}
    logs.write(
        folder / "x.db",
        logs.call(1, **words, **told),
        logs.failed(2, error_message=text, error=text, request_id=text, **words),
        logs.call(3, said=text, answer=text),
    )
    return text, folder


def env_of(folder):
    return {"HELICLI_DB": str(folder / "x.db"), "HOME": "/", "PATH": "/usr/bin:/bin", "TERM": "xterm", "PAGER": "cat"}


def filled(args, text):
    # No argument of a program can hold a NUL or a slash in a file's name.
    plain = text.replace("\0", "").replace("/", "")
    return [arg.replace("{}", plain) for arg in args]


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_real_terminal(mixed, name):
    text, folder = mixed
    args = [arg[:200] for arg in filled(COMMANDS[name], text)]
    _, out = terminal.helicli(*args, env=env_of(folder), columns=200)
    assert out and hostile(OURS.sub("", out)) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_terminal(poisoned, name, console):
    text, folder = poisoned
    console.env = env_of(folder)
    got = console(*filled(COMMANDS[name], text), tty=True)
    assert hostile(OURS.sub("", got.out + got.err)) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_pipe(poisoned, name, console):
    text, folder = poisoned
    console.env = env_of(folder)
    got = console(*filled(COMMANDS[name], text))
    assert got.raw or got.err or name == "unknown property"
    assert hostile(got.err) == set()
    if name not in RAW_ON_A_PIPE:
        assert hostile(got.out) == set()


def test_json_loses_nothing(poisoned, console):
    text, folder = poisoned
    console.env = env_of(folder)
    first = json.loads(console("show", "1", "--json").out)
    assert first["user"] == first["properties"]["label"] == text
    second = json.loads(console("tail", "--no-follow", "--json").lines[1])
    assert second["error_message"] == text


def test_markup_is_shown_as_it_is(tmp_path, console):
    logs.write(tmp_path / "m.db", logs.call(1, said=MARKUP, user=MARKUP))
    assert MARKUP in console("--db", str(tmp_path / "m.db"), "show", "1").out


def test_raw_bytes_only_where_there_is_no_terminal(poisoned):
    text, folder = poisoned
    command = [sys.executable, terminal.FIXED, "show", "1", "--request", "--raw"]
    done = subprocess.run(command, env=env_of(folder), capture_output=True, check=True)
    assert json.loads(done.stdout)["messages"][-1]["content"] == text
