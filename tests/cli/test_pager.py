"""The pager: when it is asked, and what becomes of one that leaves."""

from __future__ import annotations

import sys

import pytest

from helicli.cli.pager import through
from tests import terminal
from tests.query import logs


@pytest.fixture
def long(tmp_path):
    return logs.write(tmp_path / "x.db", logs.call(1, said="\n".join(f"line {n}" for n in range(100))))


def shown(database, *args, lines=24, **env):
    whole = {"PATH": "/usr/bin:/bin", "HOME": "/", "HELICLI_DB": str(database), "TERM": "xterm", "NO_COLOR": "1", **env}
    return terminal.helicli(*args, env=whole, lines=lines)


MARK = "sed s/^/P:/"


def test_what_would_scroll_goes_through_it(long):
    code, text = shown(long, "show", "1", PAGER=MARK)
    assert code == 0 and "P:  user       line 0" in text and text.count("P:") > 100
    assert "P:" in shown(long, "help", "columns", PAGER=MARK)[1]


@pytest.mark.parametrize(
    ("args", "lines", "env"),
    [
        (["show", "1"], 200, {}),
        (["show", "1", "--no-pager"], 24, {}),
        (["show", "1"], 24, {"TERM": "dumb"}),
        (["show", "1", "--json"], 24, {}),
        (["tail", "--no-follow", "-n", "0"], 2, {}),
        (["db", "info"], 3, {}),
    ],
)
def test_nothing_else_does(long, args, lines, env):
    assert "P:" not in shown(long, *args, lines=lines, PAGER=MARK, **env)[1]


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager", "'", "no such shell; rm"])
def test_without_one_the_text_is_printed(long, pager):
    code, text = shown(long, "show", "1", PAGER=pager)
    assert code == 0 and "line 99" in text


def test_one_that_leaves_early_is_no_error(long):
    code, text = shown(long, "show", "1", PAGER="head -n 1")
    assert code == 0 and "error" not in text


def test_a_pipe_has_none(console):
    console.env |= {"PAGER": MARK, "LINES": "2"}
    assert "P:" not in console("show", "1").out


def test_less_ends_by_itself_where_all_fits(tmp_path):
    env = {"PATH": "/usr/bin:/bin", "LESS": ""}
    assert through("", {**env, "PAGER": f"{sys.executable} -c pass"})
    assert not through("x", {**env, "PAGER": "  cat "})
