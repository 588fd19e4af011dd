"""The panels: which are seen at which size, and what follows from what is picked."""

from __future__ import annotations

import pytest

from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.widgets.board import WIDE
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_what_is_seen_follows_the_width(demo_log):
    async with scene(demo_log, (WIDE, 36), screen="analytics") as at:
        assert isinstance(at.app.screen, AnalyticsScreen)
        board = at.app.screen.board
        assert len(board.seen) == 8
        for _ in range(5):
            board.next(1)
        assert board.picked.id == "plot-cache"
        await at.pilot.resize_terminal(WIDE - 1, 24)
        await at.settle()
        assert len(board.seen) == 6
        # What is not seen any more cannot be picked.
        assert board.picked is board.plots[0]
        widths = {panel.size.width for panel in board.seen}
        assert max(widths) - min(widths) <= 1
        assert board.widest == max(widths)


async def test_a_measure_or_a_row_is_picked(demo_log):
    async with scene(demo_log, screen="analytics", since="100d") as at:
        assert isinstance(at.app.screen, AnalyticsScreen)
        board = at.app.screen.board
        assert board.measure is not None and board.row is None
        board.pick(board.groups)
        assert board.measure is None and board.row is not None
        assert [panel for panel in board.panels if panel.picked] == [board.groups]
