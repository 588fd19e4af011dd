"""The program that `helicli run` wraps: its process group, the terminal, and the signals on their way to it.

Owns what a shell does for a job. The program has the terminal while it runs, so that ^C, ^Z and reading work as without
helicli; its streams are the caller's own and are never touched.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from helicli.errors import CannotRunError, NoProgramError

FORWARDED: Final = ("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGWINCH", "SIGUSR1", "SIGUSR2")
_STOPS: Final = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


def find(name: str, env: Mapping[str, str]) -> None:
    """See that a command can be run, before anything is started for it. Raises NoProgramError, CannotRunError."""
    places = [name] if "/" in name else [os.path.join(folder, name) for folder in os.get_exec_path(env)]  # noqa: PTH118
    found = [place for place in places if os.path.isfile(place)]  # noqa: PTH113
    if not found:
        raise NoProgramError(f'no program "{name}"', "check its name, or give its path")
    if not any(os.access(place, os.X_OK) for place in found):
        raise CannotRunError(f"{found[0]} cannot be executed", f"chmod +x {found[0]}, or name its interpreter")


class Program:
    """One program, from its start to its end."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._command = command
        self._env = env
        self._group = os.getpgrp()
        self._pid = 0
        self._pending: list[int] = []
        self._terminal = _terminal()

    def run(self) -> int:
        """Run it; its exit code, or the negative number of the signal that ended it. Raises HelicliError."""
        before = {number: signal.getsignal(number) for number in map(_number, FORWARDED)}
        taken = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
        stopped = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        for number in taken:
            signal.signal(number, self._forward)
        continued = signal.signal(signal.SIGCONT, self._continue)
        try:
            self._start()
            return self._wait()
        finally:
            self._take_terminal_back()
            for number, old in (*taken.items(), (signal.SIGTTOU, stopped), (signal.SIGCONT, continued)):
                signal.signal(number, old)
            if self._terminal >= 0:
                os.close(self._terminal)

    def _start(self) -> None:
        try:
            process = subprocess.Popen(self._command, env=self._env, preexec_fn=self._in_child)  # noqa: PLW1509
        except FileNotFoundError as error:
            raise NoProgramError(f'no program "{self._command[0]}"', "check its name, or give its path") from error
        except OSError as error:
            bad_format = error.errno == errno.ENOEXEC
            fix = "give it a first line such as #!/bin/sh" if bad_format else "check its mode and its interpreter"
            raise CannotRunError(f"{self._command[0]} cannot be executed", fix, error.strerror or "") from error
        self._pid = process.pid
        # It is waited for here, where its stops are heard of too.
        process.returncode = 0
        for number in self._pending:
            self._send(number)

    def _in_child(self) -> None:
        """A group of its own, and the terminal, before its first instruction."""
        os.setpgid(0, 0)
        self._give_terminal(os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)

    def _wait(self) -> int:
        while True:
            _, status = os.waitpid(self._pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                return os.waitstatus_to_exitcode(status)
            if os.WSTOPSIG(status) in _STOPS:
                self._stop_too()

    def _stop_too(self) -> None:
        """Stop as the program has, so that the shell knows of it; go on together.

        Where the program stopped for want of a terminal that this group has, it gets it and goes on. One that wants a
        terminal that is somebody else's stays stopped until `_continue` hears of it: else the two would spin.
        """
        if not self._in_front():
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.killpg(self._group, signal.SIGTSTP)
        if self._holder() in (self._group, self._pid):
            self._resume()

    def _resume(self) -> None:
        if self._in_front():
            self._give_terminal(self._pid)
        self._send(signal.SIGCONT)

    def _continue(self, number: int, frame: object) -> None:
        self._resume()

    def _forward(self, number: int, frame: object) -> None:
        if self._pid:
            self._send(number)
        else:
            self._pending.append(number)

    def _send(self, number: int) -> None:
        if self._pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, number)

    def _in_front(self) -> bool:
        """Whether the terminal is this group's."""
        return self._holder() == self._group

    def _holder(self) -> int:
        if self._terminal < 0:
            return -1
        try:
            return os.tcgetpgrp(self._terminal)
        except OSError:
            return -1

    def _give_terminal(self, group: int) -> None:
        if self._in_front():
            with suppress(OSError):
                os.tcsetpgrp(self._terminal, group)

    def _take_terminal_back(self) -> None:
        if self._pid and self._holder() == self._pid:
            with suppress(OSError):
                os.tcsetpgrp(self._terminal, self._group)


def end_by(number: int) -> None:
    """End this process by the signal that ended the program, so that whoever waits sees the same; leaves no core."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)


def _number(name: str) -> int:
    return int(getattr(signal, name))


def _terminal() -> int:
    """The terminal that controls this process, -1 where there is none."""
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return -1
