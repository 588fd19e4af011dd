"""Slow calls, and the term that leaves nothing."""

from __future__ import annotations

import pytest

from helicli.filters import Filter, parse
from helicli.query.reading import opened
from helicli.tui import near
from tests.query import logs


@pytest.fixture
def log(tmp_path):
    calls = [
        logs.call(number, latency_us=9_000_000 if number in (10, 30) else 1000, user="ada") for number in range(1, 41)
    ]
    with opened(logs.write(tmp_path / "x.db", *calls)) as db:
        yield db


def of(text: str) -> Filter:
    return Filter(term=parse(text).term if text else None)


def test_the_next_slow_one(log):
    assert next(near.slow(log, of(""), 40, older=True)) == 30
    assert next(near.slow(log, of(""), 30, older=True)) == 10
    assert next(near.slow(log, of(""), 10, older=False)) == 30
    assert next(near.slow(log, of(""), 30, older=False)) is None
    assert next(near.slow(log, of("user:nobody"), 30, older=True)) is None


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("user:ada cache:hit", "Without cache:hit there are some: user:ada"),
        ("user:nobody model:gpt-4o", "Without user:nobody there are some: model:gpt-4o"),
        ("user:nobody cache:hit", ""),
        ("cache:hit", ""),
    ],
)
def test_what_leaves_nothing(log, text, by):
    assert next(near.emptied_by(log, of(text))) == by
