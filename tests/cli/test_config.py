"""`helicli config`: what is shown of the settings, and what each change says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helicli import paths


@pytest.fixture
def place(empty, tmp_path, monkeypatch):
    """A console in a project of its home."""
    home, project = tmp_path / "home", tmp_path / "home" / "project"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    empty.env |= {"HOME": str(home)}
    del empty.env["HELICLI_DB"]
    empty.user = paths.config_file(empty.env)
    empty.project = project / "helicli.toml"
    return empty


def test_list_on_a_pipe(place):
    place("config", "set", "serve.allow_host", "a.test,b.test")
    got = place("config", "list")
    rows = dict(line.split("\t") for line in got.lines)
    assert (got.code, got.err) == (0, "")
    assert (rows["serve.port"], rows["serve.allow_host"]) == ("8787", "a.test,b.test")
    assert rows["serve.db"] == str(paths.database(place.env, None))


def test_list_with_origins_on_a_terminal(place):
    place.env |= {"NO_COLOR": "1", "HELICLI_SERVE_BODIES": "meta"}
    place("config", "set", "serve.bodies", "off")
    lines = {line.split()[0]: line.split()[1:] for line in place("config", "list", "--origin", tty=True).lines}
    assert lines["serve.port"] == ["8787", "default", "–"]
    assert lines["serve.bodies"] == ["meta", "HELICLI_SERVE_BODIES", "(~/.config/helicli/config.toml", "said", "off)"]


def test_list_as_json(place):
    place("config", "set", "serve.port", "1")
    rows = {row["key"]: row for row in json.loads(place("--db", "/x.db", "config", "list", "--json").out)}
    assert rows["serve.port"] == {
        "key": "serve.port",
        "value": 1,
        "origin": "user",
        "source": str(place.user),
        "beaten": [{"value": 8787, "origin": "default", "source": None}],
    }
    assert (rows["serve.db"]["value"], rows["serve.db"]["source"]) == ("/x.db", "--db")


def test_get(place):
    assert place("config", "get", "serve.port").out == "8787\n"
    assert json.loads(place("config", "get", "serve.port", "--json").out)["origin"] == "default"
    got = place("config", "get", "providers.local.base_url")
    assert (got.code, got.err.splitlines()) == (
        3,
        [
            "error: providers.local.base_url is not set",
            "fix:   helicli config set providers.local.base_url VALUE",
        ],
    )


def test_set_and_unset_say_what_changed_and_how_to_undo_it(place):
    user = place.user
    assert place("config", "set", "serve.bodies", "meta").err.splitlines() == [
        f"serve.bodies is meta in {user}   undo: helicli config unset serve.bodies",
        "an engine that runs keeps what it was started with: helicli serve",
    ]
    assert (
        place("config", "set", "serve.bodies", "off").err.splitlines()[0]
        == f"serve.bodies is off (was meta) in {user}   undo: helicli config set serve.bodies meta"
    )
    assert place("config", "set", "serve.bodies", "off").err == f"serve.bodies is off in {user} already\n"
    assert (
        place("config", "unset", "serve.bodies").err
        == f"serve.bodies is no longer off in {user}   undo: helicli config set serve.bodies off\n"
    )
    assert place("config", "unset", "serve.bodies").err == f"serve.bodies is not set in {user}\n"
    assert user.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["set", "serve.prot", "1"], 'unknown key "serve.prot"'),
        (["set", "serve.port", "x"], 'serve.port cannot be "x"'),
        (["set", "providers.local.base_url", "ftp://h"], "does not begin with http:// or https://"),
        (["set", "providers.local.ask_usage", "true"], "has no base_url"),
        (["set", "providers.local.base_url", "http://ada:hunter2@h"], "carries a user or password"),
        (["get", "serve.prot"], 'unknown key "serve.prot"'),
        (["unset", "x.y"], 'unknown key "x.y"'),
        (["set", "a b", "1"], '"a b" is not a key'),
    ],
)
def test_what_cannot_hold_is_refused_and_nothing_is_written(place, args, told):
    got = place("config", *args)
    assert (got.code, got.out) == (2, "")
    assert told in got.err and "fix:" in got.err and "hunter2" not in got.err
    assert not place.user.exists()


def test_a_change_that_something_goes_before_says_so(place):
    place.env["HELICLI_SERVE_PORT"] = "7"
    assert place("config", "set", "serve.port", "8").err.endswith("HELICLI_SERVE_PORT says 7, which goes before\n")


def test_a_secret_in_a_file_written_by_hand_is_not_shown(place):
    place.user.parent.mkdir(parents=True)
    place.user.write_text('[providers.local]\nbase_url = "http://ada:hunter2@host"')
    for args in (["list"], ["list", "--json"], ["list", "--origin"], ["get", "providers.local.base_url"]):
        got = place("config", *args)
        assert "hunter2" not in got.out + got.err
    got = place("config", "set", "providers.local.base_url", "http://host")
    assert got.code == 0 and "hunter2" not in got.err and got.err.splitlines()[0].endswith("undo: helicli config edit")


def test_path(place):
    assert place("config", "path").out == f"{place.user}\n"
    place.project.touch()
    assert json.loads(place("config", "path", "--json").out) == {
        "user": str(place.user),
        "project": str(place.project),
        "trusted": False,
    }
    assert place("--config", "/x.toml", "config", "path").out == "/x.toml\n"


def test_set_in_the_project(place):
    got = place("config", "set", "--project", "serve.port", "1")
    assert got.code == 0 and "serve.port ignored; look at it, then: helicli config trust" in got.err
    assert place.project.read_text() == "[serve]\nport = 1\n"
    assert place("config", "get", "serve.port").out == "8787\n"
    assert not place.user.exists()


def test_trust_and_untrust(place):
    place.project.write_text("[serve]\nport = 1\n")
    got = place("config", "trust")
    assert f"{place.project} is trusted as it is: serve.port = 1   undo: helicli config untrust" in got.err
    assert place("config", "get", "serve.port").out == "1\n"
    place("config", "set", "--project", "serve.port", "2")
    assert place("config", "get", "serve.port").out == "2\n", "their own change stays trusted"
    place.project.write_text("[serve]\nport = 3\n")
    got = place("config", "get", "serve.port")
    assert got.out == "8787\n" and "is not trusted, serve.port ignored" in got.err
    place("config", "set", "--project", "serve.port", "4")
    assert place("config", "get", "serve.port").out == "8787\n", "what was not trusted is not by a change"
    place("config", "trust", str(place.project.parent))
    assert place("config", "untrust").err.startswith(f"{place.project} is trusted no longer")
    assert place("config", "untrust").err == f"{place.project} was not trusted\n"
    assert place("config", "get", "serve.port").out == "8787\n"


def test_nothing_to_trust(place):
    assert place("config", "trust").code == 3
    place.project.write_text("[serve]\nprot = 1")
    assert place("config", "trust").code == 2
    assert not paths.trust_file(place.env).exists()


def test_what_a_project_may_not_set_is_told_once_a_command(place):
    place.project.write_text('[serve]\ndb = "/stolen.db"\n')
    for args in (["db", "path"], ["config", "list"], ["providers", "list"]):
        assert place(*args).err.count("is not trusted") == 1
    assert place("-q", "db", "path").err == ""
    assert place("db", "path").out == f"{paths.database(place.env, None)}\n"


def test_names_of_a_project_do_not_drive_the_terminal(place):
    place.project.write_text('[providers."\\u001b[2J"]\nbase_url = "http://h"\n')
    got = place("config", "list", tty=True)
    assert "\x1b[2J" not in got.out + got.err
    assert "is not trusted" in got.err


def editor(folder: Path, script: str) -> str:
    """An editor that runs a line of shell on the file."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_edit(place, tmp_path):
    place.env["VISUAL"] = editor(tmp_path, 'printf "[serve]\\nport = 5 # mine\\n" > "$1"')
    place.env["EDITOR"] = "false"
    got = place("config", "edit")
    assert (
        got.err == f"{place.user} is changed   undo: cp {paths.data_home(place.env)}/config.toml.before {place.user}\n"
    )
    assert place.user.read_text() == "[serve]\nport = 5 # mine\n"
    assert place("config", "edit").err == f"{place.user} is unchanged\n"


