"""Which index finds calls, and that the rest of the filter is checked on what it gives."""

from __future__ import annotations

import pytest

from helicli.filters import Filter, parse
from helicli.query import plan as planning
from helicli.query.plan import oldest, plan
from helicli.query.reading import opened
from helicli.query.search import explained
from tests.query import logs


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("user:ada", "calls_user"),
        ("user:ada,li* latency:>1s", "calls_user"),
        ("session:chat-17", "calls_session"),
        ("run:run-1", "calls_run"),
        ("name:support", "calls_name"),
        ("prompt:support", "calls_prompt"),
        ("prompt:support@3,chat*", "calls_prompt"),
        ("has:prompt", "calls_prompt"),
        ("model:gpt-4o*", "calls_requested_model"),
        ("requested_model:gpt-4o", "calls_requested_model"),
        ("status:error", "calls_failed"),
        ("status:5xx", "calls_failed"),
        ("status:>=400", "calls_failed"),
        ("has:error", "calls_failed"),
        ("request_id:order-4411", "calls_request_id"),
        ("id:0001", "calls_1"),
        ("prop.environment:production", "properties_value"),
        ("score.helpful:<0.5", "scores_value"),
        ("has:score", "SCAN s"),
        ("seq:2..3", "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    ],
)
def test_is_answered_by_an_index(log, text, index):
    assert plan(log, parse(text)).indexed
    assert index in "\n".join(explained(log, parse(text))[2])


def test_the_index_that_gives_fewest_is_taken(log):
    assert "calls_session" in plan(log, parse("user:ada session:chat-17")).condition
    assert "calls_user" in plan(log, parse("user:linus model:gpt*")).condition


def test_the_time_alone_is_answered_by_its_index(log):
    assert "calls_created_at" in plan(log, Filter(since_ms=logs.T0 + 1)).condition


@pytest.mark.parametrize(
    "text", ["latency:>1s", "-user:ada", "user:ada OR user:linus", "status:ok", "status:200,error"]
)
def test_without_an_index_all_is_looked_through(log, text):
    found = plan(log, parse(text))
    assert not found.indexed
    assert found.table == "calls c NOT INDEXED"


def test_where_every_index_gives_many_the_newest_are_looked_through(log, monkeypatch):
    monkeypatch.setattr(planning, "FEW", 1)
    assert not plan(log, parse("user:ada")).indexed
    assert plan(log, parse("user:linus")).indexed
    assert plan(log, parse("status:error")).indexed


def test_errors_are_found_in_their_order_however_many(log, monkeypatch):
    monkeypatch.setattr(planning, "FEW", 0)
    found = plan(log, parse("status:4xx user:ada"))
    assert found.indexed
    assert found.table == "calls c INDEXED BY calls_failed"


def test_the_oldest_that_is_young_enough(log):
    assert oldest(log, Filter()) == 0
    assert oldest(log, Filter(since_ms=logs.T0 + 60_000)) == 1
    assert oldest(log, Filter(since_ms=logs.T0 + 10**9)) == 0


def test_prompts_are_found_by_name_and_version(tmp_path):
    with opened(logs.prompted(tmp_path / "x.db")) as log:
        for text, found in (
            ("prompt:support", 3),
            ("prompt:support@2", 2),
            ("prompt:support@2,support@1", 3),
            ("prompt:support@v1", 1),
            ("prompt:support@9", 0),
            ("prompt:sup*", 3),
            ("has:prompt", 3),
            ("prompt:support@2 -prompt:support@1", 2),
        ):
            way = plan(log, parse(text))
            rows = log.execute(way.statement("c.seq"), (0, 10**9, *way.values, 100)).fetchall()
            assert way.indexed and len(rows) == found, text
        bounded = plan(log, Filter(since_ms=logs.T0 - 4 * 60_000).both(*parse("prompt:support").needed))
        assert len(log.execute(bounded.statement("c.seq"), (0, 10**9, *bounded.values, 100)).fetchall()) == 2
