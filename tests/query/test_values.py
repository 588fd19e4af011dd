"""Values of the log, the most used first."""

from __future__ import annotations

import pytest

from helicli.query import values
from helicli.query.reading import opened
from tests.query import logs


@pytest.mark.parametrize(
    ("kind", "prefix", "found"),
    [
        ("users", "", ["ada", "linus"]),
        ("users", "l", ["linus"]),
        ("users", "L", []),
        ("sessions", "", ["chat-17"]),
        ("models", "", ["gpt-4o", "claude-sonnet-4", "gpt-4o-2024-08-06"]),
        ("providers", "", ["openai", "anthropic"]),
        ("names", "", ["support", "classify"]),
        ("prompts", "", []),
    ],
)
def test_values(log, kind, prefix, found):
    assert values.values(log, kind, prefix) == found


def test_no_more_than_were_asked_for(log):
    assert values.values(log, "users", limit=1) == ["ada"]


def test_what_is_older_than_the_newest_calls_comes_after_them(tmp_path, monkeypatch):
    monkeypatch.setattr(values, "_RECENT", 2)
    users = ["zoe", "old", "new", "new"]
    path = logs.write(tmp_path / "x.db", *(logs.call(at, user=user) for at, user in enumerate(users, 1)))
    with opened(path) as db:
        assert values.values(db, "users") == ["new", "old", "zoe"]


def test_a_sign_of_patterns_is_a_sign(tmp_path):
    path = logs.write(tmp_path / "x.db", logs.call(1, user="a%b"), logs.call(2, user="a_b"), logs.call(3, user="axb"))
    with opened(path) as db:
        assert values.values(db, "users", "a%") == ["a%b"]


def test_properties(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, properties={"environment": "production", "feature": "chat"}),
        logs.call(2, properties={"environment": "staging"}),
        logs.call(3, properties={"environment": "staging"}),
    )
    with opened(path) as db:
        assert values.property_names(db) == ["environment", "feature"]
        assert values.property_names(db, "Fe") == ["feature"]
        assert values.property_values(db, "Environment") == ["staging", "production"]
        assert values.property_values(db, "environment", "p") == ["production"]


def test_newest_calls(log):
    assert values.newest_calls(log, limit=2) == [(5, "claude-sonnet-4", 200), (4, "gpt-4o", 429)]
    assert values.newest_calls(log, "1") == [(1, "gpt-4o", 200)]


def test_nothing_is_waited_for(log):
    values.impatient(log)
    assert log.execute("PRAGMA busy_timeout").fetchone()[0] == 50
