"""Lines that are scrolled."""

from __future__ import annotations

import pytest
from textual.app import App

from helicli.tui.widgets.lines_view import LinesView

pytestmark = pytest.mark.anyio


class Shown(App[None]):
    def compose(self):
        yield LinesView()


async def test_scrolling_and_finding():
    async with Shown().run_test(size=(20, 10)) as pilot:
        view = pilot.app.query_one(LinesView)
        view.show([[(f"line {number}", ""), (" abcdefghij" * 4, "")] for number in range(100)])
        await pilot.pause()
        view.by(5)
        assert view.render_line(0).text.startswith("line 5")
        view.by_pages(1)
        assert round(view.scroll_y) > 10
        view.to_end()
        await pilot.pause()
        assert view.find("LINE 4") == 11
        view.next_hit(1)
        assert view.chosen == 40
        view.next_hit(-1)
        assert view.chosen == 4
        view.aside(3)
        assert view.render_line(4 - round(view.scroll_y)).text.startswith("e 4")
        assert view.find("nothing") == 0
        view.show([])
        assert view.render_line(0).text.strip() == ""
