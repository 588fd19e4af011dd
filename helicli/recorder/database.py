"""The database as the recorder sees it: there or not, writable or not, the same file or another.

Owns the writing connection and the check that what was committed went into the file that stands at the path. SQLite
goes on writing into a file that was deleted; so a batch counts as written only if path and descriptor were one file
before and after the commit.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from helicli.caching import Clearing
from helicli.errors import DatabaseError
from helicli.rates import Rate
from helicli.scores import Scored
from helicli.store import position, rates
from helicli.store.calls import CallWriter, NewCall
from helicli.store.cell_mark import last_seq, mark
from helicli.store.cells import BLOCK, CellWriter
from helicli.store.connect import open_writer
from helicli.store.position import Reached

_STATES: Final = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_CANTOPEN: "readonly",
    sqlite3.SQLITE_PERM: "readonly",
    sqlite3.SQLITE_FULL: "full",
}


Item = NewCall | Clearing | Scored
"""What is written in the order of the journal."""


class Unavailable(Exception):
    """The database cannot be written now; `state` is one word for /healthcheck: locked, readonly, full, failing."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


class Database:
    """Writes batches, each whole or not at all, and reopens the file when it has become another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._writer: CallWriter | None = None
        self._cells: CellWriter | None = None
        self._last = 0
        self._identity: tuple[int, int] | None = None
        self._wal_identity: tuple[int, int] | None = None
        self.last_rate = 0
        """The id of the newest rate that is stored: it changes when there are new ones."""
        self.cells_behind = False
        """Whether there may be rows for another block of cells."""
        self._kept_open: list[sqlite3.Connection] = []

    def reached(self) -> Reached:
        """The position of the last commit. Raises Unavailable."""
        try:
            return position.load(self._open())
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def rates(self) -> dict[tuple[str, str], tuple[Rate, ...]]:
        """The rates that are stored. Raises Unavailable."""
        try:
            return rates.load(self._open())
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def clear_cache(self, clearing: Clearing) -> int:
        """Delete the stored answers that a clearing takes; how many. For a writer that holds the lock alone."""
        try:
            self._open()
            assert self._writer is not None
            return self._writer.clear_cache(clearing)
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def change(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Make a change of its own, between two batches. Raises Unavailable, and what `change` raises."""
        try:
            change(self._open())
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def moved(self) -> bool:
        """Whether another file, or none, stands at the path now."""
        return self._connection is not None and _identity(self._path) != self._identity

    def write(self, entries: Sequence[Item], reached: Reached, *, durable: bool) -> None:
        """Commit entries and position together; `durable` forces them to the disk. Raises Unavailable."""
        while True:
            try:
                self._write(entries, reached, durable=durable)
            except sqlite3.Error as error:
                raise self._unavailable(error) from error
            if not self.moved():
                return

    def close(self) -> None:
        """Close the connection; a file that was deleted takes its write-ahead log with it."""
        if self._connection is None:
            return
        wal = _identity(Path(f"{self._path}-wal"))
        if not self.moved():
            # A reader that is still there would keep SQLite from emptying the log when the last writer leaves.
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(truncate)").fetchall()
            self._connection.close()
        elif wal is not None and wal != self._wal_identity:
            # Closing would delete the write-ahead log at this path, and that one is another database's.
            self._kept_open.append(self._connection)
        else:
            self._close_moved(self._connection)
        self._connection = self._writer = self._cells = None

    def _close_moved(self, connection: sqlite3.Connection) -> None:
        # SQLite leaves the log of a file that was moved where it is, and would read it into the file that stands there
        # now. What is in it belongs into the file that has gone.
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(truncate)").fetchall()
        connection.close()
        self._remove_log()

    def _remove_log(self) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _write(self, entries: Sequence[Item], reached: Reached, *, durable: bool) -> None:
        connection = self._open()
        writer, cells = self._writer, self._cells
        assert writer is not None and cells is not None
        last = self._last
        connection.execute(f"PRAGMA synchronous = {'full' if durable else 'normal'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            with writer.gathering():
                for entry in entries:
                    if isinstance(entry, Clearing):
                        writer.clear_cache(entry)
                    elif isinstance(entry, Scored):
                        writer.score(entry)
                    else:
                        last = writer.write(entry) or last
            behind = cells.advance(last)
            position.save(connection, reached)
            connection.execute("COMMIT")
            self.last_rate = writer.last_rate
            self._last, self.cells_behind = last, behind
        except BaseException:
            writer.forget()
            cells.forget()
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _open(self) -> sqlite3.Connection:
        try:
            if self.moved():
                self.close()
            there = self._path.exists()
            if there and not os.access(self._path, os.W_OK):
                raise Unavailable("readonly", f"{self._path} cannot be written")
            if self._connection is None:
                if not there:
                    self._remove_log()
                self._connection = open_writer(self._path)
        except (OSError, DatabaseError) as error:
            raise Unavailable("readonly", str(error)) from error
        if self._writer is None:
            self._writer = CallWriter(self._connection)
            self._cells = CellWriter(self._connection)
            self._last = last_seq(self._connection)
            self.cells_behind = self._last >= mark(self._connection) + BLOCK
            self.last_rate = self._writer.last_rate
            self._identity = _identity(self._path)
            self._wal_identity = _identity(Path(f"{self._path}-wal"))
        return self._connection

    def _unavailable(self, error: sqlite3.Error) -> Unavailable:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self.close()
        return Unavailable(_STATES.get(code, "failing"), str(error))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
