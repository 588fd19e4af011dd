"""What `helicli cache` prints, and what it asks before it clears."""

from __future__ import annotations

import io
import json

import pytest

from tests.cli.conftest import Console
from tests.query.test_cache import fill


@pytest.fixture
def console(tmp_path):
    return Console(fill(tmp_path / "x.db"))


def test_stats(console):
    assert console("cache", "stats").lines == [
        "3 entries · 4.6 kB · hit rate 40 % (24 h) · saved $0.0040 and 2.48s · oldest 11m",
        'top    "How do I reset my password?"  gpt-4o  2 hits',
    ]
    told = json.loads(console("cache", "stats", "--json").out)
    assert (told["entries"], told["asked_24h"], told["hits_24h"], told["saved_usd_24h"]) == (3, 5, 2, 0.00398)
    assert [entry["seq"] for entry in told["top"]] == [1]


def test_list(console):
    rows = [line.split("\t") for line in console("cache", "list").lines]
    assert [row[1] for row in rows] == ["1", "3", "2"]
    assert rows[2][3:] == ["gpt-4o", "0", "1520", "t", "linus", "How do I reset my password?"]
    assert [line.split("\t")[1] for line in console("cache", "list", "--user", "ada", "-n", "1").lines] == ["1"]
    told = json.loads(console("cache", "list", "--seed", "t", "--json").out)
    assert [(entry["seq"], entry["hits"], entry["saves_usd"]) for entry in told] == [(2, 0, 0.00199)]
    assert console("cache", "list", tty=True).lines[0] == (
        "61616161  11m ago   gpt-4o             2 hits   1.5 kB  How do I reset my password?"
    )
    nothing = console("cache", "list", "--user", "nobody")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no stored answers\n")


def test_show(console):
    out = console("cache", "show", "6161").out
    assert "hits\t2 · each saves $0.0020 and 1.24s" in out and '"finish_reason":"stop"' in out
    told = json.loads(console("cache", "show", "1", "--json").out)
    assert told["key"] == "61" * 16 and told["body"].startswith('{"choices"')
    missing = console("cache", "show", "zzzz")
    assert missing.code == 3 and "no stored answer zzzz" in missing.err


def test_a_list_that_is_cut_says_so(console):
    assert console("cache", "list", "-n", "2").err == "more are stored: --limit 0 lists all\n"
    assert console("cache", "list", "-n", "3").err == console("cache", "list", "-n", "0").err == ""


def test_clear_says_what_would_go(console):
    result = console("cache", "clear", "--older-than", "1m", "--user", "ada", "--dry-run")
    assert (result.code, result.out) == (0, "would clear 2 stored answers (3.0 kB)\n")
    assert console("cache", "clear", "--older-than", "1h", "--dry-run").out == "would clear 0 stored answers (0 B)\n"
    assert len(console("cache", "list").lines) == 3


def test_clear_never_asks_where_nobody_answers(console):
    result = console("cache", "clear")
    assert result.code == 2 and "add --yes" in result.err
    assert len(console("cache", "list").lines) == 3


@pytest.mark.parametrize(("said", "code", "left"), [("y\n", 0, 0), ("YES\n", 0, 0), ("n\n", 1, 3), ("", 1, 3)])
def test_clear_asks(console, monkeypatch, said, code, left):
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    result = console("cache", "clear", tty=True)
    assert result.code == code and "Clear 3 stored answers (4.6 kB)? [y/N]" in result.err
    assert len(console("cache", "list").lines) == left


def test_clear_a_part(console):
    result = console("cache", "clear", "--seed", "t", "--yes")
    assert (result.code, result.out) == (0, "cleared 1 stored answer\n")
    assert console("cache", "clear", "--user", "ada", "--older-than", "1s", "-y").out == "cleared 2 stored answers\n"
    assert console("cache", "list").out == ""


def test_a_wrong_duration(console):
    result = console("cache", "clear", "--older-than", "soon")
    assert result.code == 2 and "is not a duration" in result.err
