"""What a list asks while calls come."""

from __future__ import annotations

from helicli.columns import column
from helicli.filters import Filter
from helicli.query.calls import Order
from helicli.query.growth import extent
from helicli.query.reading import opened
from helicli.tui import call_pages as pages


def test_a_call_that_comes_while_a_list_is_sorted_is_left_to_be_placed(growing, monkeypatch):
    path, writer = growing

    def grown_since(log):
        before = extent(log)
        writer.add(41)
        return before

    monkeypatch.setattr(pages, "extent", grown_since)
    with opened(path) as log:
        part = next(pages.in_order(log, Filter(), Order(column("seq"), True)))
    assert (part.of, part.seqs) == (40, list(range(40, 0, -1)))
