"""Histograms: near enough to exact, and the same whoever adds them up."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from helicli.histogram import BUCKETS, Pile, bucket, counted, middle, pack, pack_each, percentile, unpack, word, words

durations = st.integers(0, (1 << 63) - 1)


def counted_of(values) -> dict[int, int]:
    return dict(Counter(bucket(value) for value in values if value is not None))


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
    found = percentile(counted_of(values), percent)
    assert found is not None
    assert abs(found - exact) <= exact * 0.02


def test_of_nothing_there_is_no_percentile():
    assert percentile({}, 50) is None


few = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 1 << 21))
# So many that stand so close together that they make a row.
many = st.integers(0, BUCKETS - 101).flatmap(
    lambda first: st.dictionaries(st.integers(first, first + 100), st.integers(1, 1 << 18), min_size=64)
)


@given(st.lists(st.one_of(few, many), max_size=4), st.lists(few, max_size=2))
def test_packed_and_added(several, at_the_end):
    pile, expected = Pile(), Counter()
    for counts in several:
        pile.add(pack(counts) + b"".join(map(words, at_the_end)))
        for each in (counts, *at_the_end):
            expected.update(each)
    assert pile.counts() == dict(expected)
    assert pile.counts() == dict(expected)


@given(many)
@example(dict.fromkeys(range(126), 1) | {126: 1 << 17})
def test_a_row_takes_no_more_bytes_than_words(counts):
    assert len(pack(counts)) <= len(words(counts))
    assert unpack(pack(counts)) == counts


@given(st.lists(st.one_of(st.none(), durations), max_size=20), st.integers(1, 60))
def test_the_words_of_calls(values, times):
    single = [word(value) for value in values] * times
    expected = {number: count * times for number, count in counted_of(values).items()}
    assert counted(single) == expected
    assert unpack(pack_each(single)) == expected


def test_bytes_are_the_same_on_every_machine():
    assert pack({1: 2, 300: 1}) == bytes([2, 0, 4, 0, 1, 0, 176, 4])
    row = pack(dict.fromkeys(range(65, 129), 1))
    assert row == bytes([33, 0, 0, 64, 64, 0, 0, 0]) + bytes([0, 0]) + bytes([1, 0]) * 64 + bytes([0, 0])
