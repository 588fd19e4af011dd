"""Analytics as it looks, and what each of its keys does."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from helicli.demo.bulk import build
from helicli.query.growth import Extent
from helicli.store.connect import open_writer
from helicli.tui import keys
from helicli.tui.screens.analytics import AnalyticsScreen
from helicli.tui.widgets.bar_list import BarList
from tests.cli.conftest import Console
from tests.tui.scene import UNTIL_MS, Scene, scene
from tests.tui.test_golden import SIZES, check
from tests.tui.test_golden import keys as pressing

pytestmark = pytest.mark.anyio


def on(database: Path, size: tuple[int, int] = (120, 36), **given):
    return scene(database, size, screen="analytics", **given)


def screen(at: Scene) -> AnalyticsScreen:
    assert isinstance(at.app.screen, AnalyticsScreen)
    return at.app.screen


def total(at: Scene) -> int:
    course = screen(at).figures.course
    assert course is not None
    return course.total.calls


async def filtered(at: Scene) -> None:
    await at.press("slash")
    await at.type("status:error")
    await at.press("enter")


async def filtered_away(at: Scene) -> None:
    await at.press("slash")
    await at.type("user:nobody")
    await at.press("enter")


CASES = {
    "analytics": pressing(),
    "analytics-week": pressing("t"),
    "analytics-all": pressing("t", "t", "t"),
    "analytics-pointed": pressing("t", "h", "h", "h"),
    "analytics-zoom": pressing("t", "tab", "z"),
    "analytics-groups": pressing("t", "t", "shift+tab", "shift+tab", "z", "j"),
    "analytics-by-feature": pressing("t", "t", "b", "3", "shift+tab"),
    "analytics-panned": pressing("left_square_bracket"),
    "analytics-filtered": filtered,
    "analytics-no-match": filtered_away,
    "analytics-copy": pressing("y"),
    "analytics-help": pressing("question_mark"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
async def test_the_screen(request, demo_log, name, size):
    async with on(demo_log, SIZES[size]) as at:
        await CASES[name](at)
        check(request, f"{name}-{size}", at.text())


@pytest.mark.parametrize("symbols", ["block", "ascii"])
async def test_the_screen_in_other_signs(request, demo_log, symbols):
    async with on(demo_log, symbols=symbols) as at:
        await at.press("t", "h", "h")
        text = at.text()
        check(request, f"analytics-{symbols}", text)
        assert text.isascii() is (symbols == "ascii")


async def test_one_call(request, tmp_path):
    build(tmp_path / "one.db", 1, 7, UNTIL_MS, lambda share: None)
    async with on(tmp_path / "one.db") as at:
        await at.press("t", "t", "t")
        assert total(at) == 1
        check(request, "analytics-one-call", at.text())


@pytest.mark.parametrize("name", ["none", "empty"])
async def test_no_log_and_no_call(request, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    if name == "empty":
        open_writer(Path("empty.db")).close()
    async with on(Path(f"{name}.db"), SIZES["narrow"]) as at:
        check(request, f"analytics-{name}", at.text())
        # No key does harm where there is nothing.
        for action in (*keys.bindings_of(keys.ANALYTICS), *keys.bindings_of(keys.LISTS)):
            await at.press(action.keys[0])
            if action.id == "group-by":
                await at.press("escape")


async def test_panels_are_picked_in_their_order(demo_log):
    async with on(demo_log) as at:
        board = screen(at).board
        order = []
        for _ in range(8):
            order.append(board.picked.id)
            await at.press("tab")
        assert order == [panel.id for panel in board.panels]
        assert board.picked is board.panels[0]
        await at.press("shift+tab")
        assert board.picked is board.failures


async def test_down_and_up_lead_to_the_panels_below_and_above(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "t")
        board = screen(at).board
        await at.press("j")
        assert board.picked.id == "plot-errors"
        await at.press("j")
        assert board.picked is board.groups
        await at.press("j", "j")
        assert board.groups.cursor == 2
        await at.press("k", "k", "k")
        assert board.picked.id == "plot-errors"


async def test_a_list_is_moved_in_as_any_list(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "t", "b", "u", "shift+tab", "shift+tab")
        groups = screen(at).board.groups
        assert len(groups) > 40
        await at.press("G")
        assert groups.cursor == len(groups) - 1
        await at.press("pageup")
        assert groups.cursor == len(groups) - 1 - groups.page
        await at.press("g", "pagedown")
        assert groups.cursor == groups.page
        await at.press("ctrl+u")
        assert 0 < groups.cursor < groups.page
        await at.press("g", "ctrl+d")
        assert groups.cursor == round(groups.page / 2)
        await at.press("l")
        assert screen(at).board.picked is screen(at).board.failures
        await at.press("h")
        assert screen(at).board.picked is groups


async def test_all_plots_point_at_one_stretch_of_time(demo_log):
    async with on(demo_log) as at:
        await at.press("t")
        board = screen(at).board
        count = board.plots[0].count
        await at.press("h")
        assert {plot.cursor for plot in board.plots} == {count - 1}
        await at.press("h", "h", "l")
        assert board.cursor == count - 2
        await at.press("g")
        assert board.cursor == 0
        await at.press("G", "l")
        assert board.cursor == count - 1
        await at.press("pageup")
        assert board.cursor == count - 1 - round(count / 4)
        await at.press("escape")
        assert board.cursor == -1


async def test_enter_shows_the_calls_of_a_stretch(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "h", "h", "h")
        course = screen(at).figures.course
        many = course.totals[screen(at).board.cursor].calls
        await at.press("enter")
        assert at.requests is at.app.screen
        assert len(at.calls) == many
        assert at.requests.text.startswith("created_at:")


async def test_enter_shows_the_calls_of_a_row(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "shift+tab", "shift+tab", "j")
        row = screen(at).board.row
        assert row is not None
        await at.press("enter")
        assert at.requests.text == f"model:{row.name}" and at.requests.since == "30d"
        assert f"{len(at.calls):,}" == row.more[0]


async def test_enter_shows_the_calls_that_failed(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "t", "shift+tab")
        row = screen(at).board.row
        assert row is not None
        await at.press("enter")
        assert len(at.calls) == row.amount


async def test_the_window_is_turned_and_moved(demo_log):
    async with on(demo_log) as at:
        assert screen(at).look.since == "24h"
        await at.press("left_square_bracket")
        look = screen(at).look
        assert not look.is_live
        await at.press("left_square_bracket", "right_square_bracket")
        assert screen(at).look == look
        await at.press("right_square_bracket")
        assert screen(at).look.is_live
        await at.press("left_square_bracket", "escape")
        assert screen(at).look.is_live
        await at.press("t")
        assert screen(at).look.since == "7d"
        await at.press("t", "t", "left_square_bracket")
        assert screen(at).look.is_live and screen(at).look.since == "all"


async def test_calls_are_grouped_by_what_is_chosen(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "b", "u")
        groups = screen(at).figures.groups
        assert groups is not None and groups.group.name == "user"
        assert "cost by user" in at.text()
        await at.press("b", "escape")
        assert screen(at).group.name == "user"
        await at.press("b", "3")
        assert "cost by feature" in at.text()


async def test_another_figure_in_the_picked_panel(demo_log):
    async with on(demo_log, (80, 24)) as at:
        await at.press("M")
        assert screen(at).board.plots[0].measure.name == "latency"
        for _ in range(6):
            await at.press("M")
        assert screen(at).board.plots[0].measure.name == "calls"
        await at.press("shift+tab", "shift+tab", "M")
        assert "calls by model" in at.text()


async def test_one_panel_alone_and_all_again(demo_log):
    async with on(demo_log) as at:
        await at.press("z")
        board = screen(at).board
        assert [panel.id for panel in board.seen] == ["plot-calls"]
        fine = len(screen(at).figures.course.begins)
        await at.press("tab")
        assert [panel.id for panel in board.seen] == ["plot-latency"]
        await at.press("z")
        assert len(board.seen) == 8
        assert len(screen(at).figures.course.begins) < fine
        await at.press("z", "escape")
        assert len(board.seen) == 8


async def test_a_filter_is_typed_and_taken_away(demo_log):
    async with on(demo_log) as at:
        await at.press("t", "t", "t")
        whole = total(at)
        await filtered(at)
        assert 0 < total(at) < whole
        assert screen(at).look.typed == "status:error"
        await at.press("j")
        assert screen(at).look.typed == "status:error"
        await at.press("escape")
        assert total(at) == whole


async def test_a_paused_screen_asks_nothing(demo_log):
    async with on(demo_log) as at:
        await at.press("space")
        assert screen(at).figures.holds and "paused" in at.text()
        await at.press("space")
        assert not screen(at).figures.holds


async def test_nobody_asks_for_a_screen_that_is_not_seen(demo_log):
    async with on(demo_log) as at:
        figures = screen(at).figures
        await at.press("1")
        assert figures.holds
        await at.press("2")
        assert not figures.holds


async def test_commands_that_are_copied_tell_the_same(demo_log):
    async with on(demo_log, filter="-cache:hit") as at:
        await at.press("t", "left_square_bracket")
        course, groups = screen(at).figures.course, screen(at).figures.groups
        assert course is not None and groups is not None
        commands = [item.value for item in screen(at).copies()]
    stats, over_time, costs, calls = (shlex.split(command)[1:] for command in commands)
    console = Console(demo_log)
    told = json.loads(console(*stats, "--json").out)
    assert (told["calls"], told["errors"]) == (course.total.calls, course.total.errors)
    told = json.loads(console(*over_time, "--json").out)
    assert [row["calls"] for row in told] == [each.calls for each in course.totals if each.calls]
    told = json.loads(console(*costs, "--json").out)
    assert {row["model"]: row["calls"] for row in told} == {name: each.calls for name, each in groups.rows}
    assert len(json.loads(console(*calls, "-n", "0", "--json").out)) == course.total.calls


async def test_a_click_picks_and_two_open(demo_log):
    async with on(demo_log) as at:
        await at.press("t")
        board = screen(at).board
        await at.pilot.click("#plot-latency", offset=(20, 4))
        await at.settle()
        assert board.picked.id == "plot-latency" and board.cursor >= 0
        await at.pilot.click("#groups", offset=(5, 2))
        await at.settle()
        assert isinstance(board.picked, BarList) and board.groups.cursor == 1
        await at.pilot.click("#groups", offset=(5, 2), times=2)
        await at.settle()
        assert at.app.screen is at.requests


async def test_the_size_of_the_terminal_changes(demo_log):
    async with on(demo_log) as at:
        for size in ((200, 60), (80, 24), (40, 10), (20, 5), (120, 36)):
            await at.pilot.resize_terminal(*size)
            await at.settle()
        assert len(screen(at).board.seen) == 8
        await at.pilot.resize_terminal(80, 24)
        await at.settle()
        assert len(screen(at).board.seen) == 6


async def test_a_log_that_comes_and_grows(tmp_path):
    path = tmp_path / "late.db"
    async with on(path, since="100d") as at:
        assert "There is no log yet" in at.text()
        build(tmp_path / "made.db", 40, 7, UNTIL_MS, lambda share: None)
        (tmp_path / "made.db").replace(path)
        await at.until(lambda: screen(at).figures.course is not None and total(at) > 0)
        await at.settle()
        assert screen(at).board.display


async def test_a_log_that_cannot_be_read_any_more_is_told(demo_log):
    async with on(demo_log) as at:
        from helicli.errors import DatabaseError

        screen(at).grown(Extent(trouble=DatabaseError("cannot read it", "helicli db check")))
        await at.settle()
        assert "cannot read it" in at.text() and "helicli db check" in at.text()


async def test_hostile_names_are_shown_as_dots(tmp_path):
    from tests.query.logs import T0, call, write

    assert T0 > UNTIL_MS
    hostile = "\x1b[2J[red]\u202eevil\u200b名前"
    write(tmp_path / "h.db", call(1, at=UNTIL_MS - 60_000, user=hostile, model=hostile, requested_model=hostile))
    async with on(tmp_path / "h.db") as at:
        for key in ("m", "u"):
            await at.press("b", key)
            text = at.text()
            assert "·[2J[red]·evil·名前" in text
            assert not any(sign in text for sign in "\x1b\u202e\u200b")
        lines = [strip.cell_length for strip in at.app.screen._compositor.render_strips()]
        assert set(lines) == {120}


def test_every_action_has_its_method():
    for action in (*keys.bindings_of(keys.ANALYTICS), *keys.bindings_of(keys.LISTS)):
        assert hasattr(AnalyticsScreen, f"action_{action.method}")
