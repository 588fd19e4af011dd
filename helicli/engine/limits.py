"""Limits as commands change them: in the running engine, or in the database where none runs.

Owns the choice of the way. It imports no event loop, since every command would wait for that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from helicli import paths
from helicli.engine import client, lock
from helicli.engine.changing import change
from helicli.errors import NetworkError
from helicli.store import limits
from helicli.store.limits import StoredLimit


def add(database: Path, limit: StoredLimit, say: Callable[[str], None]) -> bool:
    """Store a limit; whether an engine runs, where it holds from now on. Raises HelicliError."""
    given = msgspec.to_builtins(limit)
    return change(database, "limits.add", given, lambda db: limits.add(db, limit), say)[0]


def remove(database: Path, name: str, say: Callable[[str], None]) -> bool:
    """Drop a limit; whether an engine runs. Raises HelicliError."""
    return change(database, "limits.remove", {"name": name}, lambda db: limits.remove(db, name), say)[0]


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
