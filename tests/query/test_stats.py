"""Statistics of some calls."""

from __future__ import annotations

from datetime import UTC

from helicli.filters import Filter, parse
from helicli.grouping import by
from helicli.query.reading import opened
from helicli.query.stats import stats
from helicli.query.totals import Totals
from tests.query import logs


def test_all_of_it(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, ttft_us=310_000),
        logs.call(2, at=logs.T0 + 3_600_000, latency_us=9_000_000),
        logs.failed(3),
        logs.failed(4),
        logs.failed(5, status=None, error="timeout"),
        logs.failed(6, status=200, error="upstream_cut"),
    )
    with opened(path) as db:
        found = stats(db, Filter(), by("hour"), UTC)
    assert (found.total.calls, found.total.errors, found.total.latency_max_us) == (6, 4, 9_000_000)
    assert found.kinds == (("429", 2), ("timeout", 1), ("upstream_cut", 1))
    assert list(found.volume.values()) == [5, 1]
    assert found.first_at == min(found.volume)
    assert abs(found.times.first_token(50) - 310_000) < 3_100
    assert found.times.overhead(50) in range(317, 324)
    assert abs(found.times.latency(99) - 9_000_000) < 90_000


def test_nothing(tmp_path):
    with opened(logs.sample(tmp_path / "x.db")) as db:
        found = stats(db, parse("user:nobody"), by("hour"), UTC)
    assert found.total == Totals()
    assert found.times.latency(50) is None
    assert (found.volume, found.kinds, found.first_at) == ({}, (), None)
