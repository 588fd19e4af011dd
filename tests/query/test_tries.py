"""Attempts as they are read back."""

from __future__ import annotations

from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.query.split import split
from helicli.query.tries import tries
from tests.query import logs
from tests.query.test_split import PRICED


def test_in_their_order(tmp_path):
    made = logs.call(1, attempts=2, fallback_index=1)
    with opened(logs.write(tmp_path / "x.db", logs.tried(made), logs.call(2))) as db:
        first, second = tries(db, 1)
        assert (first.number, first.status, first.error_message, first.model) == (
            0,
            429,
            "Rate limit reached",
            "gpt-4o",
        )
        assert (second.number, second.fallback_index, second.model, second.upstream_id) == (
            1,
            1,
            "gpt-4o-mini",
            "req_7",
        )
        assert tries(db, 2) == []


def test_the_cost_of_attempts_before_is_a_part_of_the_whole(tmp_path):
    own = 412 * 2500 + 96 * 10_000
    made = logs.tried(logs.call(1, attempts=2, cost_nano=own + 700), costs=(700, own), priced=PRICED)
    with opened(logs.write(tmp_path / "x.db", made)) as db:
        parts = split(db, find(db, "1"))
    assert (parts.tries_nano, parts.cost_nano) == (700, own + 700)
