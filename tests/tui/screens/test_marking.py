"""Marks, and what is done with them."""

from __future__ import annotations

import pytest

from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_marks(demo_log):
    async with scene(demo_log) as at:
        await at.press("x", "x")
        assert set(at.app.marks) == {2400, 2399}
        assert at.table.seq == 2398
        # They stay while the filter changes, and while a call is looked at.
        await at.press("m", "enter", "x", "escape")
        third = at.table.seq
        assert third < 2398 or at.requests.text
        assert set(at.app.marks) == {2400, 2399, third}
        await at.press("X", "o")
        assert at.requests.text == "seq:" + ",".join(map(str, at.app.marks))
        assert len(at.calls) == 3
        assert at.text().count("●") == 3 + at.text().count("● live")
        await at.press("X", "u")
        assert set(at.app.marks) == set()


async def test_the_command_of_the_marked(demo_log):
    async with scene(demo_log, program="helicli --db x.db") as at:
        await at.press("x", "X", "c")
        assert at.app.clipboard == "helicli --db x.db filter seq:2400 --since all"
