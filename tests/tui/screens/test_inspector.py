"""One call, driven by its keys."""

from __future__ import annotations

from threading import Event

import pytest

from helicli.query.reading import opened
from helicli.query.wire import wire
from tests.tui.known import call, newest
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


async def test_walking_the_list(demo_log):
    wanted = newest(demo_log, "status:error")
    async with scene(demo_log, filter="status:error") as at:
        await at.press("enter")
        for pressed, seq in (("l", 1), ("right", 2), ("h", 1), ("left", 0), ("h", 0)):
            await at.press(pressed)
            assert at.inspector.seq == wanted[seq]
            assert f" {wanted[seq]} " in at.text().splitlines()[0]
            assert f"{seq + 1} of {len(wanted)}" in at.text()
        await at.press("l", "q")
        assert at.table.seq == wanted[1]


async def test_walking_the_session(demo_log):
    session = call(demo_log, 2057).session
    wanted = newest(demo_log, f"session:{session}")
    assert len(wanted) > 2
    async with scene(demo_log) as at:
        at.table.go(wanted[0])
        await at.press("enter", "o")
        assert at.inspector.seq == wanted[1]
        await at.press("o")
        assert at.inspector.seq == wanted[2]
        await at.press("O")
        assert at.inspector.seq == wanted[1]


async def test_the_views(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter")
        seen = [at.inspector.view]
        for _ in range(4):
            await at.press("tab")
            seen.append(at.inspector.view)
        assert seen == ["chat", "request", "response", "headers", "raw"]
        await at.press("tab")
        assert at.inspector.view == "chat"
        await at.press("shift+tab")
        assert at.inspector.view == "raw"
        with opened(demo_log) as db:
            sides = wire(db, 2400)
        assert "".join(sides.request.body.decode().split()) in "".join(at.view().split())


async def test_figures_are_a_view_where_there_is_no_room_beside(demo_log):
    async with scene(demo_log, (80, 24)) as at:
        await at.press("enter", "shift+tab")
        assert at.inspector.view == "figures"
        assert "timing" in at.view() and "total" in at.view()
        await at.pilot.resize_terminal(140, 30)
        await at.settle()
        assert at.inspector.view == "chat"
        assert "timing" in at.text()


async def test_scrolling_and_folding(demo_log):
    async with scene(demo_log, (80, 12)) as at:
        at.table.go(2397)
        await at.press("enter")
        body = at.inspector.body
        folded = len(body.lines)
        assert "lines more" in at.view()
        await at.press("enter")
        assert len(body.lines) > folded and "lines more" not in at.view()
        for pressed, held in (("j", 1), ("down", 2), ("k", 1), ("up", 0), ("pagedown", 8), ("pageup", 0)):
            await at.press(pressed)
            assert round(body.scroll_y) == held, pressed
        await at.press("G")
        assert round(body.scroll_y) == len(body.lines) - body.size.height
        await at.press("g")
        assert round(body.scroll_y) == 0
        wrapped = len(body.lines)
        await at.press("w")
        assert len(body.lines) < wrapped
        await at.press("enter")


async def test_what_differs_from_the_marked_call(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter", "d")
        assert at.inspector.view == "chat"
        await at.press("x", "l", "d")
        assert at.inspector.view == "diff"
        assert "- call 2400" in at.view() and "+ call 2399" in at.view()
        await at.press("escape", "escape", "x", "x", "X", "d")
        assert at.inspector.view == "diff"


async def test_the_marked_call_is_unmarked(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter", "x")
        assert 2400 in at.app.marks and "marked" in at.text()
        await at.press("x")
        assert not at.app.marks


async def test_from_a_call_to_the_filter(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter", "slash")
        await at.until(lambda: at.app.screen is at.requests and at.requests.bar.has_class("typing"))


async def test_copies(demo_log):
    async with scene(demo_log) as at:
        await at.press("j", "enter", "y", "s")
        assert at.app.clipboard == "helicli show 2399"
        at.app.copy("a\x1b[201~\n\tb\x9d")
        assert at.app.clipboard == "a[201~\n\tb"


@pytest.mark.parametrize(("pressed", "which"), [("v", "pager"), ("E", "editor")])
async def test_what_no_program_can_be_had_for(demo_log, pressed, which):
    async with scene(demo_log, **{which: ("/no/such/program",)}) as at:
        await at.press("enter", pressed)
        told = [note.message for note in at.app._notifications]
        assert told and "cannot be" in told[0]


async def test_walking_goes_by_the_call_however_many_come(growing):
    """Opened at the top, where the list follows what comes."""
    path, writer = growing
    async with scene(path) as at:
        await at.press("enter")
        assert (at.inspector.seq, "1 of 40" in at.text()) == (40, True)
        writer.add(41, 42, 43)
        await at.until(lambda: "4 of 43" in at.text())
        await at.press("l")
        assert at.inspector.seq == 39 and "5 of 43" in at.text()
        await at.press("h", "h")
        assert at.inspector.seq == 41
        await at.press("escape")
        assert at.table.seq == 41
        await at.press("f")
        writer.add(44)
        await at.until(lambda: at.table.seq == 44)


async def test_what_is_everywhere_is_done_from_a_call_too(growing):
    path, writer = growing
    async with scene(path) as at:
        await at.press("enter", "space")
        assert "‖ paused" in at.text()
        writer.add(41)
        await at.until(lambda: at.calls.waiting == 1)
        assert len(at.calls) == 40
        await at.press("space")
        await at.until(lambda: len(at.calls) == 41)
        await at.press("ctrl+o")
        views = at.text().splitlines()[1]
        assert views.startswith(" a hat  s equest  d esponse  f eaders  g aw")
        await at.press("f")
        assert at.inspector.view == "headers"
        await at.press("t")
        assert at.app.screen is at.requests and at.requests.since == "1h"


async def test_left_before_an_answer_and_the_pane_still_has_the_keys(growing):
    path, writer = growing
    writer.add(41, 42, session="chat")
    go_on = Event()

    def slow(log):
        go_on.wait(30)
        yield None

    async with scene(path) as at:
        await at.until(lambda: at.table.seq == 42)
        await at.press("ctrl+o", "d", "enter")
        assert at.inspector.seq == 42
        at.app.feed.ask("sums", "slow", slow, str, str)
        at.send("o")
        at.send("escape")
        await at.until(lambda: at.app.screen is at.requests)
        go_on.set()
        await at.settle()
        assert at.requests.peek.has_keys and not at.table.follow