def test_an_edit_that_cannot_be_read_changes_nothing_and_is_kept(place, tmp_path):
    place("config", "set", "serve.port", "1")
    before = place.user.read_bytes()
    place.env["EDITOR"] = editor(tmp_path, 'echo "prot = 1" >> "$1"')
    got = place("config", "edit")
    assert (got.code, place.user.read_bytes()) == (2, before)
    copy = Path(got.err.partition("your text is kept: ")[2].split()[0])
    assert copy.read_bytes() == before + b"prot = 1\n"
    assert f'unknown key "serve.prot" in {copy}' in got.err
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("command", "code"), [("false", 1), ("/no/such/editor", 2), ("'", 2)])
def test_an_editor_that_fails(place, command, code):
    place.env["EDITOR"] = command
    got = place("config", "edit")
    assert (got.code, place.user.exists()) == (code, False)


def test_a_broken_file_is_mended_with_edit(place, tmp_path):
    place.user.parent.mkdir(parents=True)
    place.user.write_text("[serve")
    assert place("config", "list").err.startswith(f"error: {place.user} is not TOML\ncause: ")
    assert place("tail", "--no-follow").code == 2
    assert place("config", "path").code == 0
    place.env["EDITOR"] = editor(tmp_path, 'echo "" > "$1"')
    assert place("config", "edit").code == 0
    assert place("config", "list").code == 0


def test_colour_and_zone(place):
    place("config", "set", "output.color", "always")
    assert "\x1b[" in place("config", "untrust").err
    place.env["NO_COLOR"] = "1"
    assert "\x1b[" not in place("config", "untrust").err
    place.env["TZ"] = "Europe/Vienna"
    place("config", "set", "output.time", "utc")
    assert str(place.invocation().zone) == "UTC"
