"""Filters against calls they choose and calls they do not, asked of SQL and of the calls themselves."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helicli.columns import column
from helicli.filters import Filter, parse
from helicli.filters.values import quoted
from helicli.query.calls import Order, after, newest, sorted_by
from helicli.query.reading import opened
from helicli.query.said import text
from helicli.query.search import Search
from helicli.query.where import where
from tests import filtering
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


@given(
    filtering.rows(),
    filtering.terms(),
    st.sampled_from([None, 1, 3]),
    st.sampled_from([None, 2, 4]),
    st.lists(st.sampled_from([None, 0.25, 0.5, 1.0]), max_size=3),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sql_and_matches_agree(calls, term, since, until, helpful):
    with tempfile.TemporaryDirectory() as folder:
        path = logs.write(Path(folder) / "x.db", *calls)
        some = [
            (number, value) for number, value in enumerate(helpful, 1) if value is not None and number <= len(calls)
        ]
        with opened(logs.score(path, *((number, {"helpful": value}) for number, value in some))) as db:
            _agree(db, term, since, until)


def _agree(db, term, since, until):
    every = newest(db, Filter(), 100)
    chosen = Filter(term=term, since_ms=since, until_ms=until)
    fulfilling = [call.seq for call in every if chosen.matches(call)]
    assert [call.seq for call in newest(db, chosen, 100)] == fulfilling
    assert [call.seq for call in after(db, 0, chosen, 100)] == fulfilling
    assert [call.seq for call in after(db, 2, chosen, 100)] == [seq for seq in fulfilling if seq > 2]
    assert sorted(call.seq for call in sorted_by(db, chosen, None, Order(column("cost")))) == fulfilling
    found = [call.seq for page in Search(db, chosen).newest(None) for call in page]
    assert found == fulfilling[::-1]


@given(filtering.rows(4), filtering.terms(filtering.CHECKS | filtering.SAID))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sql_and_matches_agree_on_what_was_said(calls, term):
    with tempfile.TemporaryDirectory() as folder, opened(logs.write(Path(folder) / "x.db", *calls)) as db:
        chosen = Filter(term=term)
        fulfilling = [call.seq for call in newest(db, Filter(), 100) if chosen.matches(call, text(db, call.seq))]
        assert [call.seq for call in newest(db, chosen, 100)] == fulfilling


@pytest.mark.parametrize(
    "field", ["user", "session", "model", "name", "prompt", "error", "request_id", "prop.x", "text"]
)
@pytest.mark.parametrize("sign", ["'", '"', ";", "--", "' OR 1=1 --", "\\", "%", "_", "?", ":a", "$a", "x') OR (1=1"])
def test_signs_of_sql_are_text(log, field, sign):
    for value in ('"' + sign.replace("\\", "\\\\").replace('"', '\\"') + '"', "*".join(["", quoted(sign), ""])):
        if field == "text" and "*" in value:
            continue
        plain = "*x*" if value.startswith("*") else "x"
        statement, values = where(parse(f"{field}:{value}"))
        assert statement == where(parse(f"{field}:{plain}"))[0]
        assert len(values) == len(where(parse(f"{field}:{plain}"))[1])
        newest(log, parse(f"{field}:{value}"), 10)
    assert log.execute("SELECT count(*) FROM calls").fetchone()[0] == 5
