"""What the commands say of calls that nobody records."""

from __future__ import annotations

import pytest

from helicli.cli import backlog
from helicli.journal import SEGMENT_HEADER, Position
from tests.query import logs

WORD = "1,234 bytes of calls wait in the journal; helicli serve records them\n"


@pytest.fixture
def behind(console):
    """A console whose journal holds more than the log."""
    logs.write(console.database, reached=Position(1, 0, SEGMENT_HEADER.size + 6))
    logs.segment(console.database, 1, 0, b"x" * 1240)
    return console


@pytest.mark.parametrize("args", [["tail", "--no-follow"], ["show", "1"], ["show", "1", "--json"], ["db", "info"]])
def test_a_command_that_looks_tells_what_waits(behind, args):
    told = behind(*args)
    assert (told.code, told.err) == (0, WORD)
    assert behind("-q", *args).err == ""


def test_tail_tells_it_at_its_start(behind):
    assert behind("tail", "--count", "1", "--timeout", "0").err == WORD + "following all calls — ^C to stop\n"


def test_it_is_told_beside_what_is_not_there(behind, empty):
    assert behind("show", "99").err.startswith(WORD + "error: no call 99")
    logs.segment(empty.database, 1, 0, b"x" * 1234)
    assert empty("show", "last").err.startswith(WORD + "error: no database")


@pytest.mark.parametrize("args", [["tail", "--no-follow"], ["show", "1"], ["db", "info"]])
def test_nothing_is_told_where_an_engine_answers(behind, engine, args):
    assert behind(*args).err == ""
    engine.close()
    assert behind(*args).err == WORD


def test_nothing_is_told_where_nothing_waits(console):
    logs.write(console.database, reached=Position(1, 0, 99_999))
    logs.segment(console.database, 1, 0, b"x" * 1240)
    assert console("show", "1").err == ""
    assert console("db", "info").lines[4] == "journal\tempty"


def test_what_cannot_be_read_is_told_once(empty):
    empty.database.write_bytes(b"no database at all" * 1000)
    logs.segment(empty.database, 1, 0, b"x" * 1240)
    assert empty("show", "1").err.count("cannot read") == 1


def test_who_works_on_the_database(console, engine):
    assert backlog.engine(console.database) == {"pid": 4121, "address": "http://127.0.0.1:8787", "version": "0.1.0"}
