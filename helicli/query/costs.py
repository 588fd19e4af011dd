"""What calls cost, by model."""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from helicli.query.where import FAILED


class ModelCost(Struct, frozen=True):
    """The sums of one model's calls; `cost_nano` is None where none of them is priced."""

    model: str | None
    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost_nano: int | None


def by_model(db: sqlite3.Connection) -> list[ModelCost]:
    """The cost of every model in the log, the dearest first. Input counts what was read from and written to a cache."""
    rows = db.execute(
        f"SELECT w.word, count(*), total({FAILED}),"
        " total(c.input_tokens) + total(c.cache_read_tokens) + total(c.cache_write_tokens),"
        " total(c.output_tokens), sum(c.cost_nano)"
        " FROM calls c LEFT JOIN words w ON w.id = coalesce(c.requested_model, c.model)"
        " GROUP BY w.word ORDER BY sum(c.cost_nano) DESC, w.word"
    )
    return [ModelCost(row[0], int(row[1]), int(row[2]), int(row[3]), int(row[4]), row[5]) for row in rows]
