"""`helicli properties`."""

from __future__ import annotations

import json


def test_names(console):
    told = json.loads(console("properties", "--json").out)
    assert told == [{"name": "environment", "values": 1, "calls": 1, "examples": "production"}]
    assert "last 30 days · 1 property" in console("properties").err


def test_values(console):
    result = console("properties", "Environment", "--json")
    assert [(row["prop.environment"], row["calls"]) for row in json.loads(result.out)] == [("production", 1)]
    assert console("properties", "environment", "--user", "linus").lines == []
    assert console("properties", "environment", "--user", "linus", "--fail-empty").code == 1


def test_what_is_not_there(console):
    result = console("properties", "enviroment")
    assert result.code == 3
    assert "did you mean environment?" in result.err
