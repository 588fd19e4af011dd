"""`helicli tail`: its lines in every form, and what it waits for."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from helicli.cli.tail import LOOK_SECONDS, PATIENCE_SECONDS, Tail
from helicli.view.listing import Shape
from tests.query import logs
from tests.query.logs import chosen
from tests.view.payloads import WRITABLE

PIPE = """\
1	2026-11-21T14:03:11.204Z	200	gpt-4o	1240	412	96	0.00199	ada	support	How do I reset my password?
2	2026-11-21T14:04:11.204Z	200	gpt-4o-2024-08-06	1240	412	96		linus		How do I reset my password?
3	2026-11-21T14:05:11.204Z	200	gpt-4o	1240	412	96	0.00199	ada	classify	Is this spam?
4	2026-11-21T14:06:11.204Z	429	gpt-4o	0.42			0	ada	support	limit 100/h
5	2026-11-21T14:07:11.204Z	200	claude-sonnet-4	1240	3100	812	13.27			How do I reset my password?
"""

TERMINAL = """\
14:03:11  200  gpt-4o            1.24s     412→96  $0.0020   ada       support  How do I reset my p…
14:04:11  200  gpt-4o            1.24s    ~412→96  –         linus     How do I reset my password?
14:05:11  200  gpt-4o            1.24s     412→96  $0.0020   ada       classify  Is this spam?
14:06:11  429  gpt-4o           0.42ms          –  –         ada       support  limit 100/h
14:07:11  200  claude-sonnet-4   1.24s   3.1k→812  $13.27    –         How do I reset my password?
"""

NARROW = """\
14:03:11  200  gpt-4o          1.24s     412→96  $0.0020   support  How do I re…
14:05:11  200  gpt-4o          1.24s     412→96  $0.0020   classify  Is this sp…
14:06:11  429  gpt-4o         0.42ms          –  –         support  limit 100/h
"""


def test_on_a_pipe(console):
    got = console("tail", "--no-follow")
    assert (got.code, got.out, got.err) == (0, PIPE, "")


def test_on_a_terminal(console):
    console.env["NO_COLOR"] = "1"
    got = console("tail", "--no-follow", tty=True)
    assert (got.code, got.out, got.err) == (0, TERMINAL, "5 calls · $13.27 · 1 error · 1 unpriced\n")


def test_on_a_terminal_of_eighty_columns_of_one_user(console):
    console.env |= {"NO_COLOR": "1", "COLUMNS": "80"}
    assert console("tail", "--no-follow", "-u", "ada", tty=True).out == NARROW


def test_colour_is_of_the_status_and_never_on_a_pipe(console):
    got = console("tail", "--no-follow", tty=True)
    assert "\x1b[32m200\x1b[0m" in got.lines[0] and "\x1b[33m429\x1b[0m" in got.lines[3]
    assert "\x1b" not in console("tail", "--no-follow").out
    assert "\x1b" in console("tail", "--no-follow", "--color", "always", "--user", "ada", tty=True).out


def test_json_is_one_object_a_line(console):
    got = console("tail", "--no-follow", "--json", "-n", "2", tty=True)
    told = [json.loads(line) for line in got.lines]
    assert [call["seq"] for call in told] == [4, 5]
    assert told[0]["error_message"] == "limit 100/h"
    assert told[1]["cost_usd"] == 13.27


@pytest.mark.parametrize(
    ("args", "seqs"),
    [
        (["-n", "1"], "5"),
        (["-n", "0"], "12345"),
        (["--errors"], "4"),
        (["--status", "429"], "4"),
        (["--status", "4XX"], "4"),
        (["--status", "200,429"], "12345"),
        (["--user", "ada", "--user", "linus"], "1234"),
        (["--session", "chat-17"], "1"),
        (["--model", "claude*"], "5"),
        (["--since", "9m"], "45"),
        (["--user", "nobody"], ""),
    ],
)
def test_selects(console, args, seqs):
    got = console("tail", "--no-follow", *args)
    assert (got.code, "".join(line.split("\t")[0] for line in got.lines)) == (0, seqs)


@pytest.mark.parametrize(
    "args",
    [
        ["--status", "teapot"],
        ["--since", "soon"],
        ["--timeout", "never"],
        ["--no-follow", "--count", "1"],
        ["--count", "0"],
    ],
)
def test_wrong_input_is_told_before_anything_is_opened(empty, args):
    got = empty("tail", *args)
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith("error: ")
    assert "following" not in got.err


def test_without_a_database_there_is_nothing_to_end_with(empty):
    got = empty("tail", "--no-follow")
    assert got.code == 3
    assert (
        got.err == f"error: no database at {empty.database}\nfix:   helicli serve   (it is made with the first call)\n"
    )


def test_an_empty_log_is_no_error(empty):
    logs.write(empty.database)
    got = empty("tail", "--no-follow")
    assert (got.code, got.out, got.err) == (0, "", "")


@pytest.mark.parametrize("payload", WRITABLE)
@pytest.mark.parametrize("form", [["--json"], []])
def test_nothing_hostile_reaches_a_terminal(empty, payload, form):
    logs.write(
        empty.database,
        logs.call(1, said=payload, user=payload, name=payload, model=payload),
        logs.failed(2, error_message=payload),
    )
    empty.env["NO_COLOR"] = "1"
    for tty in (True, False):
        lines = empty("tail", "--no-follow", *form, tty=tty).lines
        assert len(lines) == 2
        assert all(line.replace("\t", "").isprintable() for line in lines)


class Time:
    """A clock that moves only while there is a pause, and what happens then."""

    def __init__(self, *happens):
        self.now = 0.0
        self.happens = list(happens)

    def pause(self, seconds):
        assert seconds >= 0
        self.now += seconds
        if self.happens:
            self.happens.pop(0)()


@pytest.fixture
def follow(console):
    """Follow a log while things happen, one at each pause; whether it was enough, and what was written."""

    def start(*happens, limit=10, count=None, timeout=None, terms=None, json=False, on=console):
        time = Time(*happens)
        tail = Tail(
            on.invocation(),
            chosen(**(terms or {})),
            shape=Shape(format="jsonl" if json else "plain"),
            pause=time.pause,
            clock=lambda: time.now,
        )
        enough = tail.run(limit, follow=True, count=count, timeout=timeout)
        return enough, [line.split("\t")[0] for line in on.streams[0].bytes().decode().splitlines()], time, tail

    return start


def adding(path, *calls):
    return lambda: logs.write(path, *calls)


def test_waits_for_the_next_and_does_not_count_what_was_there(follow, console):
    enough, seqs, time, _ = follow(lambda: None, adding(console.database, logs.call(6), logs.call(7)), count=1)
    assert (enough, seqs) == (True, ["6"])
    assert time.now == pytest.approx(2 * LOOK_SECONDS)


def test_counts_what_was_there_since_a_time(follow):
    enough, seqs, time, _ = follow(count=2, terms={"since_ms": logs.T0 + 60_000})
    assert (enough, seqs, time.now) == (True, ["2", "3"], 0)


def test_time_runs_out(follow, console):
    enough, seqs, time, _ = follow(adding(console.database, logs.call(6)), count=2, timeout=1.1)
    assert (enough, seqs) == (False, ["6"])
    assert time.now == pytest.approx(1.1)


def test_a_timeout_alone_wants_one_call(follow, console):
    assert follow(timeout=1)[0] is False
    assert follow(adding(console.database, logs.call(6)), timeout=1)[0] is True


def test_only_the_selected_are_counted(follow, console):
    happens = adding(console.database, logs.call(6), logs.failed(7), logs.failed(8, user="ada"))
    _, seqs, _, tail = follow(happens, count=1, terms={"user": ("ada",), "status": ("error",)})
    assert seqs == ["8"]
    assert tail.lister.tally.told() == "1 call · $0 · 1 error"


def test_says_what_it_follows(follow, console):
    follow(timeout=0, terms={"user": ("ada",), "status": ("error",)})
    assert console.streams[1].bytes().decode() == "following user:ada status:error — ^C to stop\n"
    follow(timeout=0)
    assert console.streams[1].bytes().decode() == "following all calls — ^C to stop\n"


def test_says_since_when_in_the_zone_of_its_user(follow, console):
    console.env["TZ"] = "Europe/Vienna"
    follow(timeout=0, terms={"since_ms": logs.T0 + 3_600_000})
    assert console.streams[1].bytes().decode() == "following since 2026-11-21T16:03:11 — ^C to stop\n"


def test_what_it_follows_does_not_drive_the_terminal(follow, console):
    follow(timeout=0, terms={"user": ("\x1b[2J",)})
    assert console.streams[1].bytes().decode() == "following user:·[2J — ^C to stop\n"


def test_a_database_of_another_program_is_not_waited_for(empty):
    with closing(sqlite3.connect(empty.database)) as db:
        db.execute("CREATE TABLE songs (title)")
        db.execute("PRAGMA user_version = 1")
    assert empty("tail", "--timeout", "5s").code == 4


def test_waits_for_a_database_and_says_so_once(follow, empty):
    quiet = int(PATIENCE_SECONDS / LOOK_SECONDS) * 3
    happens = [*[lambda: None] * quiet, adding(empty.database, logs.call(1))]
    enough, seqs, _, _ = follow(*happens, count=1, on=empty)
    assert (enough, seqs) == (True, ["1"])
    assert empty.streams[1].bytes().decode().splitlines()[1:] == [f"no database at {empty.database} yet; still waiting"]


def test_survives_a_database_that_is_removed_and_made_again(follow, console):
    def remove():
        for name in console.database.parent.glob("x.db*"):
            name.unlink()

    happens = [adding(console.database, logs.call(6)), remove, lambda: None, adding(console.database, logs.call(7))]
    assert follow(*happens, limit=1, count=2)[1] == ["6", "1"]


def test_a_burst_is_given_whole(follow, console):
    burst = adding(console.database, *(logs.call(number) for number in range(6, 1300)))
    _, seqs, _, _ = follow(burst, count=1294, json=True)
    assert len(seqs) == 1294


@pytest.fixture
def process(console):
    """`helicli tail` as a process, past its first line."""
    command = [sys.executable, "-m", "helicli", "tail", "--db", str(console.database), "-n", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr.readline() == "following all calls — ^C to stop\n"
        yield started
        started.kill()


def test_interrupted_it_sums_up_and_ends_well(console, process):
    assert process.stdout.readline().startswith("5\t")
    logs.write(console.database, logs.failed(6))
    assert process.stdout.readline().startswith("6\t")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stderr.read() == "2 calls · $13.27 · 1 error\n"


def test_exit_codes(console):
    assert console("tail", "--count", "1", "--timeout", "1ms").code == 1
    assert console("tail", "--count", "1", "--timeout", "5s", "--since", "1d").code == 0
    assert console("tail", "-f", "--count", "5", "--since", "1d", "-q").err == ""
