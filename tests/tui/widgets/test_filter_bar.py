"""Typing a filter: offers, history, mistakes, what is asked when."""

from __future__ import annotations

import pytest

from helicli.tui.widgets.canvas import OneLine
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


def below(at) -> str:
    return "".join(text for text, _ in at.requests.query_one("#below", OneLine).told)


async def test_offers_of_fields_and_of_values(demo_log):
    async with scene(demo_log) as at:
        await at.press("slash")
        assert below(at).split()[:3] == ["user:", "session:", "model:"]
        await at.type("mo")
        assert below(at).split() == ["model:"]
        await at.press("tab")
        assert at.requests.bar.value == "model:"
        # Where there is nothing else to go on with, the next tab is about what follows.
        await at.press("tab")
        await at.until(lambda: "gpt-4o" in below(at))
        await at.press("tab", "ctrl+u")
        await at.paste("model:")
        await at.paste("claude-o")
        await at.until(lambda: "claude-opus-4-20250514" in below(at))
        await at.press("tab")
        assert at.requests.bar.value == "model:claude-opus-4-20250514 "


async def test_tab_goes_round_the_offers(demo_log):
    async with scene(demo_log) as at:
        await at.press("slash")
        await at.paste("cache:")
        seen = []
        for _ in range(4):
            await at.press("tab")
            seen.append(at.requests.bar.value.strip())
        assert seen == ["cache:hit", "cache:miss", "cache:semantic", "cache:hit"]
        await at.press("shift+tab")
        assert at.requests.bar.value.strip() == "cache:semantic"


async def test_a_mistake_is_pointed_at_and_not_asked(demo_log):
    async with scene(demo_log) as at:
        await at.press("slash")
        await at.paste("status:error usr:ada")
        text = at.text().splitlines()
        assert text[2].index("^^^") == text[1].index("usr")
        assert 'did you mean "user"?' in text[2]
        await at.press("enter")
        assert at.requests.bar.has_class("typing")
        assert at.requests.text in ("", "status:error")
        await at.press("escape")
        assert at.requests.text == ""


async def test_history(demo_log, tmp_path):
    file = tmp_path / "history"
    async with scene(demo_log, history=file) as at:
        for text in ("status:error", "is:stream"):
            await at.press("slash", "ctrl+u")
            await at.paste(text)
            await at.press("enter")
        assert file.read_text() == "status:error\nis:stream\n"
    async with scene(demo_log, history=file) as at:
        await at.press("slash", "up")
        assert at.requests.bar.value == "is:stream"
        await at.press("up")
        assert at.requests.bar.value == "status:error"
        await at.press("down")
        assert at.requests.bar.value == "is:stream"
        await at.press("down")
        assert at.requests.bar.value == ""


async def test_letters_are_typed_not_done(demo_log):
    async with scene(demo_log) as at:
        await at.press("slash")
        await at.type("q2:?fx ")
        assert at.requests.bar.value == "q2:?fx "
        assert at.app.screen is at.requests and set(at.app.marks) == set()
