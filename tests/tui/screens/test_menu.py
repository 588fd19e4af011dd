"""What is asked in front of a screen."""

from __future__ import annotations

import re

import pytest

from helicli.tui.screens.menu import Ask, Choice, Item, Menu
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio

ITEMS = [Item("first", "one", "a", "told of it"), Item("second", "\x1b[2Jtwo", "b"), Item("third", "three", "c")]


@pytest.mark.parametrize(
    ("pressed", "answer"),
    [
        (["b"], "second"),
        (["j", "enter"], "second"),
        (["down", "down", "enter"], "third"),
        (["down", "k", "enter"], "first"),
        (["up", "enter"], "first"),
        (["escape"], None),
    ],
)
async def test_one_of_several(demo_log, pressed, answer):
    got = []
    async with scene(demo_log) as at:
        at.app.push_screen(Menu("choose", ITEMS), got.append)
        await at.settle()
        assert "\x1b" not in at.text() and "told of it" in at.text()
        await at.press(*pressed)
        assert got == [answer]


async def test_narrowed_by_typing(demo_log):
    got = []
    async with scene(demo_log) as at:
        at.app.push_screen(Menu("choose", ITEMS, typing=True), got.append)
        await at.settle()
        await at.type("thr")
        await at.press("enter")
        assert got == ["third"]


async def test_by_the_mouse(demo_log):
    got = []
    async with scene(demo_log) as at:
        at.app.push_screen(Menu("choose", ITEMS), got.append)
        await at.settle()
        await at.pilot.click("_Items", offset=(5, 2))
        await at.settle()
        assert got == ["third"]


async def test_some_of_several(demo_log):
    got = []
    async with scene(demo_log) as at:
        at.app.push_screen(Choice("choose", ITEMS, ["first"]), got.append)
        await at.settle()
        await at.press("space", "down", "down", "space", "enter")
        assert got == ["third"]


async def test_a_line_of_text(demo_log):
    got = []
    async with scene(demo_log) as at:
        at.app.push_screen(Ask("name"), got.append)
        await at.settle()
        await at.type("abc")
        await at.press("enter")
        at.app.push_screen(Ask("name"), got.append)
        await at.settle()
        await at.press("escape")
        assert got == ["abc", None]


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
