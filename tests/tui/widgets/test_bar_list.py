"""Lists of figures: the cursor stays on its row, bars are as long as they should be."""

from __future__ import annotations

import pytest

from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.widgets.bar_list import BarList, Row
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


def rows(*amounts: int) -> list[Row]:
    return [Row(f"name {amount}", str(amount), amount, "first", amount) for amount in amounts]


def test_the_cursor_follows_its_row():
    told = BarList("list")
    told.show("calls", "6", rows(3, 2, 1))
    told.move(1)
    told.show("calls", "12", rows(9, 3, 2, 1))
    assert told.row is not None and told.row.key == 2
    told.move(0)
    told.show("calls", "20", rows(8, 9, 3))
    # Whoever looks at the top looks at whatever is there.
    assert told.cursor == 0
    told.show("calls", "0", [])
    assert told.row is None and len(told) == 0


async def test_bars_and_shares(demo_log):
    async with scene(demo_log, (80, 24), screen="analytics") as at:
        assert isinstance(at.app.screen, AnalyticsScreen)
        groups = at.app.screen.board.groups
        groups.show("calls", "100", rows(75, 25, 0))
        lines = ["".join(text for text, _ in groups.body(row)[0]) for row in range(3)]
        assert [line.rstrip()[-4:].strip() for line in lines] == ["75%", "25%", "0%"]
        full = [line.count("█") for line in lines]
        assert full[0] > 0 and full[1] == pytest.approx(full[0] / 3, abs=1) and full[2] == 0
        assert len({len(line) for line in lines}) == 1 and len(lines[0]) <= groups.size.width


async def test_nothing_is_said_in_words(demo_log):
    async with scene(demo_log, screen="analytics") as at:
        assert isinstance(at.app.screen, AnalyticsScreen)
        groups = at.app.screen.board.groups
        groups.show("errors", "0", [], nothing="no call failed")
        assert "no call failed" in groups.render_line(1).text
        assert not groups.render_line(2).text.strip()
