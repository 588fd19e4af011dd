"""How many calls went to each provider."""

from __future__ import annotations

import sqlite3


def calls_since(db: sqlite3.Connection, since_ms: int) -> dict[str, int]:
    """The calls of each provider from an instant on."""
    rows = db.execute(
        "SELECT w.word, count(*) FROM calls c JOIN words w ON w.id = c.provider WHERE c.created_at >= ? GROUP BY 1",
        (since_ms,),
    )
    return {str(name): int(count) for name, count in rows}
