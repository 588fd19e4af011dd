"""A change that a command makes to what is stored: by the engine where one runs, else by its own hand.

Owns that choice. Where no engine runs the command takes the lock, writes and leaves. It imports no event loop, since
every command would wait for that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from helicli import paths
from helicli.engine import client, lock
from helicli.errors import DatabaseError
from helicli.store.connect import open_writer


def change(
    database: Path,
    do: str,
    given: Mapping[str, Any],
    write: Callable[[sqlite3.Connection], Any],
    say: Callable[[str], None],
) -> tuple[bool, Any]:
    """Make a change; whether an engine runs, where it holds from now on, and what came of it. Raises HelicliError."""
    path = paths.lock_file(database)
    holder = lock.read(path)
    if client.answers(holder.control):
        return True, client.ask(holder.control, do, given)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock.Lock.take(path, database, say)
    except OSError as error:
        raise _not_written(database, error) from error
    try:
        with closing(open_writer(database)) as db:
            return False, write(db)
    except (sqlite3.Error, OSError) as error:
        raise _not_written(database, error) from error
    finally:
        held.release()


def _not_written(database: Path, error: Exception) -> DatabaseError:
    return DatabaseError(f"{database} cannot be written", "make it yours, or use --db FILE", str(error))
