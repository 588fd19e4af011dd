"""How far into the journal the database has come.

Owns the single row that is committed with the calls it covers, so that rows and position can never disagree.
"""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from helicli.journal import Position

START = Position(0, 0, 0)


class Reached(Struct, frozen=True):
    """`high`: all ends before it have rows. `low`: where the oldest call that is still open begins.

    `carry` names the file that holds the records of calls that began before `low`, where there are any.
    """

    high: Position = START
    low: Position = START
    carry: str | None = None


def load(connection: sqlite3.Connection) -> Reached:
    """The position of the last commit; the very start where nothing was committed."""
    row = connection.execute(
        "SELECT high_generation, high_number, high_offset, low_generation, low_number, low_offset, carry "
        "FROM journal_position"
    ).fetchone()
    return Reached(Position(*row[0:3]), Position(*row[3:6]), row[6]) if row else Reached()


def save(connection: sqlite3.Connection, reached: Reached) -> None:
    """Write the position, in the transaction that is open."""
    connection.execute(
        "INSERT OR REPLACE INTO journal_position VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        (*reached.high, *reached.low, reached.carry),
    )
