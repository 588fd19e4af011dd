"""Cells of a log that is still being written, made beside it in a file of their own.

Owns that file: its tables are those of the log, read from it, and its rows are a function of the log's. The log is only
read, a block at a time, so that whoever writes it waits for one block at most.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from helicli.store.cell_mark import mark
from helicli.store.cell_rows import Measured
from helicli.store.cells import BLOCK, CellWriter

TABLES: Final = ("cell_keys", "cells", "wide_cells", "cell_histograms", "cell_gaps", "cell_mark")
_PATIENCE_MS: Final = 600_000
"""How long each side waits for the other; neither holds the log for more than some seconds."""


class SideCells:
    """Takes calls of a log into cells in another file. `block` is how many at once."""

    def __init__(self, log: Path, side: Path, block: int) -> None:
        self._block = block
        side.touch(mode=0o600)
        self._db = sqlite3.connect(side, uri=True, isolation_level=None)
        for pragma in ("journal_mode = off", "synchronous = off", f"busy_timeout = {_PATIENCE_MS}"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.execute("ATTACH ? AS log", (f"file:{quote(str(log))}?mode=ro",))
        for name in TABLES:
            of_table = "SELECT sql FROM log.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"
            for (statement,) in self._db.execute(of_table, (name,)).fetchall():
                self._db.execute(statement)
        self._db.execute("INSERT INTO main.cell_mark VALUES (1, 0, 0)")
        # What is in both is found in the first, and calls are in the log alone.
        self._writer = _Writer(self._db)

    def take(self, last: int) -> bool:
        """Take the next whole block of the calls up to `last`; whether there was one."""
        return self._advance(last, self._block)

    def end(self, last: int) -> None:
        """Take what is left of them, but for a last block that the recorder would leave too."""
        while self.take(last) or self._advance(last, BLOCK):
            pass

    def close(self) -> None:
        """Let go of both files."""
        self._db.close()

    def _advance(self, last: int, block: int) -> bool:
        took = self._writer.advance(last, block)
        if took:
            self._db.execute("COMMIT")
        return took


class _Writer(CellWriter):
    """Begins to write when it has read: a transaction would hold the log all the while."""

    def _measured(self, after: int, upto: int) -> Measured:
        found = super()._measured(after, upto)
        self._db.execute("BEGIN")
        return found


def reached(side: Path) -> int:
    """The call up to which such a file has taken calls."""
    db = sqlite3.connect(side, timeout=_PATIENCE_MS / 1000)
    try:
        return mark(db)
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def merge(db: sqlite3.Connection, side: Path) -> None:
    """Take over the cells of such a file; the log has none yet."""
    db.execute("ATTACH ? AS side", (str(side),))
    db.execute("BEGIN")
    db.execute("DELETE FROM main.cell_mark")
    for name in TABLES:
        db.execute(f"INSERT INTO main.{name} SELECT * FROM side.{name}")
    db.execute("COMMIT")
    db.execute("DETACH side")
