"""Going to a place by its letter."""

from __future__ import annotations

import pytest

from helicli.errors import NotFoundError
from helicli.tui.widgets.canvas import OneLine
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


async def test_no_letter_stands_on_what_is_not_seen(demo_log):
    async with scene(demo_log, filter="user:nobody") as at:
        await at.press("ctrl+o")
        assert [line[:3] for line in at.text().splitlines() if line[:3] in (" a ", " s ", " d ")] == [" a "]
        await at.press("a")
        assert at.requests.bar.has_class("typing")
        await at.press("escape", "escape", "backslash", "backslash", "ctrl+o")
        assert [line[:3] for line in at.text().splitlines() if line[:3] in (" a ", " s ", " d ")] == [" a ", " s "]


async def test_panels_have_letters_too(demo_log):
    async with scene(demo_log, screen="analytics", since="100d") as at:
        await at.press("ctrl+o", "f")
        board = at.app.screen.board
        assert board.picked is board.seen[2]
        await at.press("ctrl+o", "a")
        assert at.app.screen.bar.has_class("typing")


async def test_a_filter_that_is_left_half_typed_is_not_shown(demo_log):
    """Words are looked for when they were typed to their end: these never are."""
    async with scene(demo_log) as at:
        bar = at.requests.bar
        await at.press("slash")
        await at.paste('"password"')
        await at.press("ctrl+o", "s")
        assert (bar.value, bar.has_class("typing"), at.table.has_focus) == ("", False, True)
        await at.press("slash")
        await at.paste('"password"')
        await at.pilot.click("#peek", offset=(5, 3))
        await at.settle()
        assert (bar.value, bar.has_class("typing")) == ("", False)
        await at.press("2", "slash")
        bar = at.app.screen.bar
        await at.paste('"password"')
        await at.press("ctrl+o", "f")
        assert (bar.value, bar.has_class("typing"), at.app.screen.focused) == ("", False, None)


async def test_the_pane_of_a_call_that_has_gone_names_no_other(demo_log):
    async with scene(demo_log) as at:
        head = at.requests.query_one("#peekhead", OneLine)
        assert head.told
        at.requests.peek._gone(NotFoundError("call 2400 is no longer in the log", ""))
        assert not head.told
