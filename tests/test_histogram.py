"""Histograms: near enough to exact, and the same whoever adds them up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from helicli.histogram import BUCKETS, add, bucket, head, middle, pack, percentile

durations = st.integers(0, (1 << 63) - 1)


def counted(values) -> dict[int, int]:
    counts: dict[int, int] = {}
    for value in values:
        counts[bucket(value)] = counts.get(bucket(value), 0) + 1
    return counts


@given(durations)
def test_a_bucket_is_told_within_one_percent(micros):
    assert abs(middle(bucket(micros)) - micros) <= micros * 0.01
    assert bucket(micros) < BUCKETS


@given(durations, durations)
def test_buckets_ascend(one, other):
    assert (bucket(one) <= bucket(other)) or one > other


def test_every_number_between_is_a_bucket():
    assert [bucket(middle(number)) for number in range(3000)] == list(range(3000))


def test_a_time_before_its_begin_is_no_time():
    assert bucket(-5) == 0


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([1, 50, 90, 95, 99, 99.9, 100]))
def test_percentiles_are_within_two_percent_of_exact(values, percent):
    exact = sorted(values)[max(1, -(-len(values) * percent // 100).__int__()) - 1]
    found = percentile(counted(values), percent)
    assert found is not None
    assert abs(found - exact) <= exact * 0.02


def test_of_nothing_there_is_no_percentile():
    assert percentile({}, 50) is None


@given(st.dictionaries(st.integers(0, (1 << 14) - 1), st.integers(1, 1 << 21)), st.lists(st.integers(0, 10**7)))
def test_packed_and_added(counts, values):
    whole = counted(values)
    add(whole, pack(counts))
    expected = counted(values)
    for number, count in counts.items():
        expected[number] = expected.get(number, 0) + count
    assert whole == expected


@given(st.dictionaries(st.integers(0, (1 << 14) - 1), st.integers(1, 1 << 21)), st.integers(0, 1 << 14))
def test_a_part_of_what_is_packed(counts, below):
    part: dict[int, int] = {}
    add(part, head(pack(counts), below))
    assert part == {number: count for number, count in counts.items() if number < below}


def test_bytes_are_the_same_on_every_machine():
    assert pack({1: 2, 300: 1}) == bytes([2, 0, 4, 0, 1, 0, 176, 4])
