"""What prompts ask of the log."""

from __future__ import annotations

import pytest

from helicli.errors import NotFoundError
from helicli.prompts import ref
from helicli.query import prompts
from helicli.query.reading import opened
from helicli.query.values import stored_prompts
from tests.query import logs


@pytest.fixture
def db(tmp_path):
    with opened(logs.prompted(tmp_path / "x.db")) as log:
        yield log


def test_versions(db):
    assert [each.name for each in prompts.stored(db)] == ["classify", "support"]
    stored, number, source = prompts.version(db, ref("support"))
    assert (stored.name, number, source.partials[0].name) == ("support", 2, "_tone.md")
    with pytest.raises(NotFoundError):
        prompts.version(db, ref("support@9"))


def test_uses(db):
    uses = prompts.uses(db, "support")
    assert {version: (each.calls, each.cost_nano, each.unpriced) for version, each in uses.items()} == {
        1: (1, 1_990_000, 0),
        2: (2, 3_980_000, 0),
    }
    assert uses[1].p50_us == pytest.approx(1_240_000, rel=0.02)
    assert prompts.uses(db, "classify") == {}
    assert prompts.calls(db) == {"support": 3}


def test_scores_are_the_means_of_each_version(db):
    assert prompts.scores(db, "support") == {2: {"helpful": prompts.Mean(0.81, 2)}}
    assert prompts.scores(db, "classify") == {}


def test_scores_are_read_of_the_prompts_own_calls(db):
    asked = []
    db.set_trace_callback(asked.append)
    prompts.scores(db, "support")
    db.set_trace_callback(None)
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert any("SEARCH c USING" in step and "calls_prompt" in step for step in plan), plan
    assert any("SEARCH s USING PRIMARY KEY (seq=?)" in step for step in plan), plan


def test_recorded_values_each_once_the_newest_first(db):
    assert prompts.recorded(db, "support", 10) == [{"user_input": "Hello"}, {"user_input": "Where is it?"}]
    assert prompts.recorded(db, "support", 1) == [{"user_input": "Hello"}]
    assert prompts.recorded(db, "classify", 10) == []


def test_what_a_shell_offers(db):
    assert stored_prompts(db) == ["classify", "support"]
    assert stored_prompts(db, "su") == ["support"]
    assert stored_prompts(db, "support@") == ["support@production", "support@3", "support@2", "support@1"]
    assert stored_prompts(db, "support@p") == ["support@production"]
