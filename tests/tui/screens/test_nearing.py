"""The keys that go to the next call of a kind."""

from __future__ import annotations

import pytest

from helicli.query.calls import by_seq
from helicli.query.reading import opened
from tests.tui.known import call, newest
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("text", "forth", "back"), [("status:error", "e", "E"), ("session:chat-0000052", "o", "O")])
async def test_to_the_next_of_a_kind(demo_log, text, forth, back):
    wanted = newest(demo_log, text)
    async with scene(demo_log) as at:
        if forth == "o":
            at.table.go(wanted[0])
            # The key asks for the session of the call under the cursor, which is being read.
            await at.settle()
            wanted = wanted[1:]
            first = at.table.seq
        for seq in wanted[:3]:
            await at.press(forth)
            assert at.table.seq == seq
        await at.press(back)
        assert at.table.seq == (wanted[1] if len(wanted) > 1 else first)


async def test_to_the_slow_ones(demo_log):
    async with scene(demo_log) as at:
        with opened(demo_log) as db:
            took = sorted(each.latency_us for each in by_seq(db, newest(demo_log)))
        limit = took[(len(took) * 95 - 1) // 100]
        for _ in range(3):
            before = at.table.seq
            await at.press("s")
            assert at.table.seq < before
            assert call(demo_log, at.table.seq).latency_us > limit
        third = at.table.seq
        await at.press("S")
        assert at.table.seq > third
        assert call(demo_log, at.table.seq).latency_us > limit


async def test_where_there_is_no_other_it_is_said(demo_log):
    async with scene(demo_log) as at:
        await at.press("E")
        assert at.table.seq == 2400
        assert "no newer call that failed" in [note.message for note in at.app._notifications]


async def test_a_call_that_came_while_the_list_holds_still_is_not_gone_to(growing):
    path, writer = growing
    async with scene(path) as at:
        await at.press("j", "j", "space")
        writer.add(41, status=500)
        await at.until(lambda: at.calls.waiting == 1)
        await at.press("E")
        assert at.table.seq == 38
        assert "call 41 came after the list was held still" in [note.message for note in at.app._notifications]
