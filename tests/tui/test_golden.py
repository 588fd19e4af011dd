"""What every screen looks like, kept in files at 120×36 and at 80×24.

`pytest tests/tui/test_golden.py --update-goldens` writes them anew; read what has changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli.store.connect import open_writer
from tests.tui.scene import Scene, scene

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "golden"
SIZES = {"wide": (120, 36), "narrow": (80, 24)}


async def nothing(at: Scene) -> None:
    """The screen as it comes."""


def keys(*pressed: str):
    async def press(at: Scene) -> None:
        for key in pressed:
            await at.press(key)

    return press


async def typing_offers(at: Scene) -> None:
    await at.press("slash")
    await at.type("user:user-00")


async def typing_wrong(at: Scene) -> None:
    await at.press("slash")
    await at.type("usr:ada")


async def filtered(at: Scene) -> None:
    await at.press("slash")
    await at.type("status:error -cache:hit")
    await at.press("enter", "j")


async def no_match(at: Scene) -> None:
    await at.press("slash")
    await at.type("status:error is:cached")
    await at.press("enter")


async def differs(at: Scene) -> None:
    await at.press("x", "j", "enter", "d")


CASES = {
    "requests": nothing,
    "requests-beside": keys("backslash"),
    "requests-alone": keys("backslash", "backslash"),
    "requests-offers": typing_offers,
    "requests-wrong": typing_wrong,
    "requests-filtered": filtered,
    "requests-no-match": no_match,
    "requests-marked": keys("x", "x", "X"),
    "requests-sort": keys("greater_than_sign"),
    "requests-columns": keys("c"),
    "requests-copy": keys("y"),
    "requests-palette": keys("colon"),
    "requests-help": keys("question_mark"),
    "call": keys("j", "enter"),
    "call-request": keys("enter", "tab"),
    "call-response": keys("enter", "tab", "tab"),
    "call-headers": keys("enter", "tab", "tab", "tab"),
    "call-raw": keys("enter", "tab", "tab", "tab", "tab"),
    "call-figures": keys("enter", "shift+tab"),
    "call-diff": differs,
    "call-help": keys("enter", "question_mark"),
}


def check(request, name: str, text: str) -> None:
    file = FOLDER / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
async def test_a_screen(request, demo_log, name, size):
    async with scene(demo_log, SIZES[size]) as at:
        await CASES[name](at)
        check(request, f"{name}-{size}", at.text())


async def test_a_screen_in_ascii(request, demo_log):
    async with scene(demo_log, symbols="ascii") as at:
        await at.press("x")
        text = at.text()
        check(request, "requests-ascii", text)
        await at.press("enter")
        check(request, "call-ascii", at.text())


@pytest.mark.parametrize("size", SIZES)
async def test_no_database(request, tmp_path, monkeypatch, size):
    monkeypatch.chdir(tmp_path)
    async with scene(Path("none.db"), SIZES[size]) as at:
        check(request, f"no-database-{size}", at.text())


async def test_no_call(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_writer(Path("empty.db")).close()
    async with scene(Path("empty.db"), SIZES["wide"]) as at:
        check(request, "no-call", at.text())
