"""What every screen looks like, kept in files at 120×36 and at 80×24.

`pytest tests/tui/test_golden.py --update-goldens` writes them anew; read what has changed.
"""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import pytest

from helicli.store.connect import open_writer
from tests.tui.scene import Scene, scene

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "golden"
SIZES = {"wide": (120, 36), "narrow": (80, 24)}


class Case(NamedTuple):
    """A screen: what is typed as a filter, the keys that lead to it from there, and those that lead back."""

    name: str
    keys: tuple[str, ...] = ()
    back: tuple[str, ...] = ("escape",)
    typed: str = ""


LIST = (
    Case("requests", back=()),
    Case("requests-beside", ("backslash",), ("backslash", "backslash")),
    Case("requests-alone", ("backslash", "backslash"), ("backslash",)),
    Case("requests-offers", typed="user:user-00"),
    Case("requests-wrong", typed="usr:ada"),
    Case("requests-filtered", ("enter", "j"), ("escape", "g"), "status:error -cache:hit"),
    Case("requests-no-match", ("enter",), typed="status:error is:cached"),
    Case("requests-marked", ("x", "x", "X"), ("escape", "escape", "g")),
    Case("requests-sorted", ("greater_than_sign", "1")),
    Case("requests-sort", ("greater_than_sign",)),
    Case("requests-columns", ("c",)),
    Case("requests-copy", ("y",)),
    Case("requests-palette", ("colon",)),
    Case("requests-help", ("question_mark",)),
    Case("requests-jump", ("ctrl+o",)),
    Case("requests-zoom", ("ctrl+o", "d", "z")),
    Case("requests-figures", ("shift+tab",), ("tab",)),
)
CALL = (
    Case("call", ("j", "enter"), ("escape", "g")),
    Case("call-request", ("enter", "tab")),
    Case("call-response", ("enter", "tab", "tab")),
    Case("call-headers", ("enter", "tab", "tab", "tab")),
    Case("call-raw", ("enter", "tab", "tab", "tab", "tab")),
    Case("call-figures", ("enter", "shift+tab")),
    Case("call-diff", ("x", "enter", "d"), ("escape", "escape", "g")),
    Case("call-help", ("enter", "question_mark"), ("escape", "escape")),
    Case("call-jump", ("enter", "ctrl+o"), ("escape", "escape")),
)


def keys(*pressed: str):
    """Presses them, for the screens of another file."""

    async def press(at: Scene) -> None:
        await at.press(*pressed)

    return press


def differs(request, name: str, text: str) -> str:
    """What differs from what is kept; kept anew where that was asked for."""
    file = FOLDER / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        file.write_text(text)
    kept = file.read_text() if file.exists() else ""
    return "\n".join(unified_diff(kept.splitlines(), text.splitlines(), name, "now", lineterm=""))


def check(request, name: str, text: str) -> None:
    found = differs(request, name, text)
    assert not found, found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cases", [LIST, CALL], ids=["list", "call"])
async def test_the_screens(request, demo_log, cases, size):
    """One app for all of them: each is left as it was entered."""
    async with scene(demo_log, SIZES[size]) as at:
        begin, found = at.text(), []
        for case in cases:
            if case.typed:
                await at.press("slash")
                await at.paste(case.typed)
            await at.press(*case.keys)
            found.append(differs(request, f"{case.name}-{size}", at.text()))
            await at.press(*case.back)
            assert at.text() == begin, f"{case.name} is not left as it was entered"
    assert not any(found), "\n".join(found)


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
