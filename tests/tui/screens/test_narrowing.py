"""The keys that narrow a list to what a call has."""

from __future__ import annotations

import pytest

from tests.tui.known import call, newest
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_narrowing_to_what_is_under_the_cursor(demo_log):
    asked = call(demo_log, 2400)
    async with scene(demo_log) as at:
        for pressed, field in (
            ("u", "user"),
            ("m", "model"),
            ("p", "name"),
            ("U", "user"),
            ("M", "model"),
            ("P", "name"),
        ):
            value = asked.requested_model if field == "model" else getattr(asked, field)
            sign = "-" if pressed.isupper() else ""
            await at.press(pressed)
            text = f"{sign}{field}:{value}"
            assert at.requests.text == text == at.requests.bar.value
            wanted = newest(demo_log, text)
            assert [at.calls.rows.seq(row) for row in range(len(at.calls))] == wanted
            assert f" {len(wanted):,} of 2,400\n" in at.text()
            await at.press("escape")
            assert (at.requests.text, len(at.calls)) == ("", 2400)


async def test_the_cursor_stays_at_its_call_where_a_list_is_narrowed_and_widened(demo_log):
    async with scene(demo_log) as at:
        await at.press("e", "e", "e")
        seq = at.table.seq
        assert seq == newest(demo_log, "status:error")[2]
        for pressed in ("u", "escape", "m", "escape"):
            await at.press(pressed)
            assert at.table.seq == seq, pressed
        await at.press("M")
        assert at.table.seq == newest(demo_log, at.requests.text)[0] == 2400
        await at.press("escape")
        assert at.table.cursor == 0
        await at.press("greater_than_sign", "1", "G", "k", "escape")
        assert at.calls.order is None and at.table.seq == at.calls.rows.seq(at.table.cursor) != 2400
        top = round(at.table.scroll_y)
        assert top <= at.table.cursor < top + at.table.page
        # What is typed is another question: its answers are seen from the first.
        await at.press("slash")
        await at.paste("status:ok")
        await at.press("enter")
        assert at.table.cursor == 0


async def test_narrowing_a_narrowed_list(demo_log):
    async with scene(demo_log, filter="status:error or is:cached") as at:
        await at.press("m")
        model = call(demo_log, newest(demo_log, "status:error or is:cached")[0]).requested_model
        assert at.requests.text == f"(status:error or is:cached) model:{model}"
        assert len(at.calls) == len(newest(demo_log, at.requests.text))
