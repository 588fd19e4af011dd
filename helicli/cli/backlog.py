"""Calls that wait in the journal while no engine is there to record them.

Owns that word, and whether an engine answers. The engine is asked, never disturbed; a command that only looks tells of
the backlog and goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helicli import paths
from helicli.cli.output import Output
from helicli.errors import DatabaseError
from helicli.query import file


def engine(database: Path) -> dict[str, Any] | None:
    """Who works on the database; None where nobody answers, whatever a killed engine left in its lock."""
    from helicli.engine import client, lock

    holder = lock.read(paths.lock_file(database))
    if not client.answers(holder.control):
        return None
    return {"pid": holder.pid, "address": holder.url, "version": holder.version}


def upstreams(database: Path) -> dict[str, str] | None:
    """Where the engine of a database sends the calls of each provider; None where none answers."""
    from helicli.engine import client, lock

    holder = lock.read(paths.lock_file(database))
    try:
        told: dict[str, str] = client.ask(holder.control, "providers") if holder.control else {}
    except OSError:
        return None
    return told or None


def tell(out: Output, database: Path) -> None:
    """Say how much waits where nobody will record it by himself. What cannot be read has its own error elsewhere."""
    try:
        held = file.waiting(database)
    except DatabaseError:
        return
    # Asked last, and only then: the engine's parts take longer to import than all else here.
    if held and engine(database) is None:
        say(out, held)


def say(out: Output, held: int) -> None:
    """The word on `held` bytes."""
    out.say(f"{held:,} bytes of calls wait in the journal; helicli serve records them")
