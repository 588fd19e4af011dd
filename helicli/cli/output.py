"""Everything helicli writes: data to stdout, narration and errors to stderr.

Owns both streams and what is known of them: terminal or not, how wide, coloured or not. Data never mixes with
narration; an error is at most three lines. Nothing else in the package writes to either stream.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Mapping, Sequence

from helicli.view.style import Painted, Style, painted, wants_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` costs `--version` half of what it takes.
    from typing import NoReturn, TextIO

    from helicli.errors import Excerpt


class Output:
    """The two streams of a command."""

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        env: Mapping[str, str],
        *,
        color: str = "auto",
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._env = env
        self.quiet = quiet
        self.verbose = verbose and not quiet
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
        """One line of data, out at once.

        Raises BrokenPipeError where nobody reads any more, HelicliError where it cannot be written.
        """
        try:
            self._stdout.write(f"{line}\n")
            self._stdout.flush()
        except OSError as error:
            self._failed(error)

    def clear(self) -> None:
        """Take everything from a terminal's screen; nothing else."""
        if self.tty:
            self._stdout.write("\x1b[H\x1b[2J")

    def page(self, lines: Sequence[str], *, pager: bool = True) -> None:
        """Lines of data, through the pager where they would scroll a terminal away. Raises as `data` does."""
        if self.tty and pager and len(lines) >= self._height and self._env.get("TERM") != "dumb":
            from helicli.cli.pager import through

            if through("\n".join(lines) + "\n", self._env):
                return
        for line in lines:
            self.data(line)

    @property
    def _height(self) -> int:
        given = self._env.get("LINES", "")
        if given.isdecimal() and int(given):
            return int(given)
        try:
            return os.get_terminal_size(self._stdout.fileno()).lines or 24
        except (OSError, ValueError):
            return 24

    def raw(self, data: bytes) -> None:
        """Exact bytes to stdout. Raises as `data` does."""
        try:
            self._stdout.flush()
            self._stdout.buffer.write(data)
            self._stdout.buffer.flush()
        except OSError as error:
            self._failed(error)

    def say(self, line: str) -> None:
        """One line of narration, made safe where it was not painted; nothing when quiet."""
        if not self.quiet:
            self._tell(painted(line))

    def hint(self, line: str) -> None:
        """Narration that only a person needs: to a terminal."""
        if self.err_tty:
            self.say(line)

    def detail(self, line: str) -> None:
        """Narration for --verbose."""
        if self.verbose:
            self.say(self.err_style.dim(line))

    def passing(self, line: str) -> bool:
        """Put a line in place of the one before, on a terminal only; whether it was put. An empty one takes it away."""
        if not self.err_tty or self.quiet or self._env.get("TERM") == "dumb":
            return False
        try:
            self._stderr.write(f"\r\x1b[K{painted(line)}")
            self._stderr.flush()
        except OSError:
            _silence(self._stderr)
        return True

    def error(self, message: str, fix: str, cause: str = "", excerpt: Excerpt | None = None) -> None:
        """What went wrong, where in what was given, why where that helps, and what to do."""
        self._tell(self.err_style.bad("error:") + " " + message)
        if excerpt is not None:
            from helicli.view.excerpt import pointed

            for line in pointed(excerpt, max(self.width - 7, 20), self.err_style):
                self._tell(Painted("       ") + line)
        if cause:
            self._tell(self.err_style.dim("cause:") + " " + cause)
        self._tell(self.err_style.accent("fix:") + "   " + fix)

    def trace(self, text: str) -> None:
        """A traceback, for --debug."""
        from helicli.view.safe import safe

        self._tell(Painted(safe(text, newlines="\n").rstrip("\n")))

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

    def _tell(self, line: Painted) -> None:
        """To stderr. What a command does goes on, and ends with its own exit code, where nobody hears of it."""
        try:
            self._stderr.write(f"{line}\n")
            self._stderr.flush()
        except OSError:
            _silence(self._stderr)

    def _failed(self, error: OSError) -> NoReturn:
        if isinstance(error, BrokenPipeError):
            raise error
        from helicli.errors import HelicliError

        _silence(self._stdout)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        fix = "make room" if full else "write to another place"
        raise HelicliError(f"cannot write: {error.strerror or error}", fix) from error


def standard(env: Mapping[str, str], *, color: str = "auto", quiet: bool = False, verbose: bool = False) -> Output:
    """The process's own streams. A stream that was closed by the caller is the null device."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_WRONLY), "w")))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Output(sys.stdout, sys.stderr, env, color=color, quiet=quiet, verbose=verbose)


def abandon() -> None:
    """Point streams that cannot be written at nothing, so that the interpreter's last flush says nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream)
        except ValueError:
            continue


def _silence(stream: TextIO) -> None:
    """Point a stream at nothing; what it holds goes there."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)
