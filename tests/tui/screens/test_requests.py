"""The table of calls, driven by its keys: each does what help says."""

from __future__ import annotations

import shlex

import pytest

from helicli.filters import Filter, parse
from helicli.query.calls import by_seq, last_seq
from helicli.query.reading import opened
from helicli.query.search import Search
from tests.cli.conftest import Console
from tests.tui.scene import scene

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


@pytest.mark.parametrize(
    ("pressed", "field"),
    [("u", "user"), ("m", "model"), ("p", "name"), ("U", "user"), ("M", "model"), ("P", "name")],
)
async def test_narrowing_to_what_is_under_the_cursor(demo_log, pressed, field):
    asked = call(demo_log, 2400)
    value = asked.requested_model if field == "model" else getattr(asked, field)
    sign = "-" if pressed.isupper() else ""
    async with scene(demo_log) as at:
        await at.press(pressed)
        text = f"{sign}{field}:{value}"
        assert at.requests.text == text == at.requests.bar.value
        wanted = newest(demo_log, text)
        assert len(at.calls) == len(wanted)
        assert [at.calls.rows.seq(row) for row in range(len(wanted))] == wanted
        await at.press("escape")
        assert (at.requests.text, len(at.calls)) == ("", 2400)


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
        await at.press("X", "o")
        assert at.requests.text == "seq:2400,2399"
        assert len(at.calls) == 2
        await at.press("escape")
        await at.press("x", "X", "u")
        assert set(at.app.marks) == set()
        await at.press("x")
        await at.press("escape")
        assert set(at.app.marks) == set()


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
        pane = at.requests.query_one("#peek")
        assert pane.display and pane.region.y > at.table.region.y
        await at.press("backslash")
        assert pane.region.x > at.table.region.x
        await at.press("backslash")
        assert not pane.display or pane.styles.display == "none"
        await at.press("backslash", "j")
        await at.until(lambda: " 2399 " in at.text())


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
        await at.type('status:error -prop.feature:"plan" model:claude*')
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
        for letter, held in (("i", "-"), ("r", '"messages"'), ("a", " "), ("j", '"seq":2400')):
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
        await at.type("status:error")
        await at.press("enter", "w")
        await at.type("bad")
        await at.press("enter")
        assert kept == {"bad": "status:error"}
        wrong = len(at.calls)
        await at.press("escape", "slash")
        await at.type("@bad")
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
