"""Moving on a screen of panels tells the figures of what is pointed at."""

from __future__ import annotations

import pytest

from helicli.tui.screens.boards import BoardScreen
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_what_is_pointed_at_is_told_above_the_panels(demo_log):
    async with scene(demo_log, screen="analytics") as at:
        assert isinstance(at.app.screen, BoardScreen)
        whole = at.text().splitlines()[2]
        await at.press("h")
        pointed = at.text().splitlines()[2]
        assert "21 Nov" in pointed and pointed != whole
        at.app.screen.point_at(-1)
        await at.settle()
        assert at.text().splitlines()[2] == whole
