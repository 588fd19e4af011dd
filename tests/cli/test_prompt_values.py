"""Values of variables, from the line and from files."""

from __future__ import annotations

import pytest

from helicli.cli.prompt_values import given, on_the_line, sets
from helicli.errors import NotFoundError, UsageError


@pytest.fixture
def run(console, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return console.invocation()


def test_the_line_goes_before_the_file(run, tmp_path):
    (tmp_path / "v.json").write_text('{"a": 1, "b": [2]}')
    assert given(run, ["a=x=y", "c="], "v.json") == {"a": "x=y", "b": [2], "c": ""}
    assert given(run, [], None) == {}


def test_sets(run, tmp_path):
    for text in ('[{"a":1},{"a":2}]', '{"a":1}\n\n{"a":2}\n'):
        (tmp_path / "v.json").write_text(text)
        assert sets(run, "v.json") == [{"a": 1}, {"a": 2}]
    with pytest.raises(UsageError, match="v.json holds 2 sets of values"):
        given(run, [], "v.json")


@pytest.mark.parametrize("text", ["", "x", "[]", "[1]", "3", "{'a': 1}"])
def test_what_is_none(run, tmp_path, text):
    (tmp_path / "v.json").write_text(text)
    with pytest.raises(UsageError, match="v.json"):
        sets(run, "v.json")


def test_what_is_not_there(run):
    with pytest.raises(NotFoundError):
        sets(run, "v.json")
    for pair in ("a", "=b", ""):
        with pytest.raises(UsageError, match="is no value"):
            on_the_line([pair])
