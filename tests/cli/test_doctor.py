"""`helicli doctor`: how findings are shown, and the exit code."""

from __future__ import annotations

import json

from helicli.engine.doctor import CHECKS


def test_on_a_pipe(console):
    got = console("doctor")
    assert got.code == 0, got.out
    rows = [line.split("\t") for line in got.lines]
    assert [row[1] for row in rows] == list(CHECKS)
    assert {len(row) for row in rows} == {4}
    assert got.err.startswith(f"{len(CHECKS)} checks · 0 bad")


def test_as_json_with_something_bad(console):
    console.database.chmod(0o644)
    got = console("doctor", "--json")
    assert got.code == 1
    (modes,) = [each for each in json.loads(got.out) if each["name"] == "modes"]
    assert modes["state"] == "bad"
    assert modes["fix"].startswith("chmod ")


def test_on_a_terminal_the_fix_stands_below(console):
    console.database.chmod(0o644)
    console.env["NO_COLOR"] = "1"
    lines = console("doctor", tty=True).lines
    at = next(number for number, line in enumerate(lines) if line.startswith("bad   modes"))
    assert lines[at + 1].strip().startswith("fix: chmod")


def test_settings_that_cannot_be_read_are_a_finding(console, tmp_path):
    (tmp_path / "bad.toml").write_text("no toml at all")
    got = console("doctor", "--config", str(tmp_path / "bad.toml"))
    assert got.code == 1
    assert next(line for line in got.lines if "\tsettings\t" in line).startswith("bad")
