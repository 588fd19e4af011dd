"""The app as a whole: what keys mean everywhere, and what becomes of it when the log is not what it was."""

from __future__ import annotations

import asyncio
import sqlite3
from uuid import UUID

import pytest

from helicli.errors import UsageError
from helicli.tui.app import HelicliApp
from helicli.tui.feed import Feed
from helicli.tui.keys import ACTIONS, ANALYTICS, CALL, EVERYWHERE, REQUESTS, of_screen
from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.screens.help import HelpScreen
from helicli.tui.screens.inspector import InspectorScreen
from helicli.tui.screens.requests import RequestsScreen
from helicli.tui.setup import Setup
from tests.query import logs
from tests.tui.known import call
from tests.tui.scene import scene
from tests.tui.writing import Writer

pytestmark = pytest.mark.anyio


async def test_new_calls_come_to_the_top_and_the_cursor_follows(growing):
    path, writer = growing
    async with scene(path) as at:
        assert at.table.seq == 40
        writer.add(41, 42)
        await at.until(lambda: at.table.seq == 42 and at.calls.call(0))
        assert len(at.calls) == 42


async def test_a_cursor_that_was_moved_stays_where_it_is(growing):
    path, writer = growing
    async with scene(path, (100, 20)) as at:
        await at.press("j", "j")
        line = at.table.cursor - round(at.table.scroll_y)
        writer.add(41, 42, 43)
        await at.until(lambda: len(at.calls) == 43)
        assert at.table.seq == 38
        assert at.table.cursor - round(at.table.scroll_y) == line
        await at.until(lambda: "▲ 3 new" in at.text())
        await at.press("f")
        assert at.table.seq == 43 and "new" not in at.text()
        writer.add(44)
        await at.until(lambda: at.table.seq == 44)


async def test_what_is_copied_is_of_the_call_that_the_menu_was_opened_for(growing):
    path, writer = growing
    async with scene(path) as at:
        await at.press("y")
        writer.add(41)
        await at.until(lambda: at.table.seq == 41)
        await at.press("i")
        assert at.app.clipboard == str(UUID(bytes=call(path, 40).id))


async def test_paused_nothing_moves_until_it_goes_on(growing):
    path, writer = growing
    async with scene(path) as at:
        await at.press("space")
        writer.add(41, 42)
        await at.until(lambda: "paused · 2 new" in at.text())
        assert (at.table.seq, len(at.calls)) == (40, 40)
        await at.press("space")
        await at.until(lambda: at.table.seq == 42)
        assert "paused" not in at.text()


async def test_a_filtered_list_grows_by_what_it_chooses(growing):
    path, writer = growing
    async with scene(path, filter="user:linus") as at:
        assert "No call fulfils this" in at.text()
        writer.add(41, user="linus")
        writer.add(42)
        writer.add(43, user="linus")
        await at.until(lambda: [at.calls.rows.seq(row) for row in range(len(at.calls))] == [43, 41])
        await at.until(lambda: "No call fulfils this" not in at.text())


async def test_calls_that_are_pruned_under_the_cursor(growing):
    path, writer = growing
    async with scene(path, (100, 24)) as at:
        await at.press("j", "j", "j")
        assert at.table.seq == 37
        writer.remove("seq IN (36, 37)")
        await at.until(lambda: at.table.seq == 35 and len(at.calls) == 38)
        writer.remove("seq < 30")
        await at.until(lambda: len(at.calls) == 9)
        await at.press("G")
        assert at.table.seq == 30
        writer.remove("1")
        await at.until(lambda: "No call yet" in at.text())
        writer.add(50)
        await at.until(lambda: at.table.seq is not None and "No call yet" not in at.text())


async def test_a_call_that_is_pruned_while_it_is_looked_at(growing):
    path, writer = growing
    async with scene(path) as at:
        await at.press("j", "enter")
        writer.remove("seq = 38")
        await at.press("l")
        await at.until(lambda: "no longer in the log" in at.text() or at.inspector.seq == 37)
        await at.press("escape")
        await at.until(lambda: len(at.calls) == 39)


async def test_a_database_that_comes_later(tmp_path):
    path = tmp_path / "x.db"
    async with scene(path) as at:
        assert "There is no log yet" in at.text()
        logs.sample(path)
        await at.until(lambda: len(at.calls) == 5)
        await at.until(lambda: "There is no log yet" not in at.text())


async def test_a_database_that_goes_and_another_that_comes(growing, tmp_path):
    path, writer = growing
    async with scene(path) as at:
        writer.db.close()
        for file in tmp_path.glob("x.db*"):
            file.unlink()
        await at.until(lambda: at.calls.trouble is not None)
        assert "Traceback" not in at.text()
        other = Writer(tmp_path / "other.db")
        other.add(1, 2, 3)
        other.db.execute("PRAGMA journal_mode = delete")
        other.db.close()
        (tmp_path / "other.db").replace(path)
        await at.until(lambda: at.calls.trouble is None and len(at.calls) == 3)


@pytest.mark.parametrize("held", [b"this is no database at all, only text", b""])
async def test_a_file_that_is_no_database(tmp_path, held):
    path = tmp_path / "x.db"
    path.write_bytes(held)
    async with scene(path) as at:
        for key in ("j", "enter", "e", "s", "x", "X", "u", "y", "t", "space", "G", "c"):
            await at.press(key)
            await at.press("escape")
        assert "Traceback" not in at.text()


