"""A command on a real terminal: a pty of a fixed size, what it printed, what was typed into it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

FIXED = Path(__file__).with_name("fixed.py")
"""helicli with a clock that stands still; run as a script."""


class Terminal:
    """A process on a terminal of its own. `stderr` is on the same terminal unless it is told otherwise."""

    def __init__(self, *command: object, env: dict[str, str], columns: int = 80, lines: int = 24, stderr=None) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=slave,
            stdout=slave,
            stderr=slave if stderr is None else stderr,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.seen = b""

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def until(self, wanted: str, seconds: float = 10, *, since: int = 0) -> str:
        """Read until a text has come; all that has come since a place."""
        deadline = time.monotonic() + seconds
        while wanted.encode() not in self.seen[since:]:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{wanted!r} did not come, but {self.seen[since:].decode(errors='replace')!r}")
        return self.seen[since:].decode(errors="replace")

    def end(self, seconds: float = 20) -> tuple[int, str]:
        """The exit code, and all that was printed, with plain line ends."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            pass
        code = self.process.wait(max(1, deadline - time.monotonic()))
        return code, self.seen.decode(errors="replace").replace("\r\n", "\n")

    def close(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)


def helicli(*args: object, env: dict[str, str], **how: object) -> tuple[int, str]:
    """Run helicli on a terminal, with a clock that stands still."""
    with Terminal(sys.executable, FIXED, *args, env=env, **how) as terminal:
        return terminal.end()
