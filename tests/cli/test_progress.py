"""Words on progress: after a second, on a terminal, gone at the end."""

from __future__ import annotations

from helicli.cli.output import Output
from helicli.cli.progress import Progress
from tests.cli.conftest import Stream


def told(tty, *times, quiet=False):
    streams = Stream(tty), Stream(tty)
    clock = iter(times)
    with Progress(Output(*streams, {}, quiet=quiet), "copying", lambda: next(clock)) as progress:
        for share in range(len(times) - 1):
            progress(share / 10)
    return streams[1].bytes().decode()


def test_after_a_second_and_not_at_every_step():
    assert told(True, 0, 0.5, 1.1, 1.15, 1.3) == (
        f"\r\x1b[Kcopying  {'██':20} 10%\r\x1b[Kcopying  {'██████':20} 30%\r\x1b[K"
    )


def test_short_work_a_pipe_and_quiet_have_none():
    assert told(True, 0, 0.5, 0.9) == told(False, 0, 2, 3) == told(True, 0, 2, 3, quiet=True) == ""
