"""The table of calls, driven by its keys: each does what help says."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from helicli.query.calls import by_seq, last_seq
from helicli.query.reading import opened
from tests.cli.conftest import Console
from tests.query import logs
from tests.tui.known import newest
from tests.tui.scene import scene
from tests.tui.writing import Writer

pytestmark = pytest.mark.anyio


async def test_moving(demo_log):
    async with scene(demo_log) as at:
        rows = at.table.page
        assert at.table.seq == 2400
        for pressed, seq in (
            ("j", 2399),
            ("down", 2398),
            ("k", 2399),
            ("up", 2400),
            ("k", 2400),
            ("ctrl+f", 2400 - rows),
            ("pagedown", 2400 - 2 * rows),
            ("pageup", 2400 - rows),
            ("ctrl+d", 2400 - rows - round(rows / 2)),
            ("ctrl+u", 2400 - rows),
            ("ctrl+b", 2400),
            ("G", 1),
            ("j", 1),
            ("g", 2400),
            ("end", 1),
            ("home", 2400),
        ):
            await at.press(pressed)
            assert at.table.seq == seq, pressed
            top = round(at.table.scroll_y)
            assert top <= at.table.cursor < top + rows
            assert all(at.calls.call(row) for row in range(top, min(top + rows, len(at.calls))))


async def test_back_gives_up_one_thing_after_another(demo_log):
    async with scene(demo_log) as at:
        await at.press("x", "greater_than_sign", "1", "m", "t")
        assert (at.requests.text, at.requests.since) != ("", "all")
        # The order stays where the filter and the time are others.
        assert at.calls.order is not None and "LATENCY▼" in at.text()
        await at.press("escape")
        assert (at.requests.text, at.calls.order is None, len(at.app.marks)) == ("", False, 1)
        await at.press("escape")
        assert (at.calls.order is None, len(at.app.marks)) == (True, 1)
        await at.press("escape")
        assert len(at.app.marks) == 0


async def test_columns_of_the_settings(demo_log):
    async with scene(demo_log, columns=("seq", "prop.feature", "finish_reason")) as at:
        assert at.text().splitlines()[2].split() == ["SEQ", "FEATURE", "FINISH"]
        assert at.text().splitlines()[3].split()[:2] == ["▸", "2400"]


async def test_the_pane_of_the_call(demo_log):
    async with scene(demo_log) as at:
        pane = at.requests.peek
        assert pane.display and pane.region.y > at.table.region.y
        await at.press("backslash")
        assert pane.region.x > at.table.region.x
        await at.press("backslash")
        assert not pane.display or pane.styles.display == "none"
        await at.press("z")
        await at.press("z", "backslash", "j")
        await at.until(lambda: " 2399 " in at.text())
        for view, held in (("request", '"messages"'), ("response", "{"), ("headers", "content-type")):
            await at.press("tab")
            assert pane.look_as.view == view
            assert held in "".join(text for line in pane.lines.lines for text, _ in line)
        await at.press("shift+tab", "shift+tab", "shift+tab", "shift+tab")
        assert pane.look_as.view == "figures" and "timing" in at.text()


@pytest.mark.parametrize("text", ["", "user:ada"])
async def test_a_time_slides(tmp_path, text):
    """As time passes calls leave a list of the last hour, also one that is filtered, but not one that holds still."""
    clock = [datetime.fromtimestamp(logs.T0 / 1000, UTC)]
    writer = Writer(tmp_path / "x.db")
    minute = 60_000
    for number in range(1, 6):
        writer.add(number, at=logs.T0 - (60 - 10 * number) * minute, user="ada")
    async with scene(tmp_path / "x.db", filter=text, since="1h", now=lambda: clock[0]) as at:
        assert [at.calls.rows.seq(row) for row in range(len(at.calls))] == [5, 4, 3, 2, 1]
        await at.press("j")
        clock[0] += timedelta(minutes=25)
        at.requests._aged()
        await at.settle()
        assert [at.calls.rows.seq(row) for row in range(len(at.calls))] == [5, 4, 3]
        assert at.table.seq == 4
        await at.press("space")
        clock[0] += timedelta(minutes=10)
        at.requests._aged()
        await at.settle()
        assert len(at.calls) == 3
        await at.press("space")
        at.requests._aged()
        await at.settle()
        assert len(at.calls) == 2
        writer.add(6, at=logs.T0 + 34 * minute, user="ada")
        await at.until(lambda: len(at.calls) == 3)
        clock[0] += timedelta(hours=2)
        at.requests._aged()
        await at.until(lambda: "No call fulfils this" in at.text())
    writer.db.close()


async def test_windows_of_time(demo_log):
    async with scene(demo_log) as at:
        held = [len(at.calls)]
        for since, told in (("1h", "last hour"), ("24h", "last 24 hours"), ("7d", "last 7 days"), ("30d", "last 30")):
            await at.press("t")
            assert at.requests.since == since
            assert told in at.text()
            held.append(len(at.calls))
        assert held == [2400, *sorted(held[1:])]
        with opened(demo_log) as db:
            begin = at.calls.chosen.since_ms
            wanted = [one for one in by_seq(db, newest(demo_log)) if one.created_at >= begin]
        assert held[-1] == len(wanted)
        await at.press("t")
        assert len(at.calls) == 2400


async def test_the_command_of_the_list_gives_the_same_calls(demo_log):
    async with scene(demo_log, program=f"helicli --db {shlex.quote(str(demo_log))}") as at:
        await at.press("slash")
        await at.paste('status:error -prop.feature:"plan" model:claude*')
        await at.press("enter", "y", "c")
        shown = [at.calls.rows.seq(row) for row in range(len(at.calls))]
    command = shlex.split(at.app.clipboard)
    console = Console(demo_log)
    assert command[0] == "helicli"
    got = console(*command[1:], "-n", "0", "-c", "seq")
    assert [int(line) for line in got.lines] == shown
    assert shown


async def test_copies_of_the_call(demo_log):
    async with scene(demo_log, program=f"helicli --db {shlex.quote(str(demo_log))}") as at:
        await at.press("y", "s")
        assert Console(demo_log)(*shlex.split(at.app.clipboard)[1:]).out.startswith("2400")
        for letter, held in (("i", "-"), ("r", '"messages"'), ("a", " "), ("j", '"seq":2400'), ("u", "curl http://")):
            await at.press("y", letter)
            await at.until(lambda held=held: held in at.app.clipboard)


async def test_saving_the_filter(demo_log):
    kept = {}

    def save(name: str, text: str) -> str:
        kept[name] = text
        return f"@{name}"

    async with scene(demo_log, save=save, saved={}) as at:
        await at.press("w")
        assert kept == {}
        await at.press("slash")
        await at.paste("status:error")
        await at.press("enter", "w")
        await at.paste("bad")
        await at.press("enter")
        assert kept == {"bad": "status:error"}
        wrong = len(at.calls)
        await at.press("escape", "slash")
        await at.paste("@bad")
        await at.press("enter")
        assert len(at.calls) == wrong


async def test_opening(demo_log):
    async with scene(demo_log) as at:
        await at.press("j", "enter")
        assert at.inspector.seq == 2399
        await at.press("escape")
        assert at.app.screen is at.requests
        await at.pilot.click("#calls", offset=(20, 4), times=2)
        await at.settle()
        assert at.inspector.seq == 2396


async def test_a_filter_is_applied_while_it_is_typed(demo_log):
    wanted = len(newest(demo_log, "status:error"))
    async with scene(demo_log) as at:
        await at.press("slash")
        await at.type("status:error")
        await at.until(lambda: len(at.calls) == wanted and at.calls.complete)
        assert at.requests.bar.has_class("typing")
        await at.press("escape")
        assert (at.requests.text, len(at.calls)) == ("", 2400)
        assert at.table.has_focus


async def test_the_last_seq_of_the_log_is_the_first_row(demo_log):
    with opened(demo_log) as db:
        last = last_seq(db)
    async with scene(demo_log, size=(60, 15)) as at:
        assert at.calls.rows.seq(0) == last
