"""The two streams: what they are taken for, and readers that leave."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helicli.cli.output import Output
from tests.cli.conftest import Stream
from tests.query import logs


@pytest.fixture
def streams():
    return Stream(False), Stream(True)


def test_data_and_narration_never_mix(streams):
    out = Output(*streams, {})
    out.data("data")
    out.raw(b"\xff\x00")
    out.say("narration")
    out.error("it failed", "mend it", "it was old")
    assert streams[0].bytes() == b"data\n\xff\x00"
    told = streams[1].bytes().decode()
    assert told.startswith("narration\n\x1b[31merror:\x1b[0m it failed\n") and told.count("\n") == 4


def test_quiet_leaves_errors(streams):
    out = Output(*streams, {}, quiet=True)
    out.say("narration")
    out.error("it failed", "mend it")
    assert "narration" not in streams[1].bytes().decode()
    assert "it failed" in streams[1].bytes().decode()


def test_colour_is_decided_for_each_stream(streams):
    out = Output(*streams, {})
    assert (out.style.on, out.err_style.on) == (False, True)
    assert Output(*streams, {}, color="always").style.on


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("0", 80), ("", 80), ("x", 80)])
def test_width(streams, monkeypatch, columns, width):
    monkeypatch.delenv("COLUMNS")
    assert Output(*streams, {"COLUMNS": columns}).width == width


def test_what_came_from_elsewhere_is_safe_in_an_error(streams):
    Output(*streams, {"NO_COLOR": "1"}).error("a\x1b[2Jb\nc", "f\x07", "c\x9b")
    assert streams[1].bytes().decode() == "error: a·[2Jb⏎c\ncause: c·\nfix:   f·\n"


def test_what_came_from_elsewhere_is_safe_in_narration(streams):
    out = Output(*streams, {})
    out.say("a\x1b[2J\nb")
    out.say(out.err_style.warn("note:") + "  \x1b[31m\x9b")
    assert streams[1].bytes().decode() == "a·[2J⏎b\n\x1b[33mnote:\x1b[0m  ·[31m·\n"


def test_a_painted_line_of_data_ends_its_line(streams):
    out = Output(*streams, {}, color="always")
    out.data(out.style.ok("x"))
    assert streams[0].bytes() == b"\x1b[32mx\x1b[0m\n"


def test_a_reader_that_has_left_is_noticed_without_a_write():
    read, write = os.pipe()
    with io.TextIOWrapper(io.FileIO(write, "w")) as stream:
        out = Output(stream, Stream(False), {})
        assert not out.unread()
        os.close(read)
        assert out.unread()


@pytest.fixture
def many(tmp_path):
    return logs.write(tmp_path / "many.db", *(logs.call(number) for number in range(2000)))


def start(*args: object, **how: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "helicli", *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how
    )


@pytest.mark.parametrize("args", [["tail", "--no-follow", "-n", "0"], ["tail", "--json", "-n", "0", "-q"]])
def test_a_closed_pipe_is_no_error(many, args):
    with start("--db", many, *args) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(10) == 0


def test_following_ends_when_the_reader_leaves_though_nothing_comes(many):
    with start("--db", many, "tail", "-q", "-n", "1") as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(10) == 0


def test_streams_that_were_closed_by_the_caller(many):
    line = f"{sys.executable} -m helicli --db {many} tail --no-follow >&- 2>&-"
    assert subprocess.run(line, shell=True, check=False).returncode == 0


def test_a_locale_that_cannot_write_a_sign(many):
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    with start("--db", many, "show", "last", env=env) as process:
        assert b"Open Settings ? Security" in process.stdout.read()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("args", "code"),
    [(["show", "99999"], 3), (["tial"], 2), (["show", "last"], 0), (["tail", "--count", "1", "--timeout", "0"], 1)],
)
def test_the_exit_code_is_kept_where_nobody_hears_of_it(many, args, code):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "helicli", "--db", str(many), *args]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=write, check=False)
    os.close(write)
    assert done.returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "args", [["tail", "--no-follow"], ["show", "last", "--request"], ["--version"], ["--help"], ["db"], ["tail", "-h"]]
)
def test_a_full_disk_is_an_error_of_two_lines(many, args):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "helicli", *args]
        env = {**os.environ, "HELICLI_DB": str(many)}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (1, "error: cannot write: No space left on device\nfix:   make room\n")
