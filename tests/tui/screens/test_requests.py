"""The table of calls, driven by its keys: each does what help says."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from helicli.filters import Filter, parse
from helicli.query.calls import by_seq, last_seq
from helicli.query.reading import opened
from helicli.query.search import Search
from tests.cli.conftest import Console
from tests.query import logs
from tests.tui.scene import scene
from tests.tui.writing import Writer

pytestmark = pytest.mark.anyio


def newest(path, text: str = "", limit: int | None = None) -> list[int]:
    """The seqs that a filter chooses, the newest first, asked in another way."""
    with opened(path) as db:
        chosen = Filter(term=parse(text).term if text else None)
        return [call.seq for page in Search(db, chosen).newest(limit) for call in page]


def call(path, seq: int):
    with opened(path) as db:
        return by_seq(db, [seq])[0]


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


@pytest.mark.parametrize(("text", "forth", "back"), [("status:error", "e", "E"), ("session:chat-0000052", "o", "O")])
async def test_to_the_next_of_a_kind(demo_log, text, forth, back):
    wanted = newest(demo_log, text)
    async with scene(demo_log) as at:
        if forth == "o":
            at.table.go(wanted[0])
            # The key asks for the session of the call under the cursor, which is being read.
            await at.settle()
            wanted = wanted[1:]
            first = at.table.seq
        for seq in wanted[:3]:
            await at.press(forth)
            assert at.table.seq == seq
        await at.press(back)
        assert at.table.seq == (wanted[1] if len(wanted) > 1 else first)


async def test_to_the_slow_ones(demo_log):
    async with scene(demo_log) as at:
        with opened(demo_log) as db:
            took = sorted(each.latency_us for each in by_seq(db, newest(demo_log)))
        limit = took[(len(took) * 95 - 1) // 100]
        for _ in range(3):
            before = at.table.seq
            await at.press("s")
            assert at.table.seq < before
            assert call(demo_log, at.table.seq).latency_us > limit
        third = at.table.seq
        await at.press("S")
        assert at.table.seq > third
        assert call(demo_log, at.table.seq).latency_us > limit


async def test_where_there_is_no_other_it_is_said(demo_log):
    async with scene(demo_log) as at:
        await at.press("E")
        assert at.table.seq == 2400
        assert "no newer call that failed" in [note.message for note in at.app._notifications]


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


async def test_marks(demo_log):
    async with scene(demo_log) as at:
        await at.press("x", "x")
        assert set(at.app.marks) == {2400, 2399}
        assert at.table.seq == 2398
        # They stay while the filter changes, and while a call is looked at.
        await at.press("m", "enter", "x", "escape")
        third = at.table.seq
        assert third < 2398 or at.requests.text
        assert set(at.app.marks) == {2400, 2399, third}
        await at.press("X", "o")
        assert at.requests.text == "seq:" + ",".join(map(str, at.app.marks))
        assert len(at.calls) == 3
        assert at.text().count("●") == 3 + at.text().count("● live")
        await at.press("X", "u")
        assert set(at.app.marks) == set()


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


async def test_the_command_of_the_marked(demo_log):
    async with scene(demo_log, program="helicli --db x.db") as at:
        await at.press("x", "X", "c")
        assert at.app.clipboard == "helicli --db x.db filter seq:2400 --since all"


async def test_sorting(demo_log):
    with opened(demo_log) as db:
        calls = by_seq(db, newest(demo_log))
    async with scene(demo_log) as at:
        await at.press("greater_than_sign", "1")
        took = [at.calls.call(row).latency_us for row in range(20)]
        assert took == sorted((each.latency_us for each in calls), reverse=True)[:20]
        assert "LATENCY▼" in at.text()
        await at.press("less_than_sign")
        took = [at.calls.call(row).latency_us for row in range(20)]
        assert took == sorted(each.latency_us for each in calls)[:20]
        assert "LATENCY▲" in at.text()
        await at.press("greater_than_sign", "t")
        assert at.table.seq == 2400
        await at.press("less_than_sign")
        assert at.table.seq == 1
        await at.press("escape")
        assert at.table.seq == 2400


async def test_columns(demo_log):
    async with scene(demo_log) as at:
        assert "WHEN" in at.text() and "SEQ" not in at.text()
        await at.press("c", "space", *["down"] * 9, "space", "enter")
        assert "WHEN" not in at.text() and "SEQ" in at.text()


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


async def test_jumping_and_the_keys_of_the_pane(demo_log):
    async with scene(demo_log) as at:
        pane, row = at.requests.peek, at.table.seq
        await at.press("ctrl+o")
        lines = at.text().splitlines()
        assert [lines[place.region.y][:3] for place in (at.requests.bar, at.table, pane)] == [" a ", " s ", " d "]
        await at.press("d")
        assert pane.has_keys and "▸2400" in at.text()
        # Now keys scroll the call, all of which is there, and do not move the cursor.
        await at.press("G", "k", "ctrl+u", "pageup", "g", "j")
        assert (round(pane.lines.scroll_y), at.table.seq) == (1, row)
        assert "lines more" not in at.text()
        before = pane.lines.size.height
        await at.press("z")
        assert pane.lines.size.height > before + 10 and "WHEN" not in at.text()
        await at.press("escape")
        assert not pane.has_keys and "WHEN" in at.text()
        await at.press("j", "z")
        assert at.table.seq == row - 1 and not pane.display or at.table.page > 28
        await at.press("escape", "ctrl+o", "a")
        assert at.requests.bar.has_class("typing")
        await at.press("escape", "ctrl+o", "s", "ctrl+o", "escape", "j")
        assert at.table.seq == row - 2
        await at.pilot.click("#peek", offset=(5, 3))
        await at.settle()
        assert pane.has_keys
        await at.pilot.click("#calls", offset=(5, 3))
        await at.settle()
        assert not pane.has_keys and at.table.seq == row - 3


async def test_a_sorted_list_takes_the_calls_that_come(growing):
    path, writer = growing
    async with scene(path) as at:
        writer.add(41, latency_us=9_000_000)
        await at.press("greater_than_sign", "1")
        await at.until(lambda: at.table.seq == 41)
        # At its top the list is followed: the slowest of all stands there.
        writer.add(42, latency_us=9_500_000)
        writer.add(43, latency_us=1_000)
        await at.until(lambda: len(at.calls) == 43 and at.table.seq == 42)
        assert [at.calls.rows.seq(row) for row in (0, 1, 42)] == [42, 41, 43]
        await at.press("j")
        writer.add(44, 45, latency_us=20_000_000)
        await at.until(lambda: len(at.calls) == 45)
        await at.settle()
        assert (at.table.seq, at.table.cursor) == (41, 3)
        assert [at.calls.rows.seq(row) for row in range(4)] == [45, 44, 42, 41]
        await at.press("space")
        writer.add(46)
        await at.until(lambda: "1 new" in at.text())
        assert len(at.calls) == 45
        await at.press("space")
        await at.until(lambda: len(at.calls) == 46)


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
