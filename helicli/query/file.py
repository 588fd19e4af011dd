"""The database file as a thing: how large it is and what it spans.

Reads only; looks at the journal beside it without opening a record.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from helicli import journal, paths
from helicli.query.reading import Log


class Span(Struct, frozen=True):
    """What a log holds. Instants are milliseconds UTC, None where there is no call."""

    calls: int
    schema: int
    first_at: int | None
    last_at: int | None


def span(db: Log) -> Span:
    """How many calls, of which schema, from when to when."""
    row = db.execute("SELECT count(*) FROM calls").fetchone()
    times = db.execute("SELECT (SELECT min(created_at) FROM calls), (SELECT max(created_at) FROM calls)").fetchone()
    return Span(row[0], db.execute("PRAGMA user_version").fetchone()[0], times[0], times[1])


def size(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def waiting(database: Path) -> int:
    """Bytes of the journal, which the recorder has yet to write into the database."""
    total = 0
    with suppress(OSError):
        for entry in paths.journal_dir(database).iterdir():
            if journal.parse_name(entry.name):
                total += max(0, size(entry) - journal.SEGMENT_HEADER.size)
    return total
