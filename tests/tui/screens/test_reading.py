"""Scrolling and finding in a text."""

from __future__ import annotations

import pytest

from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_finding(demo_log):
    async with scene(demo_log) as at:
        await at.press("j", "enter", "tab", "F")
        await at.paste("content")
        await at.press("enter")
        body = at.inspector.body
        hits = [row for row, line in enumerate(body.lines) if "content" in "".join(text for text, _ in line)]
        assert body.chosen == hits[0] and len(hits) > 1
        await at.press("n")
        assert body.chosen == hits[1]
        await at.press("N")
        assert body.chosen == hits[0]
        await at.press("F")
        await at.paste("zzz")
        await at.press("enter")
        assert "no zzz here" in [note.message for note in at.app._notifications]


async def test_nothing_was_found_yet(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter", "n")
        assert "nothing was found in this view; F finds a text" in [note.message for note in at.app._notifications]
