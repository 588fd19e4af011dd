"""Everything helicli writes: data to stdout, narration and errors to stderr.

Owns both streams and what is known of them: terminal or not, how wide, coloured or not. Data never mixes with
narration; an error is at most three lines. Nothing else in the package writes to either stream.
"""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Mapping

from helicli.view.style import Style, wants_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` costs `--version` half of what it takes.
    from typing import TextIO


class Output:
    """The two streams of a command."""

    def __init__(
        self, stdout: TextIO, stderr: TextIO, env: Mapping[str, str], *, color: str = "auto", quiet: bool = False
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._env = env
        self.quiet = quiet
        self.tty = stdout.isatty()
        self.err_tty = stderr.isatty()
        self.style = Style(wants_colour(color, env, self.tty))
        self.err_style = Style(wants_colour(color, env, self.err_tty))

    @property
    def width(self) -> int:
        """Columns of the terminal, COLUMNS before what it says itself; read anew, since windows change."""
        given = self._env.get("COLUMNS", "")
        if given.isdecimal() and int(given):
            return int(given)
        for stream in (self._stdout, self._stderr):
            try:
                return os.get_terminal_size(stream.fileno()).columns or 80
            except (OSError, ValueError):
                continue
        return 80

    def data(self, line: str) -> None:
        """One line of data, out at once. Raises BrokenPipeError where nobody reads any more."""
        self._stdout.write(line + "\n")
        self._stdout.flush()

    def raw(self, data: bytes) -> None:
        """Exact bytes to stdout."""
        self._stdout.flush()
        self._stdout.buffer.write(data)
        self._stdout.buffer.flush()

    def say(self, line: str) -> None:
        """One line of narration; nothing when quiet."""
        if not self.quiet:
            self._tell(line)

    def error(self, message: str, fix: str, cause: str = "") -> None:
        """What went wrong, why where that helps, and what to do."""
        from helicli.view.safe import safe

        self._tell(self.err_style.bad("error:") + " " + safe(message))
        if cause:
            self._tell(self.err_style.dim("cause:") + " " + safe(cause))
        self._tell(self.err_style.accent("fix:") + "   " + safe(fix))

    def trace(self, text: str) -> None:
        """A traceback, for --debug."""
        from helicli.view.safe import safe

        self._tell(safe(text, newlines="\n").rstrip("\n"))

    def unread(self) -> bool:
        """Whether the reader of stdout's pipe has left; only a write would else tell."""
        if self.tty:
            return False
        try:
            poll = select.poll()
            poll.register(self._stdout.fileno(), 0)
            return any(event & select.POLLERR for _, event in poll.poll(0))
        except (OSError, ValueError):
            return False

    def _tell(self, line: str) -> None:
        self._stderr.write(line + "\n")
        self._stderr.flush()


def standard(env: Mapping[str, str], *, color: str = "auto", quiet: bool = False) -> Output:
    """The process's own streams. A stream that was closed by the caller is the null device."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_WRONLY), "w")))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Output(sys.stdout, sys.stderr, env, color=color, quiet=quiet)


def abandon() -> None:
    """Point stdout at nothing, so that the interpreter's last flush of a closed pipe says nothing."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
        except ValueError:
            continue
    os.close(null)
