"""Selections against calls they choose and calls they do not."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.filters import Selection
from helicli.query.calls import newest
from helicli.query.reading import opened
from tests.query import logs


@pytest.mark.parametrize(
    ("terms", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"users": ("ada",)}, [1, 3, 4]),
        ({"users": ("ada", "linus")}, [1, 2, 3, 4]),
        ({"users": ("nobody",)}, []),
        ({"sessions": ("chat-17",)}, [1]),
        ({"models": ("gpt-4o-2024-08-06",)}, [2]),
        ({"models": ("gpt-4o",)}, [1, 2, 3, 4]),
        ({"models": ("claude*",)}, [5]),
        ({"models": ("*4o*", "claude-sonnet-4")}, [1, 2, 3, 4, 5]),
        ({"models": ("gpt-4?",)}, []),
        ({"models": ("gpt-[4]*",)}, []),
        ({"statuses": ("200",)}, [1, 2, 3, 5]),
        ({"statuses": ("4xx",)}, [4]),
        ({"statuses": ("5xx",)}, []),
        ({"statuses": ("error",)}, [4]),
        ({"statuses": ("ok", "429")}, [1, 2, 3, 4, 5]),
        ({"statuses": ("ok",)}, [1, 2, 3, 5]),
        ({"users": ("ada",), "statuses": ("error",)}, [4]),
        ({"since_ms": logs.T0 + 120_000}, [3, 4, 5]),
        ({"until_ms": logs.T0 + 120_000}, [1, 2]),
        ({"providers": ("anthropic",)}, [5]),
        ({"names": ("support", "classify")}, [1, 3, 4]),
        ({"properties": (("Environment", "production"),)}, [1]),
        ({"properties": (("environment", "Production"),)}, []),
        ({"properties": (("environment", "production"), ("feature", "x"))}, []),
        ({"users": ("ada' OR 1=1 --",)}, []),
        ({"models": ("*' OR '1",)}, []),
    ],
)
def test_chooses(log, terms, seqs):
    assert [call.seq for call in newest(log, Selection(**terms), 10)] == seqs


@pytest.mark.parametrize(
    ("prompts", "seqs"),
    [(("a",), [1, 2]), (("a@3",), [1]), (("a@v3",), [1]), (("a@4",), []), (("b@2",), [3]), (("b",), []), (("@3",), [])],
)
def test_prompts_by_name_and_version(tmp_path, prompts, seqs):
    path = logs.write(tmp_path / "x.db", *(logs.call(n, prompt=name) for n, name in enumerate(("a", "a", "b@2"), 1)))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE calls SET prompt_version = 4 - seq WHERE seq < 3")
    with opened(path) as db:
        assert [call.seq for call in newest(db, Selection(prompts=prompts), 10)] == seqs


def test_an_error_word_fails_a_call_of_good_status_and_of_none(tmp_path):
    cut = logs.failed(1, status=200, error="upstream_cut")
    gone = logs.failed(2, status=None, error="connect")
    with opened(logs.write(tmp_path / "x.db", cut, gone)) as db:
        assert len(newest(db, Selection(statuses=("error",)), 10)) == 2
        assert newest(db, Selection(statuses=("ok",)), 10) == []


@pytest.mark.parametrize(
    ("terms", "index"),
    [
        ({"users": ("ada",)}, "calls_user"),
        ({"sessions": ("chat-17",)}, "calls_session"),
        ({"statuses": ("error",)}, "calls_failed"),
        ({"statuses": ("5xx",)}, "calls_failed"),
        ({"since_ms": logs.T0}, "calls_created_at"),
    ],
)
def test_is_answered_by_an_index(log, terms, index):
    statements = []
    log.set_trace_callback(statements.append)
    newest(log, Selection(**terms), 10)
    log.set_trace_callback(None)
    plan = " ".join(row[3] for row in log.execute("EXPLAIN QUERY PLAN " + statements[-1]))
    assert index in plan
