"""Which calls a log holds, from which seq to which, as it changes.

Owns the look at a file that costs nothing while nothing is written, and the recognition of another file in its place.
Polled, never blocking; no transaction is open between two looks.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from helicli.errors import DatabaseError, HelicliError, NotFoundError
from helicli.query.reading import Log
from helicli.store.connect import open_reader


class Extent(Struct, frozen=True):
    """From which seq to which calls stand in a log, 0 where there are none; `changes` counts what was seen to change.

    `file` tells one file from another that took its place. `trouble` is why there is nothing to read.
    """

    first: int = 0
    last: int = 0
    changes: int = 0
    file: int = 0
    trouble: HelicliError | None = None


def extent(db: Log) -> tuple[int, int]:
    """The seqs of the oldest and of the newest call, 0 where there is none."""
    row = db.execute("SELECT (SELECT min(seq) FROM calls), (SELECT max(seq) FROM calls)").fetchone()
    return row[0] or 0, row[1] or 0


def first_at(db: Log) -> int | None:
    """When the earliest call began, in milliseconds UTC; None where there is none."""
    found: int | None = db.execute("SELECT min(created_at) FROM calls").fetchone()[0]
    return found


class Growth:
    """Watches one database file; used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: Log | None = None
        self._file: tuple[int, int] | None = None
        self._version = -1
        self._seen = Extent()

    def look(self) -> Extent | None:
        """What the log holds now; None where it is what it was at the last look."""
        before = self._seen
        try:
            found = self._look(before)
        except (NotFoundError, DatabaseError) as error:
            self.close()
            found = Extent(changes=before.changes, file=before.file, trouble=error)
        except sqlite3.Error as error:
            # Locked, half made or going away: it will be right in a moment, or be told at the next opening.
            self.close()
            found = before if self._passing(error) else self._damaged(before, error)
        if _same(found, before):
            return None
        self._seen = found
        return found

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None
        self._version = -1

    def _look(self, before: Extent) -> Extent:
        db, file = self._open(before)
        version = db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version and before.trouble is None:
            return before
        self._version = version
        first, last = extent(db)
        return Extent(first, last, before.changes + 1, file)

    def _open(self, before: Extent) -> tuple[Log, int]:
        """The log that is there now, and which one it is."""
        try:
            status = self._path.stat()
        except OSError:
            raise NotFoundError(f"no database at {self._path}", "helicli serve") from None
        found = (status.st_dev, status.st_ino)
        file = before.file
        if found != self._file:
            self.close()
            file += self._file is not None
        if self._db is None:
            self._db = open_reader(self._path)
            self._file = found
        return self._db, file

    def _damaged(self, before: Extent, error: sqlite3.Error) -> Extent:
        trouble = DatabaseError(f"cannot read {self._path}", "helicli db check", str(error))
        return Extent(changes=before.changes, file=before.file, trouble=trouble)

    @staticmethod
    def _passing(error: sqlite3.Error) -> bool:
        return isinstance(error, sqlite3.OperationalError)


def _same(one: Extent, other: Extent) -> bool:
    told = [(each.first, each.last, each.changes, each.file, str(each.trouble or "")) for each in (one, other)]
    return told[0] == told[1]
