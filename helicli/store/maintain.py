"""Care of the database file: a copy of it, its compaction, and whether it is whole.

Owns the statements that read or rewrite all of it. A copy is one state of the log however long it takes and whoever
writes meanwhile; it is checked before it gets its name. Compaction needs the lock, which the caller holds.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from helicli.errors import DatabaseError
from helicli.store.bodies import Uses, uses_of
from helicli.store.connect import open_reader, open_writer

PAGES: Final = 2_000
"""Pages copied between two words on progress: 8 MB."""

_FAULTS: Final = 100
Progress = Callable[[float], None]
"""Told the share that is done."""


def backup(source: Path, target: Path, progress: Progress) -> int:
    """Copy a database to a file, mode 0600, replacing what stands there; its size. Raises DatabaseError, OSError.

    The copy is one file: it needs no `-wal` beside it.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        with closing(open_reader(source)) as held, closing(_plain(unfinished)) as copy:
            # A snapshot that is held is not begun again when somebody writes.
            held.execute("BEGIN")
            held.execute("SELECT count(*) FROM sqlite_master").fetchone()
            held.backup(copy, pages=PAGES, progress=lambda _, left, total: progress(1 - left / max(1, total)))
            copy.execute("PRAGMA journal_mode = delete")
            faults = list(_integrity(copy))
        if faults:
            raise DatabaseError(f"the copy of {source} is damaged", "helicli db check", faults[0])
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
        return target.stat().st_size
    finally:
        for leftover in (unfinished, *(unfinished.with_name(unfinished.name + end) for end in ("-journal", "-wal"))):
            leftover.unlink(missing_ok=True)


def vacuum(path: Path) -> None:
    """Rewrite a database without its empty pages. Raises sqlite3.Error."""
    with closing(open_writer(path)) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def check(db: sqlite3.Connection, progress: Progress) -> list[str]:
    """What is wrong with a database, in sentences; nothing where it is whole. Reads one state of it."""
    db.execute("BEGIN")
    faults: list[str] = []
    try:
        faults += [f"file: {fault}" for fault in _integrity(db)]
        progress(0.5)
        rows = db.execute("PRAGMA foreign_key_check").fetchmany(_FAULTS)
        faults += [f"table {row[0]}, row {row[1]}: names a row of {row[2]} that is not there" for row in rows]
        progress(0.6)
        if not faults:
            faults += _recount(db)
        progress(1.0)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        faults.append(f"file: {error}")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return faults


def _plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _integrity(db: sqlite3.Connection) -> Iterator[str]:
    for (word,) in db.execute(f"PRAGMA integrity_check({_FAULTS})"):
        if word != "ok":
            yield word


def _recount(db: sqlite3.Connection) -> list[str]:
    """Parts and chains whose count of uses is not what bodies and chains need of them."""
    parts: Counter[int] = Counter()
    chains: Counter[int] = Counter()
    rows = db.execute("SELECT seq, request_headers, request, response_headers, response FROM bodies")
    faults: list[str] = []
    for seq, *stored in rows:
        try:
            uses: Uses = uses_of(*stored)
        except (IndexError, ValueError):
            faults.append(f"bodies of call {seq}: cannot be read")
            continue
        parts.update(uses.parts)
        chains.update(uses.chains)
    for parent, part in db.execute("SELECT parent, part FROM chains"):
        parts[part] += 1
        if parent:
            chains[parent] += 1
    faults += _compare("part", parts, db.execute("SELECT id, uses FROM parts"))
    faults += _compare("chain", chains, db.execute("SELECT id, uses FROM chains"))
    return faults[:_FAULTS]


def _compare(noun: str, needed: Counter[int], rows: sqlite3.Cursor) -> list[str]:
    faults = []
    for number, uses in rows:
        counted = needed.pop(number, 0)
        if counted != uses:
            faults.append(f"{noun} {number}: counted {uses} times, used {counted} times")
    return faults + [f"{noun} {number}: is not there, used {counted} times" for number, counted in needed.items()]
