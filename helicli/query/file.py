"""The database file as a thing: how large it is and what it spans.

Reads only; looks at the journal beside it without opening a record.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from helicli import paths
from helicli.errors import NotFoundError
from helicli.query.reading import Log, opened

if TYPE_CHECKING:
    from helicli.journal import Position


class Span(Struct, frozen=True):
    """What a log holds. Instants are milliseconds UTC, None where there is no call.

    `free_bytes` are those of pages that hold nothing, which `db vacuum` gives back.
    """

    calls: int
    schema: int
    free_bytes: int
    first_at: int | None
    last_at: int | None


def span(db: Log) -> Span:
    """How many calls, of which schema, from when to when."""
    row = db.execute("SELECT count(*) FROM calls").fetchone()
    times = db.execute("SELECT (SELECT min(created_at) FROM calls), (SELECT max(created_at) FROM calls)").fetchone()
    free, page = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
    return Span(row[0], db.execute("PRAGMA user_version").fetchone()[0], free * page, times[0], times[1])


def size(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def waiting(database: Path) -> int:
    """Bytes of calls in the journal that ended after the last one with a row; all of them where there is no database.

    Raises DatabaseError for a file that cannot be read.
    """
    sizes = _segments(database)
    if not sizes:
        return 0
    high = _reached(database)
    return sum(max(0, held - _done(at, high)) for at, held in sizes.items() if at >= high[:2])


def _segments(database: Path) -> dict[tuple[int, int], int]:
    """The size of each segment, by generation and number."""
    directory = paths.journal_dir(database)
    if not directory.is_dir():
        # Most commands ask this and few find a journal, whose shapes take a while to import.
        return {}
    from helicli import journal

    sizes: dict[tuple[int, int], int] = {}
    with suppress(OSError):
        for entry in directory.iterdir():
            name = journal.parse_name(entry.name)
            # A carry file holds again what stands in segments that were read to their end.
            if name and not name[2]:
                sizes[name[:2]] = size(entry)
    return sizes


def _reached(database: Path) -> Position:
    from helicli.store import position

    try:
        with opened(database) as db:
            return position.load(db).high
    except NotFoundError:
        return position.START


def _done(segment: tuple[int, int], high: Position) -> int:
    """How much of a segment has rows or is no record."""
    from helicli import journal

    return max(journal.SEGMENT_HEADER.size, high.offset if segment == high[:2] else 0)
