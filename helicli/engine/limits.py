"""Limits as commands change them: in the running engine, or in the database where none runs.

Owns the choice of the way. It imports no event loop, since every command would wait for that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from helicli import paths
from helicli.engine import client, lock
from helicli.errors import DatabaseError, NetworkError
from helicli.store import limits
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit


def add(database: Path, limit: StoredLimit, say: Callable[[str], None]) -> bool:
    """Store a limit; whether an engine runs, where it holds from now on. Raises HelicliError."""
    given = msgspec.to_builtins(limit)
    return _change(database, "limits.add", given, lambda db: limits.add(db, limit), say)


def remove(database: Path, name: str, say: Callable[[str], None]) -> bool:
    """Drop a limit; whether an engine runs. Raises HelicliError."""
    return _change(database, "limits.remove", {"name": name}, lambda db: limits.remove(db, name), say)


def usage(database: Path, name: str = "") -> list[dict[str, Any]]:
    """How the limits of the running engine stand: all, or those of a name, a run or a policy in its one spelling.

    Raises NetworkError where none runs.
    """
    holder = lock.read(paths.lock_file(database))
    try:
        if not holder.control:
            raise FileNotFoundError
        return list(client.ask(holder.control, "limits.usage", {"name": name}))
    except OSError as error:
        raise NetworkError("no engine runs, so nothing is counted", "helicli serve") from error


def _change(
    database: Path,
    do: str,
    given: dict[str, Any],
    change: Callable[[sqlite3.Connection], None],
    say: Callable[[str], None],
) -> bool:
    path = paths.lock_file(database)
    holder = lock.read(path)
    if client.answers(holder.control):
        client.ask(holder.control, do, given)
        return True
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock.Lock.take(path, database, say)
    except OSError as error:
        raise DatabaseError(f"{database} cannot be written", "make it yours, or use --db FILE", str(error)) from error
    try:
        with closing(open_writer(database)) as db:
            change(db)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{database} cannot be written", "make it yours, or use --db FILE", str(error)) from error
    finally:
        held.release()
    return False
