"""Attempts as people and programs see them."""

from __future__ import annotations

import pytest

from helicli.query.reading import opened
from helicli.query.tries import tries
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.tries import lines, marked, objects
from tests.query import logs
from tests.view.payloads import WRITABLE


@pytest.fixture
def told(tmp_path):
    with opened(logs.write(tmp_path / "x.db", logs.tried(logs.call(1, attempts=2)))) as db:
        return tries(db, 1)


def test_a_line_for_each(told):
    assert lines(told, Style(False)) == [
        "tries   +0.50ms  429  gpt-4o via openai       310ms  Rate limit reached",
        "         +1.31s  200  gpt-4o-mini via openai  420ms  $0.0020",
    ]
    assert lines([], Style(False)) == []


def test_no_wider_than_there_is_room(told):
    for width in (20, 40, 60, 80):
        assert max(map(cells, lines(told, Style(False), width))) <= width


@pytest.mark.parametrize("payload", WRITABLE)
def test_nothing_drives_the_terminal(tmp_path, payload):
    made = logs.tried(logs.call(1, attempts=2), message=payload)
    with opened(logs.write(tmp_path / "x.db", made)) as db:
        told = "\n".join(lines(tries(db, 1), Style(False)))
    assert told.isprintable() or set(told) - {c for c in told if c.isprintable()} == {"\n"}


def test_as_objects(told):
    [first, second] = objects(told)["tries"]
    assert (first["status"], first["started_ms"], first["cost_usd"]) == (429, 0.5, 0.0)
    assert (second["upstream_id"], second["fallback_index"], second["latency_ms"]) == ("req_7", 1, 420.0)
    assert objects([]) == {}


@pytest.mark.parametrize(
    ("attempts", "index", "mark"),
    [
        (1, None, ""),
        (0, None, ""),
        (1, 0, ""),
        (4, None, "[4 tries]"),
        (5, 1, "[5 tries, fallback 1]"),
        (1, 2, "[fallback 2]"),
    ],
)
def test_the_mark_of_a_line(attempts, index, mark):
    assert marked(attempts, index) == mark
