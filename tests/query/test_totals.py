"""Totals: those of several groups are those of one; percentiles of each of the three times."""

from __future__ import annotations

from helicli.histogram import bucket
from helicli.query.totals import Times, Totals, added_up
from helicli.store.dimensions import FIRST, OVERHEAD


def test_added_up():
    one, other = Totals(calls=2, cost_nano=5, latency_max_us=3, last_at=9), Totals(calls=1, errors=1, latency_max_us=7)
    assert added_up([one, other]) == Totals(calls=3, errors=1, cost_nano=5, latency_max_us=7, last_at=9)
    assert added_up([]) == Totals()


def test_a_rate_of_nothing_is_none_failed():
    assert Totals(calls=4, errors=1).error_rate == 0.25
    assert Totals().error_rate == 0


def test_tokens_read_are_those_of_all_classes():
    assert Totals(input_tokens=1, cache_read_tokens=20, cache_write_tokens=300, output_tokens=4000).read_tokens == 321


def test_each_time_has_its_own_buckets():
    times = Times({bucket(100): 1, FIRST + bucket(50): 1, OVERHEAD + bucket(7): 1})
    assert (times.latency(50), times.first_token(50), times.overhead(50)) == (100, 50, 7)
    assert Times({bucket(100): 1}).first_token(50) is None
