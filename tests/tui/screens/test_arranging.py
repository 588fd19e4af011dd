"""Columns and orders."""

from __future__ import annotations

import pytest

from helicli.query.calls import by_seq
from helicli.query.reading import opened
from tests.tui.known import newest
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_sorting(demo_log):
    with opened(demo_log) as db:
        calls = by_seq(db, newest(demo_log))
    async with scene(demo_log) as at:
        await at.press("greater_than_sign", "1")
        took = [at.calls.call(row).latency_us for row in range(20)]
        assert took == sorted((each.latency_us for each in calls), reverse=True)[:20]
        assert "LATENCY▼" in at.text()
        await at.press("less_than_sign")
        took = [at.calls.call(row).latency_us for row in range(20)]
        assert took == sorted(each.latency_us for each in calls)[:20]
        assert "LATENCY▲" in at.text()
        await at.press("greater_than_sign", "t")
        assert at.table.seq == 2400
        await at.press("less_than_sign")
        assert at.table.seq == 1
        await at.press("escape")
        assert at.table.seq == 2400


async def test_columns(demo_log):
    async with scene(demo_log) as at:
        assert "WHEN" in at.text() and "SEQ" not in at.text()
        await at.press("c", "space", *["down"] * 9, "space", "enter")
        assert "WHEN" not in at.text() and "SEQ" in at.text()


async def test_a_sorted_list_takes_the_calls_that_come(growing):
    path, writer = growing
    async with scene(path) as at:
        writer.add(41, latency_us=9_000_000)
        await at.press("greater_than_sign", "1")
        await at.until(lambda: at.table.seq == 41)
        # At its top the list is followed: the slowest of all stands there.
        writer.add(42, latency_us=9_500_000)
        writer.add(43, latency_us=1_000)
        await at.until(lambda: len(at.calls) == 43 and at.table.seq == 42)
        assert [at.calls.rows.seq(row) for row in (0, 1, 42)] == [42, 41, 43]
        await at.press("j")
        writer.add(44, 45, latency_us=20_000_000)
        await at.until(lambda: len(at.calls) == 45)
        await at.settle()
        assert (at.table.seq, at.table.cursor) == (41, 3)
        assert [at.calls.rows.seq(row) for row in range(4)] == [45, 44, 42, 41]
        await at.press("space")
        writer.add(46)
        await at.until(lambda: "1 new" in at.text())
        assert len(at.calls) == 45
        await at.press("space")
        await at.until(lambda: len(at.calls) == 46)
