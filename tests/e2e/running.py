"""`helicli run` for tests: started as a user starts it, on a database of the test's own, ended with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from helicli import paths
from helicli.engine import client, lock
from tests.e2e.engine import Engine

CALL = """
import http.client, json, os, sys
from urllib.parse import urlsplit

def call(text="hi", **fields):
    base = urlsplit(os.environ["OPENAI_BASE_URL"])
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=20)
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]})
    headers = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json", **fields}
    connection.request("POST", base.path + "/chat/completions", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status
"""
"""A program's way to make a call with nothing but the standard library."""


class Runs:
    """Makes runs against one database; `rows` are those of its log."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.log = Engine(folder, upstream)
        self.db = self.log.db
        self.options = ["--db", str(self.db), "--upstream", f"openai={upstream}", "--upstream", f"anthropic={upstream}"]
        self._started: list[subprocess.Popen[bytes]] = []

    def command(self, *args: str) -> list[str]:
        """A command line of `helicli run`; `args` are further options, `--` and the program."""
        return [sys.executable, "-m", "helicli", "run", *self.options, *args]

    def __call__(self, *args: str, **more: object) -> subprocess.CompletedProcess[bytes]:
        """Run to the end."""
        return subprocess.run(self.command(*args), capture_output=True, timeout=60, **{"input": b"", **more})

    def start(self, *args: str, **more: object) -> subprocess.Popen[bytes]:
        """Run beside the test."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        self._started.append(subprocess.Popen(self.command(*args), **pipes))
        return self._started[-1]

    def holder(self) -> lock.Holder:
        """Who works on the database."""
        return lock.read(paths.lock_file(self.db))

    def wait_for_engine(self) -> lock.Holder:
        """Who works on the database, once somebody does."""
        return self._until(lambda: self.holder() if client.answers(self.holder().control) else None)

    def wait_until_free(self, seconds: float = 20) -> None:
        """Wait until no process works on the database any more."""

        def free() -> bool:
            taken = lock.Lock.try_take(paths.lock_file(self.db))
            if taken is not None:
                os.close(taken.fd)
            return taken is not None

        self._until(free, seconds)

    def close(self) -> None:
        """End what is left."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait()
            # Not read to their ends: what it has started may hold them open.
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                pipe.close()
        with suppress(OSError):
            client.ask(self.holder().control, "stop")
        if self.db.with_name(self.db.name + ".lock").exists():
            self.wait_until_free(60)

    @staticmethod
    def _until(what, seconds: float = 20):
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.01)
        return found


def ended_by(code: int) -> signal.Signals:
    """The signal that ended a process."""
    return signal.Signals(-code)
