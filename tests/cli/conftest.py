"""The command line driven in this process, on streams that say whether they are terminals."""

from __future__ import annotations

import io
import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helicli import paths
from helicli.cli.main import run
from helicli.cli.options import Invocation
from helicli.cli.output import Output
from tests.query import logs

NOW = datetime.fromtimestamp(logs.T0 / 1000, UTC) + timedelta(minutes=12)


class Stream(io.TextIOWrapper):
    """A stream in memory."""

    def __init__(self, tty: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def bytes(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()


@dataclass
class Result:
    """What came of a command."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Console:
    """Runs commands against one database."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.env = {"HELICLI_DB": str(database), "COLUMNS": "100", "TZ": "UTC", "HOME": str(database.parent)}
        self.streams: list[Stream] = []

    def invocation(self, tty: bool = False) -> Invocation:
        """A fresh invocation; its streams are `self.streams`."""
        self.streams = [Stream(tty), Stream(tty)]

        def output(env, **given):
            return Output(*self.streams, env, **given)

        return Invocation(self.env, output, lambda: NOW)

    def __call__(self, *args: str, tty: bool = False) -> Result:
        code = run(list(args), self.invocation(tty))
        return Result(code, self.streams[0].bytes(), self.streams[1].bytes().decode())


@pytest.fixture
def console(tmp_path):
    """A console on a log of five calls."""
    return Console(logs.sample(tmp_path / "x.db"))


@pytest.fixture
def empty(tmp_path):
    """A console whose database is not there."""
    return Console(tmp_path / "none.db")


@pytest.fixture
def engine(console, tmp_path):
    """Somebody who listens where the lock says."""
    path = tmp_path / "c.sock"
    lock = {"pid": 4121, "url": "http://127.0.0.1:8787", "control": str(path), "version": "0.1.0"}
    paths.lock_file(console.database).write_text(json.dumps(lock))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield listener


@pytest.fixture
def free_port():
    """A port at which nobody listens: it is held, and not listened on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def prompted(tmp_path, monkeypatch):
    """A console on a log with stored prompts, in its folder."""
    monkeypatch.chdir(tmp_path)
    return Console(logs.prompted(tmp_path / "x.db"))
