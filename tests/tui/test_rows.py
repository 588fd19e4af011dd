"""Rows and seqs, beside a plain list."""

from __future__ import annotations

from random import Random

import pytest

from helicli.tui.rows import Found, Span


def check(span: Span, there: list[int]) -> None:
    assert len(span) == len(there)
    assert [span.seq(row) for row in range(len(there))] == there
    assert [span.row(seq) for seq in there] == list(range(len(there)))


def test_a_span_without_gaps_is_arithmetic():
    check(Span(3, 9), [9, 8, 7, 6, 5, 4, 3])
    assert len(Span(0, 0)) == 0
    assert Span(1, 10_000_000).seq(9_999_999) == 1


@pytest.mark.parametrize("seed", range(40))
def test_a_span_learns_its_gaps_page_by_page_in_any_order(seed):
    random = Random(seed)
    first, last = random.randint(1, 5), random.randint(20, 60)
    there = sorted(random.sample(range(first, last + 1), random.randint(1, last - first)), reverse=True)
    span = Span(first, last)
    highs = list(range(last, first - 1, -1))
    random.shuffle(highs)
    for high in highs:
        page = [seq for seq in there if seq <= high][:4]
        span.learn(high, page, ended=len(page) < 4)
    check(span, there)
    gone = random.sample(there, len(there) // 3)
    span.lose(gone)
    there = [seq for seq in there if seq not in gone]
    check(span, there)
    # It grows at one end and is pruned at the other.
    span.grow(first + 7, last + 3)
    check(span, [last + 3, last + 2, last + 1, *(seq for seq in there if seq >= first + 7)])


def test_a_seq_in_a_gap_stands_for_the_next_older():
    span = Span(1, 10)
    span.learn(10, [10, 9, 4, 3], ended=False)
    assert [span.row(seq) for seq in (9, 8, 5, 4, 3)] == [1, 2, 2, 2, 3]


def test_a_span_that_was_pruned_whole_is_empty():
    span = Span(1, 10)
    span.learn(10, [7], ended=True)
    span.grow(11, 10)
    assert len(span) == 0


def test_a_span_whose_newest_have_gone_knows_nothing_any_more():
    span = Span(1, 10)
    span.learn(10, [7, 6], ended=False)
    span.grow(1, 8)
    check(span, [8, 7, 6, 5, 4, 3, 2, 1])
    span.grow(0, 0)
    assert len(span) == 0


def test_found_calls_grow_at_both_ends():
    found = Found()
    found.append([90, 70])
    found.append([50])
    found.prepend([91, 95])
    found.prepend([99])
    there = [99, 95, 91, 90, 70, 50]
    assert [found.seq(row) for row in range(len(found))] == there
    assert [found.row(seq) for seq in there] == list(range(6))
    assert [found.row(seq) for seq in (98, 92, 80, 60, 1)] == [1, 2, 4, 5, 6]
    assert found.holds(70) and not found.holds(71) and not found.holds(1)
    found.lose([95, 70])
    assert [found.seq(row) for row in range(len(found))] == [99, 91, 90, 50]


def test_sorted_calls_are_found_by_their_seq():
    found = Found(is_sorted=True)
    found.append([5, 90, 7])
    assert [found.row(seq) for seq in (5, 90, 7)] == [0, 1, 2]
    assert found.holds(90) and not found.holds(6)


@pytest.mark.parametrize("seed", range(20))
def test_calls_that_have_gone_leave_a_found_list(seed):
    random = Random(seed)
    seqs = sorted(random.sample(range(1, 200), 60), reverse=True)
    found = Found()
    found.append(seqs[20:])
    found.prepend(seqs[:20][::-1])
    gone = random.sample(range(1, 200), 70)
    found.lose(gone)
    assert [found.seq(row) for row in range(len(found))] == [seq for seq in seqs if seq not in gone]


def test_many_leave_a_list_at_once():
    found = Found()
    found.append(range(5_000, 0, -1))
    found.prepend(range(5_001, 6_001))
    found.lose(range(1, 5_900))
    assert [found.seq(row) for row in range(len(found))] == list(range(6_000, 5_899, -1))


@pytest.mark.parametrize("seed", range(20))
def test_calls_are_placed_in_a_sorted_list(seed):
    random = Random(seed)
    wanted = random.sample(range(1, 200), 60)
    come = set(random.sample(wanted, 15))
    held = [seq for seq in wanted if seq not in come]
    found = Found(is_sorted=True)
    found.append(held)
    under = random.choice(held)
    assert found.row(under) == held.index(under)
    found.place([(sum(each not in come for each in wanted[:at]), seq) for at, seq in enumerate(wanted) if seq in come])
    assert [found.seq(row) for row in range(len(found))] == wanted
    assert found.row(under) == wanted.index(under)
    found.lose([under])
    # What has gone is where it was: the cursor does not jump.
    assert found.row(under) == min(wanted.index(under), len(found) - 1)
    assert not found.holds(under)
