"""Sums of what has come since a call."""

from __future__ import annotations

from helicli.query.reading import opened
from helicli.query.since import Added, added
from tests.query import logs


def test_added_counts_only_what_came_later(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, cost_nano=5),
        logs.call(2, cost_nano=7),
        logs.call(3, cost_nano=None),
        logs.failed(4),
        logs.call(5, error="upstream_cut", cost_nano=1),
    )
    with opened(path) as log:
        assert added(log, 1) == Added(calls=4, errors=2, cost_nano=8, unpriced=1)
        assert added(log, 5) == Added(0, 0, 0, 0)
        assert added(log, 0).cost_nano == 13
