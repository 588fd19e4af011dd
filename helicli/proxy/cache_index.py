"""The entries of the cache in memory: which there are, which is used least, which goes.

Pure: the clock is an argument, nothing is read or written. Owns the bounds. Whatever is taken out is told to the caller
by its id, so that those who keep the bytes hear of it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from helicli.caching import Clearing, Entry
from helicli.proxy.cache_table import Table

_SWEEP_MS = 60_000
_SWEEP_MOST = _STEP = 1000
"""What has expired, or is cleared, goes in steps, none of them long enough to be felt."""


class Index:
    """All entries, in the order in which they were last used: of all, and of each bucket."""

    def __init__(self, max_entries: int, max_bytes: int, choose: Callable[[int], int] = random.randrange) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._choose = choose
        self._table = Table(max_entries)
        self._swept_at = 0
        self._since: dict[object, set[int]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, entry: Entry) -> bool:
        row = self._table.find(entry.key, entry.slot)
        return bool(row) and self._table.id(row) == entry.id

    def entries(self) -> list[Entry]:
        """All entries, the least used first."""
        return [self._table.entry(row) for row in self._table.rows()]

    def bucket(self, org: str, seed: str) -> list[Entry]:
        """The entries of a bucket, the least used first."""
        return [self._table.entry(row) for row in self._table.bucket(org, seed)]

    def find(self, key: bytes, now: int, *, variants: int | None, max_age_ms: int | None) -> Entry | None:
        """A fresh entry of a key, now used; None where there is none, or fewer than `variants` different ones."""
        fresh = []
        for slot in range(variants or 1):
            row = self._table.find(key, slot)
            entry = self._table.entry(row) if row else None
            if entry is None or not _fresh(entry, now, max_age_ms):
                return None
            fresh.append((row, entry))
        row, entry = fresh[0] if len(fresh) == 1 else fresh[self._choose(len(fresh))]
        self._table.use(row)
        return entry

    def free_slot(self, key: bytes, now: int, variants: int | None) -> int:
        """Where the next answer to a key goes: the first slot without a fresh one, else the oldest one's."""
        oldest, slot_of_oldest = sys.maxsize, 0
        for slot in range(variants or 1):
            row = self._table.find(key, slot)
            entry = self._table.entry(row) if row else None
            if entry is None or not _fresh(entry, now, None):
                return slot
            if entry.stored_at < oldest:
                oldest, slot_of_oldest = entry.stored_at, slot
        return slot_of_oldest

    def put(self, entry: Entry, now: int, bucket_max: int | None) -> tuple[bytes, ...]:
        """Store an entry; the ids of what went for it: the one in its slot, and the least used beyond a bound.

        A bound that is newly small is reached in some calls.
        """
        table, before = self._table, self._table.find(entry.key, entry.slot)
        gone = self._remove([before]) if before else []
        self._add(entry)
        if bucket_max is not None:
            beyond = table.count(entry.org, entry.seed) - bucket_max
            gone += self._remove(islice(table.bucket(entry.org, entry.seed), min(max(0, beyond), _STEP)))
        if self._over() and now - self._swept_at >= _SWEEP_MS:
            expired = table.expired(now, _SWEEP_MOST)
            gone += self._remove(expired)
            if len(expired) < _SWEEP_MOST:
                self._swept_at = now
        for row in islice(table.rows(), _STEP):
            if not self._over():
                break
            gone += self._remove([row])
        return tuple(gone)

    def drop(self, entry: Entry) -> bool:
        """Forget an entry; whether it was there."""
        return entry in self and bool(self._remove([self._table.find(entry.key, entry.slot)]))

    def clear(self, clearing: Clearing) -> Iterator[list[bytes]]:
        """Forget what a clearing takes of what is here, step by step; the ids of each step.

        What comes between the steps stays. No clock is asked for that: it may have been set back.
        """
        ids = None if clearing.ids is None else frozenset(clearing.ids)
        rest = Clearing(clearing.seed, clearing.before_ms)
        if ids is None and rest == Clearing():
            gone = [self._table.id(row) for row in self._table.rows()]
            self._table, self.bytes = Table(self._max_entries), 0
            yield gone
            return
        this, start = object(), 1
        since = self._since[this] = set()
        try:
            while start < self._table.end:
                rows = range(start, min(start + _STEP, self._table.end))
                yield self._remove([row for row in rows if row not in since and self._takes(ids, rest, row)])
                start += _STEP
        finally:
            del self._since[this]

    def restore(self, entries: Iterable[Entry], now: int) -> None:
        """Take in entries of an earlier life, the most used first; they count as less used than all that are here."""
        for entry in entries:
            if entry.expires_at > now and not self._table.find(entry.key, entry.slot):
                self._add(entry, as_first=True)

    def _takes(self, ids: frozenset[bytes] | None, rest: Clearing, row: int) -> bool:
        if not self._table.holds(row) or (ids is not None and self._table.id(row) not in ids):
            return False
        return self._table.entry(row).cleared_by(rest)

    def _add(self, entry: Entry, *, as_first: bool = False) -> None:
        row = self._table.add(entry, as_first=as_first)
        for rows in self._since.values():
            rows.add(row)
        self.bytes += entry.size

    def _over(self) -> bool:
        return len(self._table) > self._max_entries or self.bytes > self._max_bytes

    def _remove(self, rows: Iterable[int]) -> list[bytes]:
        gone = []
        for row in rows:
            gone.append(self._table.id(row))
            self.bytes -= self._table.remove(row)
        return gone


def _fresh(entry: Entry, now: int, max_age_ms: int | None) -> bool:
    """Whether an entry may be served.

    One that seems to be of tomorrow is taken for as old as that is far: the clock was set back, nobody knows its age.
    """
    life = entry.expires_at - entry.stored_at
    return abs(now - entry.stored_at) < (life if max_age_ms is None else min(life, max_age_ms))
