"""Tests of reading JSON without trust."""

from __future__ import annotations

import pytest

from helicli.providers import lenient


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'"\xff"', "\ufffd"),
        (b'"\\ud800"', "\ud800"),
        (b"{", None),
        (b"", None),
        (b"[" * 100_000, None),
        (b"[" * 100_000 + b"]" * 100_000, None),
    ],
)
def test_loads(data, value):
    assert lenient.loads(data) == value


@pytest.mark.parametrize(
    ("value", "count"),
    [(3, 3), (3.0, 3), (-1, 0), (True, 0), ("3", 0), (None, 0), (10**400, 0), (float("inf"), 0), (float("nan"), 0)],
)
def test_count(value, count):
    assert lenient.count(value) == count


def test_text_can_always_be_written():
    assert lenient.text("a\ud800b").encode()
    assert lenient.text(5) == ""
    assert lenient.word("") is None


def test_only_objects_are_objects():
    assert lenient.mapping([1]) == {}
    assert lenient.mappings([{}, 1, {"a": 1}, None]) == [{}, {"a": 1}]
    assert lenient.mappings({"a": 1}) == []
    assert lenient.compact({"ü": [1, "\ud800"]}) == '{"ü": [1, "?"]}'


@pytest.mark.parametrize(
    ("most", "counts", "kept"),
    [(9, (), []), (9, (4, 5), [4, 5]), (9, (4, 6), [4, 5]), (9, (10, 1), [9, 0]), (0, (1, 1), [0, 0])],
)
def test_parts_fit_into_their_whole(most, counts, kept):
    assert lenient.within(most, *counts) == kept
