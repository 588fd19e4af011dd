"""Scores of calls, written by the id of their call.

Owns the tables `scores` and `early_scores`. A later score of a name replaces the earlier one. A score may come before
its call has a row, because the call still runs: it waits in `early_scores`, for a day at most. Neither table takes more
than CALL_MAX names for one call: what is beyond is dropped, and the earlier ones stay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable
from typing import Final
from uuid import UUID

from helicli.errors import NotFoundError, UsageError
from helicli.scores import CALL_MAX, Scored

WAITS_MS: Final = 24 * 3_600_000
WAITING_MAX: Final = 10_000
"""So many calls that nobody has seen may be scored at one time."""
WAITING_ROWS_MAX: Final = 50_000
"""So many scores may wait at one time."""
PRUNE_MS: Final = 60_000

_WORD: Final = "INSERT INTO words (word) VALUES (?) ON CONFLICT (word) DO UPDATE SET word = word RETURNING id"
_KEEP: Final = "INSERT OR REPLACE INTO scores (seq, name, value, at) VALUES (?, ?, ?, ?)"
_NAMES: Final = "SELECT n.word FROM scores s JOIN words n ON n.id = s.name WHERE s.seq = ?"
_WAIT: Final = "INSERT OR REPLACE INTO early_scores (ref, name, value, at) VALUES (?, ?, ?, ?)"


def keep(db: sqlite3.Connection, given: Scored) -> int | None:
    """Keep scores of a call that has a row; its seq, None where it has none, and then nothing is kept."""
    seq = _seq(db, given.ref)
    if seq is not None:
        _put(db, seq, [(name, value, given.at) for name, value in given.scores.items()])
    return seq


def must_keep(db: sqlite3.Connection, given: Scored) -> None:
    """Keep scores of a call. Raises NotFoundError where it has no row, UsageError where it has too many."""
    db.execute("BEGIN IMMEDIATE")
    try:
        seq = _seq(db, given.ref)
        if seq is None:
            raise NotFoundError(f"no call {given.ref}", "helicli filter   lists the calls there are")
        if not _put(db, seq, [(name, value, given.at) for name, value in given.scores.items()]):
            raise UsageError(f"a call has {CALL_MAX} scores at most", "give names that it has")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


class EarlyScores:
    """The scores that wait for the rows of their calls."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._names: dict[str, set[str]] | None = None
        self._rows = 0
        self._pruned_at = 0

    def forget(self) -> None:
        """Look into the table again before the next use."""
        self._names = None

    def wait(self, given: Scored) -> None:
        """Keep scores until their call has a row; those that waited for too long go."""
        self._prune(given.at)
        waiting, ref = self._waiting(), _canonical(given.ref)
        if ref not in waiting and len(waiting) >= WAITING_MAX:
            return
        known = waiting.get(ref, set())
        room = min(CALL_MAX - len(known), WAITING_ROWS_MAX - self._rows)
        taken = _fitting(given.scores, known, room)
        if taken:
            self._db.executemany(_WAIT, [(ref, name, given.scores[name], given.at) for name in taken])
            waiting[ref] = known.union(taken)
            self._rows += len(waiting[ref]) - len(known)

    def come(self, seq: int, id: bytes, request_id: str | None) -> None:
        """Give the call that just got a row what waited for it."""
        waiting = self._waiting()
        if not waiting:
            return
        for ref in {str(UUID(bytes=id)), _canonical(request_id or "")} & waiting.keys():
            _put(self._db, seq, self._db.execute("SELECT name, value, at FROM early_scores WHERE ref = ?", (ref,)))
            self._db.execute("DELETE FROM early_scores WHERE ref = ?", (ref,))
            self._rows -= len(waiting.pop(ref))

    def _prune(self, now: int) -> None:
        """Delete what waited for too long; every row is read for it, so not for every score."""
        if abs(now - self._pruned_at) < PRUNE_MS:
            return
        self._pruned_at = now
        if self._db.execute("DELETE FROM early_scores WHERE at < ?", (now - WAITS_MS,)).rowcount:
            self.forget()

    def _waiting(self) -> dict[str, set[str]]:
        if self._names is None:
            self._names, self._rows = {}, 0
            for ref, name in self._db.execute("SELECT ref, name FROM early_scores"):
                self._names.setdefault(ref, set()).add(name)
                self._rows += 1
        return self._names


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


def _put(db: sqlite3.Connection, seq: int, given: Iterable[tuple[str, float, int]]) -> bool:
    """Keep names, values and times as scores of a call that has a row; whether it has room for all of them."""
    known = {row[0] for row in db.execute(_NAMES, (seq,))}
    rows = {name: (value, at) for name, value, at in given}
    taken = _fitting(rows, known, CALL_MAX - len(known))
    db.executemany(_KEEP, [(seq, _word(db, name), *rows[name]) for name in taken])
    return len(taken) == len(rows)


def _fitting(names: Iterable[str], known: Container[str], room: int) -> list[str]:
    """The names that are known, and of the others as many as there is room for."""
    taken = []
    for name in names:
        if name not in known:
            room -= 1
            if room < 0:
                continue
        taken.append(name)
    return taken


def _word(db: sqlite3.Connection, word: str) -> int:
    return int(db.execute(_WORD, (word,)).fetchone()[0])
