"""Connections to the database: one that writes, any number that read.

Owns the settings of every connection. The recorder alone writes and alone checkpoints; a reader opens `mode=ro` and
never holds a transaction while something is shown. A file is never opened only to look at it: that would drop SQLite's
locks.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from helicli.errors import DatabaseError, NotFoundError

APPLICATION_ID = 0x48434C49
"""`HCLI` in the header of the file: what tells helicli's databases from those of others."""

SCHEMA_VERSION = 1
"""What `PRAGMA user_version` says once all steps have run; a higher number is a newer helicli's file."""

BUSY_MS = 1000
"""How long a connection waits for another program's lock before it says so."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The writing connection; makes the file (mode 0600) and its tables where they are missing.

    Raises DatabaseError for a file from a newer helicli or from another program, before anything in it is changed, and
    sqlite3.Error for one that is locked or cannot be written.
    """
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=256)
    try:
        version, is_new = _look(path, connection)
        if version < SCHEMA_VERSION:
            # Who only reads needs no schema.
            from helicli.store.migrations import migrate

            if is_new:
                connection.execute("PRAGMA auto_vacuum = incremental")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA journal_mode = wal")
            migrate(connection)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = normal")
        connection.execute("PRAGMA secure_delete = on")
        connection.execute("PRAGMA foreign_keys = on")
        connection.execute("PRAGMA cache_size = -16000")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A reading connection. Raises NotFoundError where there is no database, DatabaseError where it cannot be read."""
    if not path.exists():
        raise NotFoundError(f"no database at {path}", "helicli serve   (it is made with the first call)")
    try:
        return _open_reader(path, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise _unreadable(path, error) from error
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    # A writer was killed in the middle of a change, and only a connection that may write can take that back.
    try:
        return _open_reader(path, "rw")
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _open_reader(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        connection.execute("PRAGMA query_only = on")
        version, _ = _look(path, connection)
        if version == 0:
            raise NotFoundError(f"no calls in {path} yet", "helicli serve")
    except BaseException:
        connection.close()
        raise
    return connection


def _unreadable(path: Path, error: sqlite3.Error) -> DatabaseError:
    return DatabaseError(f"cannot read {path}", "check that it is helicli's file and yours", str(error))


def _look(path: Path, connection: sqlite3.Connection) -> tuple[int, bool]:
    """The schema's version, and whether the file is empty. Raises DatabaseError for a file that is not ours to use."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    is_new = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not is_new and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DatabaseError(f"{path} is another program's database", "use another file: --db other.db")
    check_version(path, version)
    return version, is_new


def check_version(path: Path, version: int) -> None:
    """Raise DatabaseError where a newer helicli has written the file."""
    if version > SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a newer helicli (schema {version}, this one knows {SCHEMA_VERSION})",
            "upgrade: pip install -U helicli   or use another file: --db other.db",
        )
