"""What serve tells: banner, lines at a bearable pace, sums at the end."""

from __future__ import annotations

import asyncio
import json
import stat
import threading

import pytest

from helicli.cli.watch import LINES_PER_SECOND, Watch, write_ready
from tests.query import logs

HEALTH = {"address": "http://127.0.0.1:8787", "pid": 1}


@pytest.fixture
def clock():
    """The second it is; a list of one."""
    return [0.0]


@pytest.fixture
def watched(console, clock):
    """A watch on a terminal, and what it has said so far."""

    def make(tty=True, ready_file=None):
        run = console.invocation(tty)
        return Watch(
            run, console.database, ready_file, lambda: clock[0]
        ), lambda: console.streams[1].bytes().decode().splitlines()

    return make


def test_banner(watched):
    one, said = watched()
    one.ready(HEALTH)
    assert said()[0].startswith("helicli 0.1.0 · http://127.0.0.1:8787 · ")
    assert said()[0].endswith("(5 calls)")
    assert "  OpenAI      OPENAI_BASE_URL=http://127.0.0.1:8787/openai/v1" in said()
    assert "  Anthropic   ANTHROPIC_BASE_URL=http://127.0.0.1:8787/anthropic" in said()
    assert '  in a shell  eval "$(helicli env)"        others: helicli providers list' in said()


def test_the_banner_names_a_database_that_is_not_the_commands_own(console):
    other = console.database.with_name("other.db")
    Watch(console.invocation(True), other, None).ready(HEALTH)
    said = console.streams[1].bytes().decode()
    assert f'eval "$(helicli --db {other} env)"' in said and f"others: helicli --db {other} providers list" in said


def test_the_banner_of_a_narrow_terminal_has_the_log_on_a_line_of_its_own(watched, console):
    console.env["COLUMNS"] = "50"
    one, said = watched()
    one.ready(HEALTH)
    assert said()[0] == "helicli 0.1.0 · http://127.0.0.1:8787"
    assert said()[1].endswith("(5 calls)")


def test_one_line_where_nobody_looks(watched):
    one, said = watched(tty=False)
    one.ready(HEALTH)
    assert len(said()) == 1


def test_ready_file_is_there_before_the_banner_and_the_users_alone(watched, tmp_path):
    path = tmp_path / "ready.json"
    one, _ = watched(ready_file=path)
    one.ready(HEALTH)
    assert json.loads(path.read_text()) == HEALTH
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if "ready" in each.name] == ["ready.json"]


def come(console, one, *calls):
    """Calls are recorded, read and printed."""
    logs.write(console.database, *calls)
    while one._look():
        pass
    one._print()


def test_at_most_twenty_lines_a_second_and_then_how_many_more(watched, console, clock):
    one, said = watched()
    one._follower.begin(0)
    come(console, one, *(logs.call(100 + n) for n in range(50)))
    assert len(said()) == LINES_PER_SECOND
    come(console, one)
    assert len(said()) == LINES_PER_SECOND
    clock[0] = 1
    come(console, one)
    assert "… and 30 more" in said()[-1] and len(said()) == LINES_PER_SECOND + 1
    come(console, one, logs.call(200))
    assert len(said()) == LINES_PER_SECOND + 2
    assert sum("more" in line for line in said()) == 1


def test_how_many_more_comes_without_another_call(watched, console, clock, monkeypatch):
    one, said = watched()
    show = one._print

    async def follow():
        printed = asyncio.Event()
        monkeypatch.setattr(one, "_print", lambda: (show(), printed.set()))
        following = asyncio.create_task(one.follow())
        await asyncio.sleep(0)
        one._ready = True
        logs.write(console.database, *(logs.call(100 + n) for n in range(25)))
        for wanted in (LINES_PER_SECOND, LINES_PER_SECOND + 1):
            while len(said()) < wanted:
                await asyncio.wait_for(printed.wait(), 10)
                printed.clear()
            clock[0] += 1
        following.cancel()

    asyncio.run(asyncio.wait_for(follow(), 20))
    assert "… and 5 more" in said()[-1]


def test_how_many_more_is_said_when_it_stops(watched, console, clock):
    one, said = watched()
    one._follower.begin(0)
    logs.write(console.database, *(logs.call(100 + n) for n in range(1300)))
    one.stopped()
    assert [line for line in said() if "more" in line or "done" in line] == [
        f"\x1b[2m          … and {1300 - LINES_PER_SECOND:,} more\x1b[0m",
        "done. 1,300 calls · $2.59 · 0 errors",
    ]


def test_what_a_thread_found_after_its_task_was_cancelled_is_printed(watched, console, monkeypatch):
    one, said = watched()
    one._follower.begin(0)
    inside, go = threading.Event(), threading.Event()
    poll = one._follower.poll
    polling = threading.Lock()

    def slow():
        assert polling.acquire(blocking=False), "two threads in one follower"
        inside.set()
        assert go.wait(10)
        found = poll()
        polling.release()
        return found

    monkeypatch.setattr(one._follower, "poll", slow)
    logs.write(console.database, logs.call(101))
    late = threading.Thread(target=one._look)
    stopping = threading.Thread(target=one.stopped)
    late.start()
    assert inside.wait(10)
    stopping.start()
    stopping.join(0.1)
    assert stopping.is_alive()
    go.set()
    late.join(10)
    stopping.join(10)
    assert [line.split()[0] for line in said()][1:] == ["done."] and len(said()) == 2


def test_sums_at_the_end_are_of_this_run(watched, console):
    one, said = watched()
    one._follower.begin(0)
    logs.write(console.database, logs.call(101, cost_nano=2_000_000), logs.failed(102), logs.call(103, cost_nano=None))
    one.stopped()
    assert said()[-1] == "done. 3 calls · $0.0020 · 1 error · 1 unpriced"
    assert len(said()) == 4


def test_what_waits_at_the_end_is_told(watched, console):
    logs.segment(console.database, 1, 0, b"12345")
    one, said = watched(tty=False)
    one.stopped()
    assert said() == [
        "done. 0 calls · $0 · 0 errors",
        "5 bytes of calls wait in the journal; helicli serve records them",
    ]


def test_the_banner_takes_the_home_of_its_environment(watched):
    one, said = watched()
    one.ready(HEALTH)
    assert " · ~/x.db (5 calls)" in said()[0]


def test_a_notice_does_not_drive_the_terminal(watched):
    one, said = watched()
    one.notice("a\x1b[2Jb\nc")
    assert said() == ["\x1b[33mnote:\x1b[0m  a·[2Jb⏎c"]


def test_draining_says_what_it_waits_for(watched):
    one, said = watched()
    one.draining(0)
    one.draining(1)
    one.draining(2)
    assert [line.split(" …")[0] for line in said()] == ["finishing 1 call", "finishing 2 calls"]


def test_ready_file_replaces_what_stood_there(tmp_path):
    path = tmp_path / "ready.json"
    path.write_text("old")
    write_ready(path, json.dumps({"a": 1}).encode())
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]
