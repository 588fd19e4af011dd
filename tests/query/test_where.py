"""Selections against calls they choose and calls they do not."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.query.calls import newest
from helicli.query.reading import opened
from tests.query import logs
from tests.query.logs import chosen


@pytest.mark.parametrize(
    ("terms", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"user": ("ada",)}, [1, 3, 4]),
        ({"user": ("ada", "linus")}, [1, 2, 3, 4]),
        ({"user": ("nobody",)}, []),
        ({"session": ("chat-17",)}, [1]),
        ({"model": ("gpt-4o-2024-08-06",)}, [2]),
        ({"model": ("gpt-4o",)}, [1, 2, 3, 4]),
        ({"model": ("claude*",)}, [5]),
        ({"model": ("*4o*", "claude-sonnet-4")}, [1, 2, 3, 4, 5]),
        ({"model": ("gpt-4?",)}, []),
        ({"model": ("gpt-[4]*",)}, []),
        ({"status": ("200",)}, [1, 2, 3, 5]),
        ({"status": ("4xx",)}, [4]),
        ({"status": ("5xx",)}, []),
        ({"status": ("error",)}, [4]),
        ({"status": ("ok", "429")}, [1, 2, 3, 4, 5]),
        ({"status": ("ok",)}, [1, 2, 3, 5]),
        ({"user": ("ada",), "status": ("error",)}, [4]),
        ({"since_ms": logs.T0 + 120_000}, [3, 4, 5]),
        ({"until_ms": logs.T0 + 120_000}, [1, 2]),
        ({"provider": ("anthropic",)}, [5]),
        ({"name": ("support", "classify")}, [1, 3, 4]),
        ({"prop": (("Environment", "production"),)}, [1]),
        ({"prop": (("environment", "Production"),)}, []),
        ({"prop": (("environment", "production"), ("feature", "x"))}, []),
        ({"user": ("ada' OR 1=1 --",)}, []),
        ({"model": ("*' OR '1",)}, []),
    ],
)
def test_chooses(log, terms, seqs):
    assert [call.seq for call in newest(log, chosen(**terms), 10)] == seqs


@pytest.mark.parametrize(
    ("prompts", "seqs"),
    [(("a",), [1, 2]), (("a@3",), [1]), (("a@v3",), [1]), (("a@4",), []), (("b@2",), [3]), (("b",), []), (("@3",), [])],
)
def test_prompts_by_name_and_version(tmp_path, prompts, seqs):
    path = logs.write(tmp_path / "x.db", *(logs.call(n, prompt=name) for n, name in enumerate(("a", "a", "b@2"), 1)))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE calls SET prompt_version = 4 - seq WHERE seq < 3")
    with opened(path) as db:
        assert [call.seq for call in newest(db, chosen(prompt=prompts), 10)] == seqs


def test_an_error_word_fails_a_call_of_good_status_and_of_none(tmp_path):
    cut = logs.failed(1, status=200, error="upstream_cut")
    gone = logs.failed(2, status=None, error="connect")
    with opened(logs.write(tmp_path / "x.db", cut, gone)) as db:
        assert len(newest(db, chosen(status=("error",)), 10)) == 2
        assert newest(db, chosen(status=("ok",)), 10) == []
