"""What is asked in front of a screen."""

from __future__ import annotations

import re

import pytest

from helicli.tui.screens.menu import Ask, Choice, Item, Menu
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio

ITEMS = [Item("first", "one", "a", "told of it"), Item("second", "\x1b[2Jtwo", "b"), Item("third", "three", "c")]


async def test_what_is_answered(demo_log):
    """One app for all ways to choose."""
    got = []
    async with scene(demo_log) as at:

        async def asked(menu, *pressed):
            at.app.push_screen(menu, got.append)
            await at.settle()
            assert "\x1b" not in at.text()
            await at.press(*pressed)
            return got.pop()

        for pressed, answer in (
            (["b"], "second"),
            (["j", "enter"], "second"),
            (["down", "down", "enter"], "third"),
            (["down", "k", "enter"], "first"),
            (["up", "enter"], "first"),
            (["escape"], None),
        ):
            assert await asked(Menu("choose", ITEMS), *pressed) == answer, pressed
        # Narrowed by typing; some of several; a line of text.
        assert await asked(Menu("choose", ITEMS, typing=True), "t", "h", "r", "enter") == "third"
        assert await asked(Choice("choose", ITEMS, ["first"]), "space", "down", "down", "space", "enter") == "third"
        assert await asked(Ask("name"), "a", "b", "c", "enter") == "abc"
        assert await asked(Ask("name"), "escape") is None
        # By the mouse.
        at.app.push_screen(Menu("choose", ITEMS), got.append)
        await at.settle()
        assert "told of it" in at.text()
        await at.pilot.click("_Items", offset=(5, 2))
        await at.settle()
        assert got == ["third"]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (50, 15)])
async def test_what_does_not_fit_ends_with_a_sign(demo_log, size):
    items = [Item("first", "one", "a", "it is told of at length " * 9), Item("second", "long name " * 5, "b")]
    async with scene(demo_log, size) as at:
        at.app.push_screen(Menu("choose", items), lambda _: None)
        await at.settle()
        row = next(line for line in at.text().splitlines() if "it is told" in line)
        assert re.search(r"…\s*│", row) and "long name" in at.text()
        await at.press("escape")
        at.app.push_screen(Choice("choose", items, ["first"]), lambda _: None)
        await at.settle()
        assert re.search(r"it is told.*…\s*│", at.text())
