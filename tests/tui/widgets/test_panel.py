"""Panels and their titles."""

from __future__ import annotations

import pytest

from helicli.tui.widgets.panel import Panel
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_a_title_is_as_wide_as_its_panel_and_its_figure_is_never_cut(demo_log):
    async with scene(demo_log, screen="analytics", since="100d") as at:
        for width in (120, 111, 97, 80, 62):
            await at.pilot.resize_terminal(width, 36)
            await at.settle()
            for panel in at.app.screen.query(Panel):
                if panel.display:
                    title = panel.render_line(0)
                    assert title.cell_length == panel.size.width
                    _, right = panel.title(panel.size.width - 3)
                    assert title.text.rstrip().endswith(right[-1][0].rstrip())
