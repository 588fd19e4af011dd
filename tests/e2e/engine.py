"""A real `helicli serve` for tests: started as a user starts it, on free ports, ended with the test."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

START_SECONDS = 20
STOP_SECONDS = 100


class Engine:
    """One engine; `start` may be called again after it has ended, on the same database."""

    def __init__(self, folder: Path, upstream: str, options: Sequence[str] = ()) -> None:
        self.db = folder / "helicli.db"
        self.journal = folder / "helicli.db.calls"
        self.ready_file = folder / "ready.json"
        self._options = ["--upstream", f"openai={upstream}", "--upstream", f"anthropic={upstream}", *options]
        self.before_exec: Callable[[], None] | None = None
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.ready: dict[str, Any] = {}
        self.told: list[str] = []

    def command(self, port: int = 0) -> list[str]:
        """The command line of `serve`."""
        where = ["--port", str(port), "--db", str(self.db), "--ready-file", str(self.ready_file)]
        return [sys.executable, "-m", "helicli", "serve", *where, *self._options]

    def start(self, port: int = 0) -> Engine:
        """Start and wait until the proxy answers: its first line says so."""
        self.ready_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            self.command(port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=self.before_exec,
        )
        assert self.process.stderr is not None
        lines = self.told = []
        while not self.ready_file.exists():
            line = self.process.stderr.readline()
            lines.append(line)
            if not line:
                self.process.communicate()
                raise AssertionError(f"serve ended with {self.process.returncode}: {''.join(lines)}")
        self.ready = json.loads(self.ready_file.read_text())
        self.url = self.ready["address"]
        return self

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Signal the engine and wait for its end; exit code and what it said on stderr."""
        assert self.process is not None
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, said

    def health(self) -> dict[str, Any]:
        """What /healthcheck answers."""
        with urllib.request.urlopen(f"{self.url}/healthcheck", timeout=10) as answer:
            return json.load(answer)

    def wait_health(self, wanted: Any, seconds: float = 20) -> dict[str, Any]:
        """Ask /healthcheck until `wanted(health)` holds."""
        deadline = time.monotonic() + seconds
        while True:
            with suppress(OSError):
                health = self.health()
                if wanted(health):
                    return health
            assert time.monotonic() < deadline, f"never seen; the last health was {health}"
            time.sleep(0.02)

    def rows(self, where: str = "1") -> list[dict[str, Any]]:
        """Rows of the view `requests` as others would read them."""
        if not self.db.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                found = connection.execute(f"SELECT * FROM requests WHERE {where} ORDER BY seq").fetchall()
            except sqlite3.OperationalError:
                return []
        return [{**row, "properties": json.loads(row["properties"])} for row in map(dict, found)]

    def wait_rows(self, count: int, where: str = "1", seconds: float = 20) -> list[dict[str, Any]]:
        """Rows of `requests`, once there are `count` of them."""
        deadline = time.monotonic() + seconds
        while len(rows := self.rows(where)) < count:
            assert time.monotonic() < deadline, f"{len(rows)} rows instead of {count}; health {self.health()}"
            time.sleep(0.02)
        return rows

    def kill_all(self) -> None:
        """End whatever is left of the engine, however the test went."""
        pids = [self.ready.get(name, 0) for name in ("pid", "proxy_pid", "recorder_pid")]
        if self.process is not None and self.process.poll() is None:
            with suppress(OSError, AssertionError):
                health = self.health()
                pids += [health.get("proxy_pid", 0), health.get("recorder_pid", 0)]
            self.process.kill()
            self.process.communicate()
        for pid in pids:
            if pid and _is_helicli(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _is_helicli(pid: int) -> bool:
    try:
        return b"helicli.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
