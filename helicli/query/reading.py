"""How the log is opened and read by commands.

Owns the step from SQLite's errors to helicli's. A reader never writes, and holds no transaction between two statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from helicli.errors import DatabaseError
from helicli.store.connect import open_reader

Log = sqlite3.Connection
"""An open log; what the questions take as `db`."""


@contextmanager
def opened(path: Path) -> Iterator[Log]:
    """The log of a database file, closed at the end. Raises NotFoundError, DatabaseError."""
    with told(path), closing(open_reader(path)) as db:
        yield db


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell an error of SQLite as a DatabaseError."""
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseError(
            f"cannot read {path}", "check that it is helicli's file, whole and yours", str(error)
        ) from error
