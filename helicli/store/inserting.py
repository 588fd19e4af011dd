"""Rows put into a table without the columns that hold nothing.

Owns the statement for each set of columns that is there. Python's sqlite3 asks for a way to adapt each NULL, each
`bytes` and each boolean it is given, which costs more than to store it: so what is NULL is left out, and what comes in
is `bytearray`, `int`, `float` or `str`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

_KEPT: Final = 200
"""How many statements are remembered, of all there could be."""


class Insert:
    """Puts rows into a table; `columns` in the order of their values, `also` is what ends the statement."""

    def __init__(self, table: str, columns: Sequence[str], also: str = "") -> None:
        self._table = table
        self._columns = columns
        self._also = also
        self._statements: dict[tuple[int, ...], str] = {}

    def run(self, db: sqlite3.Connection, row: Sequence[Any]) -> sqlite3.Cursor:
        """Insert one row; a column whose value is None gets none."""
        there = tuple([at for at, value in enumerate(row) if value is not None])
        statement = self._statements.get(there) or self._made(there)
        return db.execute(statement, [row[at] for at in there])

    def _made(self, there: tuple[int, ...]) -> str:
        if len(self._statements) >= _KEPT:
            self._statements.clear()
        named = ", ".join([self._columns[at] for at in there])
        values = ", ".join("?" * len(there))
        statement = f"INSERT INTO {self._table} ({named}) VALUES ({values}) {self._also}"
        self._statements[there] = statement
        return statement
