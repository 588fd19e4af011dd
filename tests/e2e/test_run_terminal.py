"""`helicli run` at a terminal: reading it, ^C, ^Z and `fg`, as without helicli."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.e2e.running import Runs, ended_by

PYTHON = sys.executable


class Terminal:
    """A program at a pseudo-terminal of its own."""

    def __init__(self, command, env=None):
        pid, self.fd = pty.fork()
        if not pid:
            os.execvpe(command[0], command, {**os.environ, "TERM": "xterm", **(env or {})})
        self.pid = pid
        self.seen = b""
        self.status = None

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.fd, keys)

    def wait_for(self, text: bytes, seconds: float = 20) -> bytes:
        """What was shown up to `text`, which is taken off."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < deadline, f"never shown: {text!r} in {self.seen!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.fd, 65536)
                except OSError:
                    assert text in self.seen, f"ended without {text!r}: {self.seen!r}"
        before, _, self.seen = self.seen.partition(text)
        return before

    def shows(self, text: bytes) -> bool:
        """Whether a text is shown within a moment; it is taken off."""
        try:
            self.wait_for(text, 0.3)
        except AssertionError:
            return False
        return True

    def end(self) -> tuple[int, bytes]:
        """Its exit code and the rest of what it shows."""
        while True:
            try:
                read = os.read(self.fd, 65536)
            except OSError:
                break
            if not read:
                break
            self.seen += read
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status, self.seen

    def close(self) -> None:
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def runs(tmp_path, upstream):
    made = Runs(tmp_path, upstream.url)
    yield made
    made.close()


@pytest.fixture
def at_terminal():
    opened = []

    def start(command):
        opened.append(Terminal(command))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def test_a_program_that_asks_at_the_terminal(runs, at_terminal):
    program = """
import getpass, sys
assert sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
name = input("name? ")
secret = getpass.getpass("secret? ")
print("hello", name, len(secret))
"""
    terminal = at_terminal(runs.command("--", PYTHON, "-c", program))
    terminal.wait_for(b"name? ")
    terminal.type(b"ada\n")
    terminal.wait_for(b"secret? ")
    terminal.type(b"1234567\n")
    terminal.wait_for(b"hello ada 7")
    code, rest = terminal.end()
    assert code == 0
    assert b"no calls came" in rest


def test_ctrl_c_reaches_the_program_and_ends_the_run_as_it(runs, at_terminal):
    terminal = at_terminal(runs.command("--", "sh", "-c", "echo ready; sleep 100"))
    terminal.wait_for(b"ready")
    terminal.type(b"\x03")
    code, rest = terminal.end()
    assert ended_by(code) == signal.SIGINT
    assert b"Traceback" not in rest


def test_a_program_may_take_ctrl_c_for_itself(runs, at_terminal):
    program = """
try:
    print("ready", flush=True)
    while True: input()
except KeyboardInterrupt:
    print("no thanks")
"""
    terminal = at_terminal(runs.command("--", PYTHON, "-c", program))
    terminal.wait_for(b"ready")
    terminal.type(b"\x03")
    terminal.wait_for(b"no thanks")
    assert terminal.end()[0] == 0


def test_ctrl_z_where_no_shell_could_go_on_does_not_hang(runs, at_terminal):
    terminal = at_terminal(runs.command("--", PYTHON, "-c", "print('ready', flush=True)\nprint('got', input())"))
    terminal.wait_for(b"ready")
    terminal.type(b"\x1a")
    terminal.type(b"more\n")
    terminal.wait_for(b"got more")
    assert terminal.end()[0] == 0


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_jobs_of_a_shell(runs, at_terminal):
    program = "print('re'+'ady', flush=True)\nwhile (line := input()) != 'end': print('got', line, flush=True)\nexit(9)"
    command = shlex.join(runs.command("--", PYTHON, "-c", program))
    shell = at_terminal(["bash", "--norc", "--noprofile", "-i"])
    shell.type(b"PS1='$ '; stty -echo; echo be'gin'\n")
    shell.wait_for(b"begin")
    shell.type(command.encode() + b"\n")
    shell.wait_for(b"ready")
    shell.type(b"one\n")
    shell.wait_for(b"got one")
    shell.type(b"\x1a")
    shell.wait_for(b"Stopped")
    shell.type(b"echo still'here'\n")
    shell.wait_for(b"stillhere")
    # In the background it stops by itself, since it reads the terminal.
    shell.type(b"bg\n")
    while not shell.shows(b"Stopped"):
        shell.type(b"jobs\n")
    shell.type(b"fg\n")
    shell.type(b"two\n")
    shell.wait_for(b"got two")
    shell.type(b"end\n")
    shell.type(b"echo code=$?\n")
    shell.wait_for(b"code=9")
    shell.type(b"exit\n")
    assert shell.end()[0] == 0


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_a_background_job_that_is_brought_to_the_front_gets_the_terminal(runs, at_terminal):
    program = "import time\nprint('re'+'ady', flush=True)\nprint('got', input())"
    command = shlex.join(runs.command("--", PYTHON, "-c", program))
    shell = at_terminal(["bash", "--norc", "--noprofile", "-i"])
    shell.type(b"PS1='$ '; set -b; stty -echo; echo be'gin'\n")
    shell.wait_for(b"begin")
    shell.type(command.encode() + b" &\n")
    shell.wait_for(b"ready")
    shell.wait_for(b"Stopped")
    shell.type(b"fg\n")
    shell.type(b"three\n")
    shell.wait_for(b"got three")
    shell.type(b"exit\n")
    shell.end()


def test_without_a_terminal_nothing_is_asked_of_one(runs):
    done = subprocess.run(
        runs.command("--", "sh", "-c", "exit 4"),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        start_new_session=True,
    )
    assert done.returncode == 4
