"""The response cache, looked at.

Owns the entry as a value and the statements that fetch it and sum it up. An entry belongs to the call that brought it,
so it is chosen as calls are. What has expired is not there. Reads only.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.caching import KEY_BYTES
from helicli.errors import NotFoundError, UsageError
from helicli.filters import Filter
from helicli.query.reading import Log
from helicli.query.where import where
from helicli.store.bodies import BodyReader

_FEWEST: Final = 4
_DAY_MS: Final = 86_400_000


class CacheEntry(Struct, frozen=True):
    """One stored answer. Instants are milliseconds UTC; `cost_nano` and `latency_us` are what each hit saves."""

    key: bytes
    id: bytes
    seq: int
    slot: int
    seed: str
    model: str | None
    user: str | None
    stored_at: int
    expires_at: int
    used_at: int
    hits: int
    size: int
    form: str
    cost_nano: int | None
    latency_us: int


class CacheStats(Struct, frozen=True):
    """The cache as a whole. `asked` and `hit` are calls since `since_ms`, what they saved with them."""

    entries: int
    bytes: int
    oldest_at: int | None
    asked: int
    hits: int
    saved_nano: int
    saved_us: int


_SELECT: Final = (
    "SELECT x.key, x.id, x.seq, x.slot, (SELECT word FROM words WHERE id = x.seed),"
    " coalesce((SELECT word FROM words WHERE id = c.requested_model), (SELECT word FROM words WHERE id = c.model)),"
    " (SELECT word FROM words WHERE id = c.user), x.stored_at, x.expires_at, x.used_at, x.hits, x.size, x.form,"
    " c.cost_nano, c.latency_us FROM cache x JOIN calls c ON c.seq = x.seq WHERE x.expires_at > ?"
)


def entries(
    db: Log,
    chosen: Filter,
    now: int,
    *,
    seed: str | None = None,
    before_ms: int | None = None,
    limit: int = 0,
    by_hits: bool = False,
) -> list[CacheEntry]:
    """The entries of the calls chosen, those used last first; `limit` 0 is all."""
    condition, values = where(chosen)
    more = ""
    if seed is not None:
        more += " AND x.seed = (SELECT id FROM words WHERE word = ?)"
        values.append(seed)
    if before_ms is not None:
        more += " AND x.stored_at < ?"
        values.append(before_ms)
    order = "x.hits DESC, x.used_at DESC" if by_hits else "x.used_at DESC, x.seq DESC"
    statement = f"{_SELECT} AND {condition}{more} ORDER BY {order} LIMIT ?"
    return [_entry(row) for row in db.execute(statement, (now, *values, limit or -1))]


def find(db: Log, ref: str, now: int) -> CacheEntry:
    """The entry that the beginning of a key names, or the seq of the call that brought it; of variants the last used.

    Raises NotFoundError, UsageError where it begins several keys.
    """
    word = ref.strip().lower()
    rows: list[Any] = []
    if word.isascii() and word.isdecimal() and len(word) < 19:
        rows = db.execute(f"{_SELECT} AND x.seq = ?", (now, int(word))).fetchall()
    if not rows and _FEWEST <= len(word) <= 2 * KEY_BYTES and not word.strip("0123456789abcdef"):
        low, high = (bytes.fromhex(word.ljust(2 * KEY_BYTES, fill)) for fill in "0f")
        rows = db.execute(f"{_SELECT} AND x.key BETWEEN ? AND ? ORDER BY x.used_at DESC", (now, low, high)).fetchall()
    if not rows:
        raise NotFoundError(f"no stored answer {ref}", "helicli cache list")
    keys = {row[0] for row in rows}
    if len(keys) > 1:
        raise UsageError(f"{ref} begins the keys of {len(keys)} stored answers", "write more of it: helicli cache list")
    return _entry(rows[0])


def answer(db: Log, entry: CacheEntry) -> bytes:
    """The bytes of a stored answer."""
    row = db.execute("SELECT body FROM cache WHERE id = ?", (entry.id,)).fetchone()
    if row is None:
        raise NotFoundError("this answer has just gone", "helicli cache list")
    return BodyReader(db).unpack(row[0])


def stats(db: Log, now: int) -> CacheStats:
    """The cache as a whole; its calls are those of the last 24 hours."""
    held = db.execute("SELECT count(*), total(size), min(stored_at) FROM cache WHERE expires_at > ?", (now,)).fetchone()
    asked = db.execute(
        "SELECT count(*), total(w.word = 'hit'), total(c.saved_nano), total(c.saved_us) FROM calls c"
        " JOIN words w ON w.id = c.cache WHERE c.created_at >= ?",
        (now - _DAY_MS,),
    ).fetchone()
    return CacheStats(held[0], int(held[1]), held[2], asked[0], *(int(value) for value in asked[1:]))


def _entry(row: tuple[Any, ...]) -> CacheEntry:
    return msgspec.convert(dict(zip(CacheEntry.__struct_fields__, row, strict=True)), CacheEntry, strict=False)
