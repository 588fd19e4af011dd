"""How far cells have come.

Owns the reading of the mark: calls up to it are in cells, all others are rows alone.
"""

from __future__ import annotations

import sqlite3


def mark(db: sqlite3.Connection) -> int:
    """The `seq` up to which calls are in cells."""
    return int(db.execute("SELECT upto FROM cell_mark").fetchone()[0])


def last_seq(db: sqlite3.Connection) -> int:
    """The `seq` of the newest call, 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0])
