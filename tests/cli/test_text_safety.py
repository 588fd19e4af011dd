"""Payloads that drive a terminal, fed through every command that prints what came from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from contextlib import chdir, closing

import pytest
import tomlkit
from msgspec.structs import replace

from helicli.caching import Noted
from helicli.cli import main
from helicli.cli.tree import tree
from helicli.prompts import File, Source
from helicli.store import limits, prompts
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests import terminal
from tests.cli.conftest import Console
from tests.query import logs
from tests.store.test_cache import put
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
    "settings": ["config", "list", "--origin"],
    "settings csv": ["config", "list", "--origin", "--format", "csv"],
    "settings json": ["config", "list", "--json"],
    "setting": ["config", "get", "providers.own.base_url"],
    "set": ["config", "set", "--config", "c{}.toml", "providers.own.base_url", "http://127.0.0.1/{}"],
    "unknown setting": ["config", "get", "{}"],
    "wrong value": ["config", "set", "serve.port", "{}"],
    "trust": ["config", "trust", "no{}"],
    "settings not there": ["--config", "no{}.toml", "config", "list"],
    "providers": ["providers", "list"],
    "providers csv": ["providers", "list", "--format", "csv"],
    "provider": ["providers", "show", "own"],
    "provider json": ["providers", "show", "own", "--json"],
    "unknown provider": ["providers", "show", "{}"],
    "unreachable provider": ["providers", "test", "own"],
    "env of no engine": ["--db", "none{}.db", "env"],
    "env of no shell": ["env", "--shell", "{}"],
    "run of no program": ["run", "--", "no{}"],
    "run with no property": ["run", "--prop", "{}", "--", "true"],
    "doctor": ["--db", "none{}.db", "doctor"],
    "doctor json": ["--db", "none{}.db", "doctor", "--json"],
    "doctor csv": ["--db", "none{}.db", "doctor", "--format", "csv"],
    "no folder": ["db", "backup", "no{}/x.db"],
    "filter": ["filter", "--since", "all"],
    "filter columns": ["filter", "--since", "all", "-c", "user,session,name,model,error_message,properties,text"],
    "filter csv": ["filter", "--since", "all", "--format", "csv"],
    "filter json": ["filter", "--since", "all", "--json"],
    "filter by it": ["filter", "--since", "all", "user:{}"],
    "filter no field": ["filter", "{}:x"],
    "filter explained": ["filter", "user:'{}'", "--explain"],
    "costs": ["costs", "--since", "all"],
    "costs by property": ["costs", "--by", "prop.label", "--by", "user", "--since", "all"],
    "costs csv": ["costs", "--by", "model", "--since", "all", "--format", "csv"],
    "costs json": ["costs", "--by", "model", "--since", "all", "--json"],
    "costs by nothing": ["costs", "--by", "{}"],
    "costs as if": ["costs", "--as", "{}"],
    "stats": ["stats", "--by", "user", "--since", "all"],
    "stats csv": ["stats", "--by", "error", "--since", "all", "--format", "csv"],
    "stats every": ["stats", "--every", "{}"],
    "users": ["users", "--since", "all"],
    "users csv": ["users", "--since", "all", "--format", "csv"],
    "user": ["users", "show", "{}"],
    "properties": ["properties", "--since", "all"],
    "property": ["properties", "label", "--since", "all"],
    "no property": ["properties", "{}"],
    "filters": ["filters", "list"],
    "filters json": ["filters", "list", "--json"],
    "saved filter": ["filters", "show", "own"],
    "unknown filter": ["filters", "show", "{}"],
    "filter saved": ["filters", "save", "more", "user:'{}'"],
    "filter misnamed": ["filters", "save", "{}", "user:x"],
    "filter removed": ["filters", "remove", "own"],
    "filter not there": ["filters", "remove", "{}"],
    "prompts": ["prompts", "list"],
    "prompts json": ["prompts", "list", "--json"],
    "prompt": ["prompts", "show", "own"],
    "unknown prompt": ["prompts", "show", "{}"],
    "prompt versions": ["prompts", "log", "own"],
    "prompt versions csv": ["prompts", "log", "own", "--format", "csv"],
    "prompt changes": ["prompts", "diff", "own@1", "own@2"],
    "prompt rendered": ["prompts", "render", "own"],
    "prompt rendered with": ["prompts", "render", "own", "--var", "{}={}"],
    "prompt pushed": ["prompts", "push", "own.md", "-m", "{}", "--dry-run"],
    "prompt pulled": ["prompts", "pull", "own", "--dry-run"],
    "prompt misnamed": ["prompts", "new", "{}"],
    "prompt labelled": ["prompts", "label", "own@1", "{}"],
    "prompt taken back": ["prompts", "rollback", "own", "{}"],
    "scored": ["score", "1", "up"],
    "score misnamed": ["score", "1", "{}=1"],
    "score of nothing": ["score", "{}", "up"],
    "prompt tried": ["prompts", "test", "own", "--vars", "no{}.json"],
    "cache": ["cache", "list"],
    "cache csv": ["cache", "list", "--format", "csv"],
    "cache by seed": ["cache", "stats", "--by", "seed"],
    "cached answer": ["cache", "show", "101"],
    "no cached answer": ["cache", "show", "{}"],
    "cache cleared": ["cache", "clear", "user:{}"],
    "limits": ["limits", "list"],
    "limits csv": ["limits", "list", "--format", "csv"],
    "limit": ["limits", "show", "few"],
    "unknown limit": ["limits", "show", "{}"],
    "limit added": ["limits", "add", "{}", "10;w=60"],
    "limit misread": ["limits", "add", "more", "{}"],
    "limit removed": ["limits", "remove", "{}"],
    "limits used": ["limits", "usage"],
    "limit explained": ["limits", "explain", "{}"],
    "limit tried": ["limits", "test", "few", "--user", "{}"],
    "database": ["--db", "none{}.db", "db", "info"],
    "checked": ["--db", "none{}.db", "db", "check"],
    "vacuumed": ["--db", "none{}.db", "db", "vacuum"],
    "asked": ["db", "sql", "SELECT user, error_message FROM requests"],
    "asked wrong": ["db", "sql", "SELECT {}"],
    "unset": ["config", "unset", "{}"],
    "config files": ["--config", "no{}.toml", "config", "path"],
    "edited": ["--config", "no{}.toml", "config", "edit"],
    "untrusted": ["config", "untrust", "no{}"],
}
RAW_ON_A_PIPE = {"show request", "path", "prompt"}
"""Exact bytes, and a path that a program is to open."""

SILENT = ("unknown property",)
ELSEWHERE = ("tui",)
"""A screen of its own, with tests of its own."""

OURS = re.compile(r"\x1b\[(?:0|2|3[1-6]|31;9|32;4)m")


ALL = "".join(PAYLOADS.values())
"""All at once: with each of them alone on each command the tests would take minutes."""


def hostile(text: str) -> set[str]:
    """Signs that drive a terminal or hide what is read."""
    joiners = "\u200c\u200d"
    return {
        sign
        for sign in text
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in "\n\t" and sign not in joiners
    }


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """A log with a call for each payload, in which every text is it, and what else commands read, full of all."""
    folder = tmp_path_factory.mktemp("log")
    calls = [made for number, text in enumerate(PAYLOADS.values()) for made in poison(2 * number + 1, text)]
    logs.write(folder / "x.db", *calls, logs.call(100, said=ALL, answer=ALL))
    with closing(open_writer(folder / "x.db")) as db:
        answered = replace(logs.call(101, model=ALL, said=ALL, answer=ALL), noted=Noted("miss", put=put("a", seed=ALL)))
        db.execute("BEGIN")
        CallWriter(db).write(answered)
        db.execute("COMMIT")
        prompts.change(db, prompts.Push((prompt("begin"),), ALL, at=logs.T0))
        prompts.change(db, prompts.Push((prompt(ALL),), ALL, at=logs.T0))
        limits.add(db, limits.StoredLimit("few", "100;w=3600;u=user", f"user:{as_word(ALL)}", logs.T0))
    settings = {
        "serve": {"allow_host": [ALL]},
        "providers": {"own": {"base_url": "http://127.0.0.1:1"}},
        "filters": {"own": f"user:{as_word(ALL)}"},
    }
    (folder / "config.toml").write_text(tomlkit.dumps(settings))
    (folder / "own.md").write_bytes(prompt(ALL).file.text.encode())
    return folder


def poison(number, text):
    """Two calls of which every text is a payload; the second failed."""
    words = dict.fromkeys(
        ("user", "session", "session_path", "name", "prompt", "model", "requested_model", "path", "provider"), text
    )
    told = {"properties": {"label": text, text.lower()[:20]: text}, "said": text, "answer": text}
    return (
        logs.call(number, **words, **told),
        logs.failed(number + 1, error_message=text, error=text, request_id=text, **words),
    )


def prompt(text):
    """A prompt that says a text."""
    return Source(File("own.md", f'+++\nname = "own"\n+++\n\n## user\n{text}\n'))


def as_word(text):
    """A text as one word of a filter."""
    return json.dumps(text, ensure_ascii=False)


def env_of(folder):
    env = {"HELICLI_DB": str(folder / "x.db"), "HELICLI_CONFIG": str(folder / "config.toml")}
    return env | {"HOME": "/", "PATH": "/usr/bin:/bin", "TERM": "xterm", "PAGER": "cat", "EDITOR": "true"}


def filled(args):
    # No argument of a program can hold a NUL or a slash in a file's name.
    plain = ALL.replace("\0", "").replace("/", "")
    return [arg.replace("{}", plain) for arg in args]


@pytest.fixture
def ran(poisoned, tmp_path):
    """Runs a command of the table on a copy of that log."""
    folder = tmp_path / "log"
    shutil.copytree(poisoned, folder)

    def run(*args, tty=False):
        console = Console(folder / "x.db")
        console.env = env_of(folder)
        with chdir(folder):
            return console(*filled(args), tty=tty)

    return run


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_terminal(ran, name):
    got = ran(*COMMANDS[name], tty=True)
    assert got.raw or got.err or name in SILENT
    assert hostile(OURS.sub("", got.out + got.err)) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_pipe(ran, name):
    got = ran(*COMMANDS[name])
    assert got.raw or got.err or name in SILENT
    assert hostile(got.err) == set()
    if name not in RAW_ON_A_PIPE:
        assert hostile(got.out) == set()


@pytest.mark.parametrize("name", ["tail", "tail bodies", "show", "filter", "costs", "unknown command", "providers"])
def test_on_a_real_terminal(poisoned, name):
    args = [arg[:200] for arg in filled(COMMANDS[name])]
    _, out = terminal.helicli(*args, env=env_of(poisoned), columns=200)
    assert out and hostile(OURS.sub("", out)) == set()


def test_every_command_is_fed():
    fed = {" ".join(args[2:] if args[0] in ("--db", "--config") else args) for args in COMMANDS.values()}
    every = [each.path.removeprefix("helicli ") for each in tree(main.COMMANDS).every() if not each.commands]
    assert [
        path for path in every if path not in ELSEWHERE and not any(f"{one} ".startswith(f"{path} ") for one in fed)
    ] == []


def test_json_loses_nothing(ran):
    shown = [json.loads(ran("show", str(2 * at + 1), "--json").out) for at in range(len(PAYLOADS))]
    assert [one["user"] for one in shown] == [one["properties"]["label"] for one in shown] == list(PAYLOADS.values())
    listed = [json.loads(line) for line in ran("tail", "--no-follow", "--json", "-n", "0", "--status", "error").lines]
    assert [one["error_message"] for one in listed] == list(PAYLOADS.values())


def test_markup_is_shown_as_it_is(tmp_path, console):
    logs.write(tmp_path / "m.db", logs.call(1, said=MARKUP, user=MARKUP))
    assert MARKUP in console("--db", str(tmp_path / "m.db"), "show", "1").out


def test_raw_bytes_only_where_there_is_no_terminal(poisoned):
    command = [sys.executable, terminal.FIXED, "show", str(2 * len(PAYLOADS) + 1), "--request", "--raw"]
    done = subprocess.run(command, env=env_of(poisoned), capture_output=True, check=True)
    assert json.loads(done.stdout)["messages"][-1]["content"] == ALL
