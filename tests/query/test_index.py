"""Places in lists of calls, beside what the calls themselves say."""

from __future__ import annotations

import pytest

from helicli.columns import column
from helicli.filters import Filter, parse
from helicli.query import index
from helicli.query.calls import Order, by_seq
from helicli.query.growth import extent
from helicli.query.reading import opened
from tests.query import logs


@pytest.fixture
def many(tmp_path):
    """Sixty calls, every third linus's, every seventh a failure, each begun a minute after the one before."""
    calls = []
    for number in range(1, 61):
        given = {
            "at": logs.T0 + number * 60_000,
            "latency_us": number * 1000,
            "user": "linus" if number % 3 == 0 else "ada",
        }
        calls.append(logs.failed(number, **{**given}) if number % 7 == 0 else logs.call(number, **given))
    with opened(logs.write(tmp_path / "x.db", *calls)) as db:
        yield db


def of(text: str, **more) -> Filter:
    return Filter(term=parse(text).term if text else None, **more)


def test_pages_go_down_from_a_seq(many):
    assert index.page(many, of(""), 60, 4) == [60, 59, 58, 57]
    assert index.page(many, of(""), 2, 4) == [2, 1]
    assert index.page(many, of("user:linus"), 10, 2) == [9, 6]


def test_what_began_since_an_instant_has_a_first_seq(many):
    assert index.began(many, logs.T0 + 10 * 60_000) == 10
    assert index.began(many, 0) == 1
    assert index.began(many, logs.T0 + 99 * 60_000) == 61


@pytest.mark.parametrize("text", ["user:linus", "status:error", '"password"', "user:nobody"])
def test_what_is_found_is_all_of_it_and_how_far_it_was_looked(many, text):
    parts = list(index.found(many, of(text)))
    chosen = of(text)
    every = by_seq(many, range(60, 0, -1))
    said = "how do i reset my password?"
    assert [seq for part, _, _ in parts for seq in part] == [one.seq for one in every if chosen.matches(one, said)]
    assert parts[-1][1] == parts[-1][2]


def test_an_order(many):
    order = Order(column("latency"), True)
    assert index.sorted_by(many, of("user:linus"), order)[:3] == [60, 57, 54]


@pytest.mark.parametrize("name", ["latency_ms", "cost_usd", "user", "seq", "ttft_ms"])
@pytest.mark.parametrize("down", [True, False])
def test_calls_that_come_are_placed_where_sorting_again_would_place_them(tmp_path, name, down):
    """Equal values, none at all, and calls that have gone since the list was made among them."""
    calls = [
        logs.call(
            number,
            latency_us=number * 7 % 5 * 1000,
            user=f"user-{number * 5 % 7}" if number % 4 else None,
            ttft_us=None if number % 3 else number % 2 * 500,
        )
        for number in range(1, 61)
    ]
    order = Order(column(name), down)
    path = logs.write(tmp_path / "x.db", *calls)
    with opened(path) as db:
        wanted = index.sorted_by(db, of(""), order)
    for old in (0, 1, 13, 59):
        held = [seq for seq in wanted if seq <= old]
        with opened(path) as db:
            places = index.placed(db, order, range(old + 1, 61), held)
        found, at = [], 0
        for row, seq in places:
            found += [*held[at:row], seq]
            at = row
        assert [*found, *held[at:]] == wanted


def test_calls_are_placed_among_some_that_have_gone(many):
    order = Order(column("latency_ms"), True)
    # 99, 98 and 97 are in no log: what stands around them tells the place.
    assert index.placed(many, order, [60], [99, 98, 59, 97, 58]) == [(2, 60)]
    assert index.placed(many, order, [30], [59, 99, 20, 97]) == [(2, 30)]


def test_a_list_of_a_log_that_was_pruned_is_not_gone_through_row_by_row(many):
    gone = range(100, 20_100)
    asked = []
    many.set_trace_callback(asked.append)
    assert index.placed(many, Order(column("latency_ms")), [60], [*gone, 57, 58, 59]) == [(20_003, 60)]
    assert len(asked) < 3_000


def test_calls_that_have_left_a_time(many):
    first, last = logs.T0 + 10 * 60_000, logs.T0 + 13 * 60_000
    assert sorted(index.left(many, first, last, 9)) == [10, 11, 12]
    assert len(index.left(many, first, last, 2)) == 2


def test_fresh_calls(many):
    assert index.fresh(many, of("user:linus"), 55, 10) == [57, 60]
    assert index.fresh(many, of("user:linus"), 0, 2) == [3, 6]


@pytest.mark.parametrize(
    ("text", "seq", "older", "next_one"),
    [
        ("status:error", 60, True, 56),
        ("status:error", 56, True, 49),
        ("status:error", 49, False, 56),
        ("status:error", 7, True, None),
        ("status:error", 56, False, None),
        ("user:linus", 10, True, 9),
        ("user:linus", 10, False, 12),
        ("", 10, True, 9),
        ("", 60, False, None),
    ],
)
def test_the_next_one_on_a_side(many, text, seq, older, next_one):
    assert index.beside(many, of(text), seq, older=older) == next_one


def test_what_is_slow(many):
    took = sorted(one.latency_us for one in by_seq(many, range(1, 61)))
    assert index.slow_ms(many, of("")) == took[56] / 1000
    assert index.slow_ms(many, of("user:nobody")) is None


def test_no_statement_skips_with_offset(many):
    asked = []
    many.set_trace_callback(asked.append)
    test_pages_go_down_from_a_seq(many)
    list(index.found(many, of("user:linus")))
    index.beside(many, of("status:error"), 50, older=True)
    assert asked and not [text for text in asked if "OFFSET" in text.upper()]


def test_the_extent_of_a_log(many):
    assert extent(many) == (1, 60)
