"""What has been added to the log since a call: for whoever watches an engine.

Reads by `seq` only, so that its cost is what came, not what is there.
"""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from helicli.query.where import FAILED


class Added(Struct, frozen=True):
    """The sums of the calls after one; `cost_nano` leaves out the `unpriced` ones."""

    calls: int
    errors: int
    cost_nano: int
    unpriced: int


def added(db: sqlite3.Connection, seq: int) -> Added:
    """The sums of all calls after `seq`."""
    row = db.execute(
        f"SELECT count(*), total({FAILED}), total(c.cost_nano), total(c.cost_nano IS NULL) "
        "FROM calls c WHERE c.seq > ?",
        (seq,),
    ).fetchone()
    return Added(int(row[0]), int(row[1]), int(row[2]), int(row[3]))
