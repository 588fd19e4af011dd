"""The second process of a large log in the making: it takes calls into cells while the first one writes more.

Owns its conversation: each line says up to which call the log is written, the last one `end`. Where the lines end
without it the first process has gone, and so does this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from helicli.store.side_cells import SideCells, reached

BLOCK: Final = 100_000
"""Calls taken at once; about a day of the largest log that is asked for."""

_LOOK_SECONDS: Final = 0.2


class Taker:
    """The first process's end of it."""

    def __init__(self, log: Path, side: Path) -> None:
        self._side = side
        # Its own session: ^C is the first process's to hear.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "helicli.demo.cells_child", str(log), str(side)],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, text=True,
        )  # fmt: skip

    def written(self, seq: int) -> None:
        """Say that calls up to this one are in the log."""
        self._say(str(seq))

    def finish(self, progress: Callable[[int], None]) -> bool:
        """Wait until all calls are taken, told how many are; whether it went well."""
        self._say("end")
        while self._process.poll() is None:
            progress(reached(self._side))
            try:
                self._process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        return self._process.returncode == 0

    def stop(self) -> None:
        """End it, wherever it is."""
        self._process.kill()
        self._process.wait()
        # What it was told and never read is lost with it.
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # `finish` tells.
            return


def main(log: str, side: str) -> int:
    """Take what the lines say; the exit code."""
    cells: SideCells | None = None
    last, first_process = 0, os.getppid()
    for line in iter(sys.stdin.readline, ""):
        if cells is None:
            cells = SideCells(Path(log), Path(side), BLOCK)
        if line == "end\n":
            cells.end(last)
            cells.close()
            return 0
        last = int(line)
        while cells.take(last):
            if os.getppid() != first_process:
                return 1
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
