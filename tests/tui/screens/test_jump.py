"""Going to a place by its letter."""

from __future__ import annotations

import pytest

from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_jumping_and_the_keys_of_the_pane(demo_log):
    async with scene(demo_log) as at:
        pane, row = at.requests.peek, at.table.seq
        await at.press("ctrl+o")
        lines = at.text().splitlines()
        assert [lines[place.region.y][:3] for place in (at.requests.bar, at.table, pane)] == [" a ", " s ", " d "]
        await at.press("d")
        assert pane.has_keys and "▸2400" in at.text()
        # Now keys scroll the call, all of which is there, and do not move the cursor.
        await at.press("G", "k", "ctrl+u", "pageup", "g", "j")
        assert (round(pane.lines.scroll_y), at.table.seq) == (1, row)
        assert "lines more" not in at.text()
        before = pane.lines.size.height
        await at.press("z")
        assert pane.lines.size.height > before + 10 and "WHEN" not in at.text()
        await at.press("escape")
        assert not pane.has_keys and "WHEN" in at.text()
        await at.press("j", "z")
        assert at.table.seq == row - 1 and not pane.display or at.table.page > 28
        await at.press("escape", "ctrl+o", "a")
        assert at.requests.bar.has_class("typing")
        await at.press("escape", "ctrl+o", "s", "ctrl+o", "escape", "j")
        assert at.table.seq == row - 2
        await at.pilot.click("#peek", offset=(5, 3))
        await at.settle()
        assert pane.has_keys
        await at.pilot.click("#calls", offset=(5, 3))
        await at.settle()
        assert not pane.has_keys and at.table.seq == row - 3
