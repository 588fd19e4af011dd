"""A list beside a feed whose answers come when the test has them come; more in test_app.py and test_requests.py."""

from __future__ import annotations

import pytest

from helicli.columns import column
from helicli.filters import Filter, parse
from helicli.query.calls import Order
from helicli.query.growth import Extent
from helicli.query.reading import opened
from helicli.tui.call_list import CallList


class Slow:
    """The threads of a feed, each question of which waits until it is to be answered."""

    def __init__(self, path) -> None:
        self.path = path
        self.asked = {}
        self.overtaken = 0

    def ask(self, thread, group, work, then, failed) -> None:
        self.overtaken += group in self.asked
        self.asked[group] = work, then

    def forget(self, thread, group) -> None:
        self.asked.pop(group, None)

    def answer(self, group) -> None:
        work, then = self.asked.pop(group)
        with opened(self.path) as log:
            for given in work(log):
                then(given)


def test_what_was_said_is_asked_of_another_list_too(growing):
    feed = Slow(growing[0])
    calls = CallList(feed)
    for _ in range(2):
        calls.choose(Filter())
        feed.answer("list")
        calls.tell(0, 3)
        # Here the answer is forgotten.
        assert "said" in feed.asked
    feed.answer("said")
    assert calls.said(40)


@pytest.mark.parametrize("order", [None, Order(column("seq"), True)])
def test_what_comes_is_not_asked_anew_while_it_is_being_read(growing, order):
    path, writer = growing
    feed = Slow(path)
    calls = CallList(feed)
    calls.choose(Filter(term=parse("provider:openai").term), order)
    feed.answer("list")
    for number in (41, 42, 43):
        writer.add(number)
        calls.grow(Extent(1, number, number))
    assert feed.overtaken == 0
    feed.answer("fresh")
    assert [calls.rows.seq(row) for row in range(4)] == [43, 42, 41, 40]
    writer.add(44)
    calls.grow(Extent(1, 44, 44))
    calls.choose(calls.chosen, order)
    feed.answer("list")
    writer.add(45)
    calls.grow(Extent(1, 45, 45))
    feed.answer("fresh")
    assert [calls.rows.seq(row) for row in range(2)] == [45, 44] and "fresh" not in feed.asked
