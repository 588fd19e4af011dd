"""The bench of cells: what they cost the recorder a call, and what a question of percentiles costs with them.

Owns its logs: days of 100,000 calls, by few users with one property and by many with six. Rows are there already; the
clock runs while they are taken into cells, a recorder's block at a time and each in a transaction of its own. Exit code
1 where a call costs more than the figure.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import machine

from helicli.demo.bulk import LABELS
from helicli.demo.samples import finished
from helicli.store.bulk import QUARTER_MS, Bulk, Slot
from helicli.store.cell_mark import last_seq
from helicli.store.cells import BLOCK, CellWriter, clear
from helicli.store.connect import open_writer

FIGURE_US = 10.0
"""Microseconds of processor a call."""

START_MS = 1_792_800_000_000 // 86_400_000 * 86_400_000
LOGS = {"50 users, 1 property": (50, LABELS[:1]), "2,000 users, 6 properties": (2_000, LABELS)}


def written(path: Path, days: int, users: int, labels: tuple) -> None:
    """A log of so many days, without cells."""
    bulk = Bulk(path, lambda _: None)
    try:
        bulk.models(list(finished(997, 7, START_MS)), 997)
        bulk.copies([Slot(START_MS + at * QUARTER_MS, 100_000 // 96) for at in range(days * 96)], users, labels)
    finally:
        bulk.close()


def cost(db: sqlite3.Connection) -> float:
    """Microseconds of processor a call, all blocks."""
    db.execute("BEGIN")
    clear(db)
    db.execute("COMMIT")
    writer, last = CellWriter(db), last_seq(db)
    begun = time.process_time()
    more = True
    while more:
        db.execute("BEGIN IMMEDIATE")
        more = writer.advance(last)
        db.execute("COMMIT")
    return (time.process_time() - begun) * 1e6 / (last // BLOCK * BLOCK)


def main() -> int:
    """Print what a call costs in each log."""
    parser = argparse.ArgumentParser(description="What cells cost the recorder.")
    parser.add_argument("--days", type=int, default=2, metavar="N", help="days of 100,000 calls (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="the lowest of so many counts (default: 3)")
    options = parser.parse_args()
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    held = True
    for name, (users, labels) in LOGS.items():
        with tempfile.TemporaryDirectory(prefix="helicli-cells-") as folder:
            path = Path(folder) / "log.db"
            written(path, options.days, users, labels)
            with closing(open_writer(path)) as db:
                found = [cost(db) for _ in range(options.rounds)]
                cells = db.execute("SELECT count(*) FROM cells").fetchone()[0]
        held = held and min(found) <= FIGURE_US
        told = " ".join(f"{each:.1f}" for each in found)
        sys.stdout.write(f"{name:27} {min(found):5.1f} µs of processor a call ({told}), {cells:,} cells\n")
    sys.stdout.write(f"figure: at most {FIGURE_US:.0f} µs\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
