"""The log as it grows.

Owns the place up to which calls were seen, and the recognition of the file they are in. Polled, never blocking; between
two polls no transaction is open. A file that goes away and comes back is gone on with: from the same place where it is
the same log, from its start where it is another.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from helicli.errors import DatabaseError, NotFoundError
from helicli.filters import Filter
from helicli.query.calls import Call, after, last_seq, newest
from helicli.query.reading import Log, told
from helicli.store.connect import open_reader

if TYPE_CHECKING:
    from helicli.query.wire import Wire

PAGE: Final = 500
"""The most calls one poll gives."""

_PASSING: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)


class Follower:
    """Follows one database file; used by one thread at a time."""

    def __init__(self, path: Path, selection: Filter) -> None:
        self._path = path
        self._selection = selection
        self._db: Log | None = None
        self._file: tuple[int, int] | None = None
        self._version = -1
        self._seen = 0
        self._seen_id: bytes | None = None
        self._more = False
        self._locked = False
        self._backlog: int | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a log to read."""
        return self._db is not None

    def begin(self, backlog: int | None) -> list[Call]:
        """Take the place to go on from: after the newest `backlog` calls, which it gives, or before all for None.

        All calls of a database that is made later come after that place; one that is locked is begun when it can be.
        """
        if backlog is None:
            return []
        self._backlog = backlog
        calls = self.poll()
        if not self.connected and not self._locked:
            self._backlog = None
        return calls

    def poll(self) -> list[Call]:
        """The calls that have come, at most PAGE. Raises DatabaseError for a file helicli cannot read."""
        try:
            with told(self._path):
                return self._news(self._db) if self._connect() and self._db is not None else []
        except DatabaseError as error:
            if not _passing(error):
                raise
            self.close()
            self._locked = True
            return []

    def said(self, calls: list[Call]) -> dict[int, str]:
        """The last thing the user said in each call."""
        from helicli.query.wire import last_said

        try:
            return last_said(self._db, calls) if self._db else {}
        except sqlite3.OperationalError:
            self.close()
            return {}

    def wire(self, call: Call) -> Wire | None:
        """Both sides of a call; None where the file cannot be read now."""
        from helicli.query.wire import wire

        try:
            return wire(self._db, call.seq) if self._db else None
        except sqlite3.OperationalError:
            self.close()
            return None

    def close(self) -> None:
        """Let the file go; the place is kept."""
        if self._db is not None:
            self._db.close()
        self._db = self._file = None

    def _news(self, db: Log) -> list[Call]:
        if self._backlog is not None:
            end = last_seq(db)
            calls = newest(db, self._selection, self._backlog) if self._backlog else []
            self._mark(max(end, calls[-1].seq if calls else 0))
            self._backlog = None
            return calls
        version = db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version and not self._more:
            return []
        end = last_seq(db)
        if end < self._seen:
            # The newest calls were removed and their numbers will be given again.
            self._mark(end)
        calls = after(db, self._seen, self._selection, PAGE)
        self._more = len(calls) == PAGE
        self._mark(calls[-1].seq if self._more else max(end, calls[-1].seq if calls else 0))
        self._version = version
        return calls

    def _connect(self) -> bool:
        """Have the file that is there now open."""
        try:
            status = self._path.stat()
        except OSError:
            self.close()
            return False
        if self._db is not None and self._file == (status.st_dev, status.st_ino):
            return True
        self.close()
        self._locked = False
        try:
            self._db = open_reader(self._path)
        except NotFoundError:
            return False
        self._file = (status.st_dev, status.st_ino)
        self._version = -1
        self._recognise(self._db)
        return True

    def _recognise(self, db: Log) -> None:
        row = db.execute("SELECT id FROM calls WHERE seq = ?", (self._seen,)).fetchone()
        if self._seen and (row is None or row[0] != self._seen_id):
            self._seen, self._seen_id = 0, None

    def _mark(self, seq: int) -> None:
        if seq == self._seen or self._db is None:
            return
        row = self._db.execute("SELECT id FROM calls WHERE seq = ?", (seq,)).fetchone()
        self._seen, self._seen_id = seq, row[0] if row else None


def _passing(error: DatabaseError) -> bool:
    """Whether a file is locked, half made or going away: it will be right in a moment. Anything else stays wrong."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    # The low byte is the kind; the others say more of it.
    return code is not None and code & 0xFF in _PASSING
