"""One engine per database: the lock beside the file, and what it says about who holds it.

Owns `<db>.lock`. The lock is on an open file that both children inherit, so it holds until the last of the three has
gone. The database itself is never opened here: closing it would drop SQLite's own locks.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from helicli.engine import client
from helicli.errors import DatabaseError

ORPHANS_SECONDS = 35
"""How long the children of a killed supervisor may need to finish their calls."""
QUIET_SECONDS = 1
"""How long one that has not yet said who it is, such as an engine that starts, is waited for without a word."""


class Holder(Struct, frozen=True):
    """Who works on a database."""

    pid: int = 0
    url: str = ""
    control: str = ""
    version: str = ""


class Lock:
    """A lock that is held; `fd` is to be inherited by the children."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def take(cls, path: Path, database: Path, on_wait: Callable[[str], None]) -> Lock:
        """Take the lock; waits for the orphans of a killed engine. Raises DatabaseError where an engine lives."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + ORPHANS_SECONDS
        patience = time.monotonic() + QUIET_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return cls(fd)
            except BlockingIOError:
                holder = read(path)
            if (holder.pid and client.answers(holder.control)) or time.monotonic() > deadline:
                os.close(fd)
                raise in_use(database, holder)
            if not told and (holder.pid or time.monotonic() > patience):
                told = True
                killed = f"the calls of an engine that was killed (pid {holder.pid})"
                on_wait(f"waiting for {killed if holder.pid else f'another helicli to be done with {database}'}")
            time.sleep(0.05)

    @classmethod
    def try_take(cls, path: Path) -> Lock | None:
        """Take the lock where nobody has it."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        return cls(fd)

    def write(self, holder: Holder) -> None:
        """Say who holds the lock."""
        body = msgspec.json.encode(holder)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, body, 0)

    def release(self) -> None:
        """Let the lock go. The file stays: to delete it would let two engines lock two files."""
        os.ftruncate(self.fd, 0)
        os.close(self.fd)


def read(path: Path) -> Holder:
    """Who holds the lock by its own word; an empty Holder where nobody says."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return Holder()


def in_use(database: Path, holder: Holder) -> DatabaseError:
    """The error for a database that another engine works on."""
    where = f" at {holder.url} (pid {holder.pid})" if holder.url else ""
    return DatabaseError(
        f"{database} is in use by another helicli{where}",
        "use that one, or another database: helicli serve --db other.db --port 0",
    )
