"""Stored answers, by the call that brought them.

Owns the table `cache`. What goes in and what goes out was decided by the proxy, and is applied in the order of its
journal; here only what has expired is deleted besides, which nobody is served any more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from helicli.caching import HIT, Clearing, Entry, NewEntry, Noted
from helicli.errors import HelicliError, NotFoundError
from helicli.journal import Position
from helicli.store import position
from helicli.store.bodies import BodyReader
from helicli.store.connect import open_reader

_BATCH: Final = 1000
Value = TypeVar("Value")
_PUT: Final = (
    "INSERT INTO cache (seq, id, key, slot, org, seed, stored_at, expires_at, used_at, form, content_type,"
    " usage_asked, size, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LOAD: Final = (
    "SELECT x.id, x.key, x.slot, (SELECT word FROM words WHERE id = x.org), (SELECT word FROM words WHERE id = x.seed),"
    " x.stored_at, x.expires_at, x.form, (SELECT word FROM words WHERE id = x.content_type), x.usage_asked, x.size,"
    " c.latency_us FROM cache x JOIN calls c ON c.seq = x.seq WHERE x.expires_at > ?"
    " ORDER BY x.used_at DESC, x.seq DESC"
)


class Saved(Struct, frozen=True):
    """What a hit saved, and the call it was answered from; None where that one is gone, or has no known price."""

    saved_nano: int | None = None
    saved_us: int | None = None
    cached_from: int | None = None


class CacheWriter:
    """Writes through the one writing connection; the caller owns the transaction."""

    def __init__(
        self, connection: sqlite3.Connection, pack: Callable[[bytes], bytes], word: Callable[[str], int]
    ) -> None:
        self._db = connection
        self._pack = pack
        self._word = word

    def saved(self, source: bytes, latency_us: int) -> Saved:
        """What a hit on the answer of a call saved."""
        row = self._db.execute("SELECT seq, cost_nano, latency_us FROM calls WHERE id = ?", (source,)).fetchone()
        return Saved(row[1], max(0, row[2] - latency_us), row[0]) if row else Saved()

    def apply(self, seq: int, call_id: bytes, at: int, noted: Noted, answer: bytes | None) -> None:
        """Take what a call did with the cache; `answer` is what it stored, None where that is not to be kept."""
        if noted.word == HIT:
            self._db.execute(
                "UPDATE cache SET hits = hits + 1, used_at = max(used_at, ?) WHERE id = ?", (at, noted.source)
            )
        if noted.put is not None:
            self._put(seq, call_id, at, noted.put, answer)
        for entry_id in noted.evicted:
            self._db.execute("DELETE FROM cache WHERE id = ?", (entry_id,))

    def clear(self, clearing: Clearing) -> int:
        """Delete what a clearing takes; how many entries."""
        terms: list[str] = []
        values: list[str | int] = []
        if clearing.seed is not None:
            terms.append("seed = (SELECT id FROM words WHERE word = ?)")
            values.append(clearing.seed)
        if clearing.before_ms is not None:
            terms.append("stored_at < ?")
            values.append(clearing.before_ms)
        condition = " AND ".join(terms) or "1"
        if clearing.ids is None:
            return self._db.execute(f"DELETE FROM cache WHERE {condition}", values).rowcount
        delete = f"DELETE FROM cache WHERE id = ? AND {condition}"
        return sum(self._db.execute(delete, (entry_id, *values)).rowcount for entry_id in clearing.ids)

    def _put(self, seq: int, call_id: bytes, at: int, put: NewEntry, answer: bytes | None) -> None:
        self._db.execute("DELETE FROM cache WHERE (key = ? AND slot = ?) OR expires_at <= ?", (put.key, put.slot, at))
        if answer is None:
            return
        word = self._word
        where = (seq, call_id, put.key, put.slot, word(put.org), word(put.seed), at, put.expires_at, at)
        what = (put.form, word(put.content_type), put.usage_asked, put.size, self._pack(answer))
        self._db.execute(_PUT, (*where, *what))


class CacheReader:
    """Reads for the proxy, in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._bodies: BodyReader | None = None
        self._identity: tuple[int, int] | None = None

    def high(self) -> Position:
        """How far into the journal the database has come. Raises sqlite3.Error and HelicliError as `batches` does."""
        return self._read(lambda db: position.load(db).high, position.START)

    def batches(self, now: int) -> Iterator[list[Entry]]:
        """All fresh entries, the most used first, so many at a time that the proxy need not stop to take them in.

        Raises sqlite3.Error and HelicliError where there is a database that cannot be read.
        """
        rows = self._read(lambda db: db.execute(_LOAD, (now,)), None)
        if rows is not None:
            while batch := rows.fetchmany(_BATCH):
                yield [Entry(*(*row[:9], bool(row[9]), *row[10:])) for row in batch]

    def body(self, entry_id: bytes) -> bytes | None:
        """The bytes of an entry; what cannot be read is not there."""
        try:
            row = self._open().execute("SELECT body FROM cache WHERE id = ?", (entry_id,)).fetchone()
            return self._bodies.unpack(row[0]) if row and self._bodies else None
        except (sqlite3.Error, HelicliError):
            self.close()
            return None

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._db is not None:
            self._db.close()
            self._db = self._bodies = None

    def _read(self, read: Callable[[sqlite3.Connection], Value], nothing: Value) -> Value:
        """What is read, `nothing` where there is no database yet."""
        try:
            return read(self._open())
        except NotFoundError:
            return nothing
        except (sqlite3.Error, HelicliError):
            self.close()
            raise

    def _open(self) -> sqlite3.Connection:
        identity = _identity(self._path)
        if identity != self._identity:
            # The file was deleted or replaced: SQLite would go on reading the old one.
            self.close()
        if self._db is None:
            self._db = open_reader(self._path)
            self._bodies = BodyReader(self._db)
            self._identity = identity
        return self._db


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
