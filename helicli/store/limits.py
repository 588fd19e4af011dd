"""Stored limits, written and read by name.

Owns the table `limits`. A policy is kept as it was given; what it means is worked out by whoever reads it.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from helicli.errors import NotFoundError, UsageError
from helicli.filters import parse as filter_of
from helicli.limits import Limit, check_selection
from helicli.policy import parse

_ADD: Final = "INSERT INTO limits (name, policy, selection, created_at) VALUES (?, ?, ?, ?)"


class StoredLimit(msgspec.Struct, frozen=True):
    """A limit as it is kept: the texts of its policy and of its filter."""

    name: str
    policy: str
    selection: str = ""
    created_at: int = 0

    def limit(self) -> Limit:
        """What it means. Raises UsageError."""
        return Limit(parse(self.policy), self.name, check_selection(filter_of(self.selection)))


def add(db: sqlite3.Connection, limit: StoredLimit) -> None:
    """Keep one more. Raises UsageError where there is one of its name."""
    try:
        db.execute(_ADD, (limit.name, limit.policy, limit.selection, limit.created_at))
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f'there is a limit "{limit.name}" already', f"helicli limits remove {limit.name}   or choose another name"
        ) from error


def remove(db: sqlite3.Connection, name: str) -> None:
    """Drop one. Raises NotFoundError."""
    if not db.execute("DELETE FROM limits WHERE name = ?", (name,)).rowcount:
        raise NotFoundError(f'no limit "{name}"', "helicli limits list")


def load(db: sqlite3.Connection) -> list[StoredLimit]:
    """All of them, by name."""
    rows = db.execute("SELECT name, policy, selection, created_at FROM limits ORDER BY name")
    return [StoredLimit(*row) for row in rows]
