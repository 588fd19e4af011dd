"""A question that takes long: ^C ends it, a terminal is told."""

from __future__ import annotations

import signal

import pytest

from helicli.cli import asking
from helicli.cli.options import Invocation
from tests.cli.conftest import Stream

LONG = "WITH RECURSIVE up (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < 2000000) SELECT sum(i) FROM up"
ENDLESS = LONG.replace("WHERE i < 2000000", "")


def invoked(console, tty: bool) -> tuple[Invocation, Stream]:
    run = console.invocation(tty)
    return run, console.streams[1]


def seconds():
    """A clock that a second passes on whenever it is looked at."""
    now = 0.0
    while True:
        yield now
        now += 1


@pytest.mark.parametrize("tty", [True, False])
def test_a_terminal_is_told_and_the_line_goes(console, tty):
    run, err = invoked(console, tty)
    clock = seconds()
    with asking.log(run, lambda: next(clock)) as db:
        assert db.execute(LONG).fetchone() == (2_000_001_000_000,)
    told = err.bytes().decode()
    assert ("adding up calls … 1 s · ^C to stop" in told) is tty
    assert told.endswith("\r\x1b[K") is tty


def test_what_is_quick_is_not_told(console):
    run, err = invoked(console, True)
    with asking.log(run) as db:
        db.execute("SELECT 1").fetchone()
    assert err.bytes() == b""


def test_an_interrupt_ends_a_statement_and_leaves_nothing_open(console):
    run, _ = invoked(console, True)

    def clock() -> float:
        signal.raise_signal(signal.SIGINT)
        return 0.0

    times = iter([0.0])
    with pytest.raises(KeyboardInterrupt), asking.log(run, lambda: next(times, None) or clock()) as db:
        db.execute(ENDLESS).fetchone()
