"""Rows as aligned columns."""

from __future__ import annotations

from helicli.view.table import aligned


def test_columns_are_as_wide_as_their_widest_field():
    assert aligned([["NAME", "N"], ["a", "1000"], ["日本", "2"]], frozenset({1})) == [
        "NAME     N",
        "a     1000",
        "日本     2",
    ]


def test_rows_of_different_lengths_and_none():
    assert aligned([["a", "", ""], ["bb", "c"]]) == ["a", "bb  c"]
    assert aligned([]) == []
