"""Questions in SQL of the user's own.

Owns what such a statement may do: read this file. The connection is read-only, and every step that would write, attach
another file, load code or change a setting is refused before it runs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from helicli.errors import UsageError
from helicli.query.reading import Log, interruptible

Cell = str | int | float | bytes | None

_ASKS: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_CODE: Final = frozenset(("load_extension", "fts3_tokenizer"))
"""Functions that touch the process, not the log."""
_PRAGMAS: Final = frozenset(
    ("table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list")
)
"""What tells of the schema and changes nothing, whatever it is given."""
_LONGEST: Final = 100_000_000
"""The longest text or blob of an answer, in bytes."""


class Rows(Struct, frozen=True):
    """An answer: the names of its columns, and its rows as they come."""

    names: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]


@contextmanager
def asked(db: Log, statement: str) -> Iterator[Rows]:
    """The answer to one statement, which ends with the block. Raises UsageError for what cannot be asked."""
    refused: list[str] = []

    def may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS:
            return sqlite3.SQLITE_OK
        if action in _ASKS and (action != sqlite3.SQLITE_FUNCTION or second not in _CODE):
            return sqlite3.SQLITE_OK
        refused.append(str(second or first or ""))
        return sqlite3.SQLITE_DENY

    for pragma in _PRAGMAS:
        # Its table is made when it is first asked, and making one would be refused.
        db.execute(f"SELECT 1 FROM pragma_{pragma} LIMIT 0")
    db.set_authorizer(may)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    try:
        with interruptible(db):
            cursor = db.execute(statement)
            if cursor.description is None:
                raise UsageError("this asks for nothing", "write a SELECT; the tables: helicli db sql --tables")
            yield Rows(tuple(column[0] for column in cursor.description), cursor)
    except (sqlite3.DatabaseError, sqlite3.ProgrammingError) as error:
        if refused:
            raise UsageError("db sql only reads the log", "write a SELECT", str(error)) from error
        if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.DataError):
            raise UsageError(f"SQLite: {error}", "the tables and their columns: helicli db sql --tables") from error
        raise
    finally:
        db.set_authorizer(None)


TABLES: Final = (
    "SELECT m.name, m.type, group_concat(c.name, ' ') AS columns FROM sqlite_master m"
    " JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.name NOT LIKE '%sqlite_%'"
    " GROUP BY m.name, m.type ORDER BY m.type DESC, m.name"
)
"""What there is to ask of."""
