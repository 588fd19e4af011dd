"""Scores of calls, written by the id of their call.

Owns the tables `scores` and `early_scores`. A later score of a name replaces the earlier one. A score may come before
its call has a row, because the call still runs: it waits in `early_scores`, for a day at most.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from helicli.errors import NotFoundError
from helicli.scores import Scored

WAITS_MS: Final = 24 * 3_600_000
WAITING_MAX: Final = 10_000
"""So many calls that nobody has seen may be scored at one time."""

_WORD: Final = "INSERT INTO words (word) VALUES (?) ON CONFLICT (word) DO UPDATE SET word = word RETURNING id"
_KEEP: Final = "INSERT OR REPLACE INTO scores (seq, name, value, at) VALUES (?, ?, ?, ?)"
_WAIT: Final = "INSERT OR REPLACE INTO early_scores (ref, name, value, at) VALUES (?, ?, ?, ?)"


def keep(db: sqlite3.Connection, given: Scored) -> int | None:
    """Keep scores of a call that has a row; its seq, None where it has none, and then nothing is kept."""
    seq = _seq(db, given.ref)
    if seq is not None:
        db.executemany(_KEEP, [(seq, _word(db, name), value, given.at) for name, value in given.scores.items()])
    return seq


def must_keep(db: sqlite3.Connection, given: Scored) -> None:
    """Keep scores of a call. Raises NotFoundError where it has no row."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if keep(db, given) is None:
            raise NotFoundError(f"no call {given.ref}", "helicli filter   lists the calls there are")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


class EarlyScores:
    """The scores that wait for the rows of their calls."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._refs: set[str] | None = None

    def forget(self) -> None:
        """Look into the table again before the next use."""
        self._refs = None

    def wait(self, given: Scored) -> None:
        """Keep scores until their call has a row; those that waited for too long go."""
        refs = self._waiting()
        self._db.execute("DELETE FROM early_scores WHERE at < ?", (given.at - WAITS_MS,))
        ref = _canonical(given.ref)
        if ref not in refs and len(refs) >= WAITING_MAX:
            return
        self._db.executemany(_WAIT, [(ref, name, value, given.at) for name, value in given.scores.items()])
        refs.add(ref)

    def come(self, seq: int, id: bytes, request_id: str | None) -> None:
        """Give the call that just got a row what waited for it."""
        refs = self._waiting()
        if not refs:
            return
        for ref in {str(UUID(bytes=id)), _canonical(request_id or "")} & refs:
            found = self._db.execute("SELECT name, value, at FROM early_scores WHERE ref = ?", (ref,)).fetchall()
            self._db.executemany(_KEEP, [(seq, _word(self._db, name), value, at) for name, value, at in found])
            self._db.execute("DELETE FROM early_scores WHERE ref = ?", (ref,))
            refs.discard(ref)

    def _waiting(self) -> set[str]:
        if self._refs is None:
            self._refs = {row[0] for row in self._db.execute("SELECT DISTINCT ref FROM early_scores")}
        return self._refs


def _canonical(ref: str) -> str:
    """A UUID as it is written, any other id as it came."""
    id = _uuid(ref)
    return str(id) if id is not None else ref


def _uuid(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None


def _seq(db: sqlite3.Connection, ref: str) -> int | None:
    """The call of an id, the newest where a caller gave it to several."""
    id = _uuid(ref)
    if id is not None:
        row = db.execute("SELECT seq FROM calls WHERE id = ?", (id.bytes,)).fetchone()
        if row is not None:
            return int(row[0])
    refs: Iterable[str] = dict.fromkeys((ref, _canonical(ref)))
    for each in refs:
        row = db.execute("SELECT max(seq) FROM calls WHERE request_id = ?", (each,)).fetchone()
        if row[0] is not None:
            return int(row[0])
    return None


def _word(db: sqlite3.Connection, word: str) -> int:
    return int(db.execute(_WORD, (word,)).fetchone()[0])
