"""The line of figures: what matters most is cut last."""

from __future__ import annotations

import pytest

from helicli.tui.widgets.tiles import Tiles
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_figures_are_told_as_far_as_there_is_room(demo_log):
    async with scene(demo_log, screen="analytics", since="100d") as at:
        told = {}
        for width in (120, 80, 50, 20):
            await at.pilot.resize_terminal(width, 36)
            await at.settle()
            tiles = at.app.screen.query_one(Tiles)
            told[width] = "".join(text for text, _ in tiles.line(0)).rstrip()
            assert len(told[width]) <= width
        assert told[120].startswith(told[80]) and told[80].startswith(told[50]) and told[50].startswith(told[20])
        assert told[20] == "  2,400 calls"
        assert "saved" in told[120] and "unpriced" in told[120]
