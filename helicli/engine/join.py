"""How a run comes by an engine: the one of the database, or one that is started for runs to share.

Owns the race of several that start at once: who gets the lock starts the engine and hands the lock on, the others wait
until it answers. Imports nothing of an engine, since every run waits for that import.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli import paths
from helicli.engine import client
from helicli.engine.lock import Holder, Lock, in_use, read
from helicli.errors import DatabaseError, HelicliError

_LOOK_SECONDS: Final = 0.01
_TELL_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 100.0
"""As long as an engine may need to end: calls, then journal."""
_SETTLE_SECONDS: Final = 15.0
_ORPHANS_SECONDS: Final = 5.0


class Given(Struct, frozen=True):
    """What an engine gives a run: its id and token, where the engine is, and where the calls of each provider go."""

    run: str
    token: str
    address: str
    upstreams: dict[str, str]


class Lease:
    """A run's hold on its engine, until it is closed or the run's process ends."""

    def __init__(self, database: Path, control: str, connection: socket.socket, given: Given) -> None:
        self.given = given
        self._database = database
        self._control = control
        self._connection = connection

    def settle(self) -> str:
        """Wait until the calls of the run are recorded, but not for ever: `none`, `recorded`, `late`, or `gone`.

        `gone` is an engine that did not outlive the run; what it had logged is recorded then.
        """
        try:
            return str(client.ask(self._control, "settle", {"token": self.given.token}, _SETTLE_SECONDS))
        except (OSError, HelicliError):
            self._wait_for_orphans()
            return "gone"

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()

    def _wait_for_orphans(self) -> None:
        """Wait for what a killed engine's recorder still writes: the lock is free once it has gone."""
        deadline = time.monotonic() + _ORPHANS_SECONDS
        while time.monotonic() < deadline:
            lock = Lock.try_take(paths.lock_file(self._database))
            if lock is not None:
                lock.release()
                return
            time.sleep(_LOOK_SECONDS)


def join(
    database: Path,
    tags: Mapping[str, Any],
    asked: Mapping[str, Any],
    settings: Callable[[], bytes],
    say: Callable[[str], None],
) -> Lease:
    """A lease on the engine of a database, started where there is none.

    `tags` are those of `helicli.engine.runs.Wanted`; `asked` are the settings by the names of `EngineSettings` that an
    engine must have; `settings` gives all of them, as JSON, for one that is started. Raises HelicliError.
    """
    path = paths.lock_file(database)
    start = time.monotonic()
    told = False
    while True:
        holder = read(path)
        lease = _lease(database, holder.control, {**tags, "settings": asked}) if holder.control else None
        if lease is not None:
            return lease
        lock = _try_lock(database, path)
        if lock is not None:
            _start(database, lock, settings())
            continue
        waited = time.monotonic() - start
        if waited > _PATIENCE_SECONDS:
            raise in_use(database, read(path))
        if waited > _TELL_SECONDS and not told:
            told = True
            say("waiting for another engine of this database to start or to end")
        time.sleep(_LOOK_SECONDS)


def _lease(database: Path, control: str, wanted: Mapping[str, Any]) -> Lease | None:
    """A lease, None where the engine has gone or is about to end."""
    try:
        connection, answer = client.hold(control, "lease", wanted)
    except OSError:
        return None
    if answer is None:
        connection.close()
        return None
    return Lease(database, control, connection, msgspec.convert(answer, Given))


def _try_lock(database: Path, path: Path) -> Lock | None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Lock.try_take(path)
    except OSError as error:
        raise DatabaseError(
            f"{database} cannot be written", f"make its folder yours (chmod u+w {path.parent}) or use --db", str(error)
        ) from error


def _start(database: Path, lock: Lock, settings: bytes) -> None:
    """Start an engine for runs, with a lock that is already held, and wait until it can be asked."""
    # What the last holder has left would be taken for the new one's word.
    lock.write(Holder())
    log = os.open(paths.log_file(database), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        engine = subprocess.Popen(
            [sys.executable, "-P", "-m", "helicli.engine.shared", str(lock.fd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(lock.fd,),
            start_new_session=True,
        )
    finally:
        os.close(log)
        os.close(lock.fd)
    assert engine.stdin is not None and engine.stdout is not None
    with engine.stdin, engine.stdout:
        try:
            engine.stdin.write(settings)
            engine.stdin.close()
        except BrokenPipeError:
            pass
        select.select([engine.stdout], [], [])
        said = engine.stdout.readline()
    # It outlives this process, or ends without it.
    engine.returncode = 0
    client.told(msgspec.json.decode(said or _DIED))


_DIED: Final = msgspec.json.encode(
    {
        "error": {
            "message": "the engine ended before it answered",
            "fix": "see what it said, or run helicli serve",
            "code": 1,
        }
    }
)
