"""What limits have counted: the charges that are still live, by policy, segment and part of a window.

Owns the table `charges`. Charges of one part of a window are added up; they go a day after they have ceased to count,
so that a clock that was wrong for a while costs nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from helicli.call import Charge

_ADD: Final = (
    "INSERT INTO charges (policy, segment, at, amount, expires_at) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (policy, segment, at) DO UPDATE SET amount = min(amount + excluded.amount, 1 << 62)"
)
_LIVE: Final = (
    "SELECT p.word, s.word, c.amount, c.at, c.expires_at FROM charges c JOIN words p ON p.id = c.policy "
    "JOIN words s ON s.id = c.segment WHERE c.expires_at > ?"
)
_KEPT_MS: Final = 86_400_000
PRUNE_MS: Final = 60_000
"""How long what has ended may wait to be deleted."""


@contextmanager
def one_state(db: sqlite3.Connection) -> Iterator[None]:
    """Read several tables as they stand at one moment, over a connection that only reads."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def add(db: sqlite3.Connection, policy: int, segment: int, charge: Charge) -> None:
    """Add one charge, its policy and its segment given as words."""
    if charge.amount:
        db.execute(_ADD, (policy, segment, charge.at, charge.amount, charge.expires_at))


def prune(db: sqlite3.Connection, now_ms: int) -> None:
    """Delete what ceased to count a day before."""
    db.execute("DELETE FROM charges WHERE expires_at < ?", (now_ms - _KEPT_MS,))


def live(db: sqlite3.Connection, now_ms: int) -> Iterable[Charge]:
    """The charges that still count."""
    for policy, segment, amount, at, expires_at in db.execute(_LIVE, (now_ms,)):
        yield Charge(policy, segment, amount, at, expires_at)