async def test_a_log_of_another_program(tmp_path):
    path = tmp_path / f"{'a-long-name-' * 8}.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    async with scene(path) as at:
        assert "is another program's database" in at.text()
        assert "--db other.db" in at.text()


async def test_the_engine_is_looked_for(growing):
    path, _ = growing
    found = [""]
    async with scene(path, engine=lambda: found[0]) as at:
        await at.until(lambda: "○ no engine" in at.text())
        found[0] = "http://127.0.0.1:8787"
        await at.until(lambda: "● live" in at.text())


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (200, 60), (1, 1), (80, 3)])
async def test_any_size(demo_log, size):
    async with scene(demo_log) as at:
        await at.pilot.resize_terminal(*size)
        await at.press("j", "enter")
        await at.press("tab")
        await at.press("question_mark")
        await at.press("escape")
        await at.press("escape")
        await at.pilot.resize_terminal(120, 36)
        await at.settle()
        assert at.table.seq == 2399
        assert "2,400 calls" in at.text()


SCREENS = {REQUESTS: RequestsScreen, CALL: InspectorScreen, ANALYTICS: AnalyticsScreen}


@pytest.mark.parametrize("screen", SCREENS)
def test_every_action_can_be_had_by_its_name(screen):
    """Keys, those at the bottom that are clicked, and the palette do the same: what is called so."""
    for action in of_screen(screen):
        assert hasattr(SCREENS[screen], f"action_{action.method}"), action.id


async def test_the_palette(demo_log):
    async with scene(demo_log, saved={"bad": "status:error"}) as at:
        await at.press("colon")
        await at.paste("filter @bad")
        await at.press("enter")
        await at.until(lambda: at.requests.text == "@bad")
        await at.press("ctrl+p")
        await at.paste("to the last")
        await at.press("enter")
        assert at.table.cursor == len(at.calls) - 1
        await at.press("colon")
        await at.paste("command for this list")
        await at.press("enter")
        assert at.app.clipboard == "helicli filter @bad --since all"
        await at.press("colon")
        await at.paste("theme nord")
        await at.press("enter")
        await at.until(lambda: at.app.theme == "nord")


async def test_help_and_back(demo_log):
    async with scene(demo_log) as at:
        for opens in ("question_mark", "f1"):
            await at.press(opens)
            assert isinstance(at.app.screen, HelpScreen)
            await at.press("q")
            assert at.app.screen is at.requests


@pytest.mark.parametrize("pressed", ["q", "ctrl+c"])
async def test_out(demo_log, pressed):
    async with scene(demo_log) as at:
        await at.pilot.press(pressed)
        await at.until(lambda: not at.app.is_running)


async def test_out_of_a_call_is_back(demo_log):
    async with scene(demo_log) as at:
        await at.press("enter", "q")
        assert at.app.is_running and at.app.screen is at.requests


async def test_screens_keep_what_they_show(demo_log):
    async with scene(demo_log) as at:
        await at.press("j", "j", "2")
        assert at.app.current_mode == "analytics"
        await at.press("1")
        assert at.app.current_mode == "requests" and at.table.seq == 2398


async def test_drilling(demo_log):
    async with scene(demo_log) as at:
        await at.press("2")
        at.app.drill("status:error", "all")
        await at.until(lambda: at.app.current_mode == "requests" and at.requests.text == "status:error")


async def test_themes(demo_log):
    async with scene(demo_log) as at:
        for _ in at.app.available_themes:
            before = at.app.theme
            await at.press("T")
            assert at.app.theme != before
        assert at.app.theme == "helicli"


async def test_without_colour_no_colour_is_drawn(demo_log):
    async with scene(demo_log, color=False) as at:
        await at.press("x")
        styles = [
            segment.style
            for strip in at.app.screen._compositor.render_strips()
            for each in (strip.apply_filter(f, at.app.screen.styles.background) for f in at.app.get_line_filters()[-1:])
            for segment in each
            if segment.style
        ]
        assert styles and all(style.color is None or style.color.is_default for style in styles)
        assert any(style.reverse for style in styles)


async def test_keys_of_the_settings(demo_log):
    async with scene(demo_log, keys={"down": "ctrl+n", "go-analytics": "9"}) as at:
        await at.press("j")
        assert at.table.seq == 2400
        await at.press("ctrl+n")
        assert at.table.seq == 2399
        await at.press("9")
        assert at.app.current_mode == "analytics"


def test_a_theme_there_is_none_of(tmp_path):
    feed = Feed(tmp_path / "x.db")
    try:
        with pytest.raises(UsageError) as caught:
            HelicliApp(Setup(database=tmp_path / "x.db", theme="nrod"), feed)
        assert "did you mean nord?" in caught.value.fix
    finally:
        feed.close()


async def test_it_is_told_that_the_first_screen_is_seen(demo_log):
    feed, told = Feed(demo_log), asyncio.Event()
    async with HelicliApp(Setup(database=demo_log), feed, started=told.set).run_test():
        await asyncio.wait_for(told.wait(), 30)


def test_what_is_everywhere_is_done_by_the_app():
    for action in ACTIONS:
        assert (action.scope == EVERYWHERE) == hasattr(HelicliApp, f"action_{action.method}"), action.id
