"""Saved filters: kept, used, shown, taken away."""

from __future__ import annotations

import json

import pytest


def test_saved_and_used(console):
    saved = console("filters", "save", "bad", "user:ada", "-status:ok")
    assert saved.code == 0
    assert saved.err == "@bad: user is ada and status is not ok   undo: helicli filters remove bad\n"
    file = console.database.parent / ".config" / "helicli" / "config.toml"
    assert 'bad = "user:ada not status:ok"' in file.read_text()
    assert console("filter", "@bad").out.startswith("4\t")
    assert console("tail", "--no-follow", "@bad", "-c", "seq").out == "4\n"
    console("filters", "save", "more", "@bad or seq:1")
    assert [call["seq"] for call in json.loads(console("filter", "@more", "--json").out)] == [4, 1]
    assert console("filters", "list").out == "bad\tuser:ada not status:ok\nmore\t@bad or seq:1\n"
    assert json.loads(console("filters", "show", "@more", "--json").out) == {
        "name": "more",
        "filter": "@bad or seq:1",
        "means": "(user is ada and status is not ok) or seq is 1",
        "whole": "user:ada -status:ok OR seq:1",
    }
    again = console("filters", "save", "bad", "status:5xx")
    assert "undo: helicli filters save bad 'user:ada not status:ok'" in again.err
    gone = console("filters", "remove", "bad")
    assert gone.err == "@bad is gone   undo: helicli filters save bad status:5xx\n"
    broken = console("filter", "@more")
    assert broken.code == 2
    assert 'no saved filter "@bad"' in broken.err


def test_times_in_words_are_kept_as_words(console):
    console("filters", "save", "young", "created_at:>=10m")
    assert json.loads(console("filters", "list", "--json").out) == [{"name": "young", "filter": "created_at:>=10m"}]
    assert len(console("filter", "@young").lines) == 3


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["save", "a b", "user:ada"], "cannot be the name of a filter"),
        (["save", "a"], "there is no filter to save"),
        (["save", "a", "usr:ada"], 'unknown field "usr"'),
        (["save", "a", "@a"], "contains itself"),
        (["show", "nope"], "no saved filter @nope"),
        (["remove", "nope"], "no saved filter @nope"),
    ],
)
def test_what_cannot_be(console, args, message):
    result = console("filters", *args)
    assert result.code in (2, 3)
    assert message in result.err
    assert not (console.database.parent / ".config").exists()


def test_none_yet(console):
    assert console("filters", "list").out == ""
    assert "no saved filters yet" in console("filters", "list", tty=True).err


def test_one_of_a_project_that_is_not_trusted_is_not_taken(console, tmp_path, monkeypatch):
    project = tmp_path / "project"
    project.mkdir()
    (project / "helicli.toml").write_text('[filters]\nold = "user:ada"\n')
    monkeypatch.chdir(project)
    assert 'no saved filter "@old"' in console("filter", "@old").err
