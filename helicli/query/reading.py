"""How the log is opened and read by commands.

Owns the step from SQLite's errors to helicli's. A reader never writes, and holds no transaction between two statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from helicli.errors import DatabaseError
from helicli.store.connect import open_reader

_OFTEN: Final = 200_000
"""So many steps of SQLite's machine, a few milliseconds, pass between two looks."""

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


@contextmanager
def interruptible(db: Log, tell: Callable[[], None] | None = None) -> Iterator[None]:
    """Let ^C end a statement, however long it runs; `tell` is called now and then while one does."""

    def look() -> int:
        if tell is not None:
            tell()
        return 0

    # A handler in Python is where Python looks for signals while SQLite works.
    db.set_progress_handler(look, _OFTEN)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        raise
    finally:
        db.set_progress_handler(None, 0)
