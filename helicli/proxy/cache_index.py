"""The entries of the cache in memory: which there are, which is used least, which goes.

Pure: the clock is an argument, nothing is read or written. Owns the bounds. Whatever is taken out is told to the caller
by its id, so that those who keep the bytes hear of it.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice

from helicli.caching import Clearing, Entry

Bucket = tuple[str, str]
"""Org and seed."""

_SWEEP_MS = 60_000


class Index:
    """All entries by their place, in the order in which they were last used: of all, and of each bucket.

    A place is a key, with the slot behind it where that is not the first: one bytes object for all that name it.
    """

    def __init__(self, max_entries: int, max_bytes: int, choose: Callable[[int], int] = random.randrange) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._choose = choose
        self._used: OrderedDict[bytes, Entry] = OrderedDict()
        self._buckets: dict[Bucket, OrderedDict[bytes, None]] = {}
        self._swept_at = 0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._used)

    def __contains__(self, entry: Entry) -> bool:
        return self._used.get(_place(entry.key, entry.slot)) is entry

    def entries(self) -> list[Entry]:
        """All entries, the least used first."""
        return list(self._used.values())

    def find(self, key: bytes, now: int, *, variants: int | None, max_age_ms: int | None) -> Entry | None:
        """A fresh entry of a key, now used; None where there is none, or fewer than `variants` different ones."""
        fresh = []
        for slot in range(variants or 1):
            entry = self._used.get(_place(key, slot))
            if entry is None or not _fresh(entry, now, max_age_ms):
                return None
            fresh.append(entry)
        entry = fresh[0] if len(fresh) == 1 else fresh[self._choose(len(fresh))]
        place = _place(key, entry.slot)
        self._used.move_to_end(place)
        self._buckets[entry.org, entry.seed].move_to_end(place)
        return entry

    def free_slot(self, key: bytes, now: int, variants: int | None) -> int:
        """Where the next answer to a key goes: the first slot without a fresh one, else the oldest one's."""
        oldest, slot_of_oldest = now, 0
        for slot in range(variants or 1):
            entry = self._used.get(_place(key, slot))
            if entry is None or entry.expires_at <= now:
                return slot
            if entry.stored_at < oldest:
                oldest, slot_of_oldest = entry.stored_at, slot
        return slot_of_oldest

    def put(self, entry: Entry, now: int, bucket_max: int | None) -> tuple[bytes, ...]:
        """Store an entry; the ids of what went for it: the one in its slot, and the least used beyond a bound."""
        before = self._used.get(_place(entry.key, entry.slot))
        gone = [] if before is None else self._drop_all([before])
        self._add(entry)
        bucket = self._buckets[entry.org, entry.seed]
        if bucket_max is not None and len(bucket) > bucket_max:
            gone += self._drop_all([self._used[place] for place in islice(bucket, len(bucket) - bucket_max)])
        if self._over() and now - self._swept_at >= _SWEEP_MS:
            self._swept_at = now
            gone += self._drop_all([each for each in self._used.values() if each.expires_at <= now])
        while self._over():
            gone += self._drop_all([next(iter(self._used.values()))])
        return tuple(gone)

    def drop(self, entry: Entry) -> bool:
        """Forget an entry; whether it was there."""
        if entry not in self:
            return False
        place = _place(entry.key, entry.slot)
        del self._used[place]
        bucket = self._buckets[entry.org, entry.seed]
        del bucket[place]
        if not bucket:
            del self._buckets[entry.org, entry.seed]
        self.bytes -= entry.size
        return True

    def clear(self, clearing: Clearing) -> list[bytes]:
        """Forget what a clearing takes; the ids."""
        ids = None if clearing.ids is None else frozenset(clearing.ids)
        rest = Clearing(clearing.seed, clearing.before_ms)
        return self._drop_all(
            [each for each in self._used.values() if (ids is None or each.id in ids) and each.cleared_by(rest)]
        )

    def restore(self, entries: Iterable[Entry], now: int) -> None:
        """Take in entries of an earlier life, the least used first; they count as less used than all that are here."""
        added = []
        for entry in entries:
            if entry.expires_at > now and _place(entry.key, entry.slot) not in self._used:
                self._add(entry)
                added.append(entry)
        for entry in reversed(added):
            place = _place(entry.key, entry.slot)
            self._used.move_to_end(place, last=False)
            self._buckets[entry.org, entry.seed].move_to_end(place, last=False)

    def _add(self, entry: Entry) -> None:
        place = _place(entry.key, entry.slot)
        self._used[place] = entry
        self._buckets.setdefault((entry.org, entry.seed), OrderedDict())[place] = None
        self.bytes += entry.size

    def _over(self) -> bool:
        return len(self._used) > self._max_entries or self.bytes > self._max_bytes

    def _drop_all(self, entries: list[Entry]) -> list[bytes]:
        return [entry.id for entry in entries if self.drop(entry)]


def _place(key: bytes, slot: int) -> bytes:
    return key if slot == 0 else b"%b#%d" % (key, slot)


def _fresh(entry: Entry, now: int, max_age_ms: int | None) -> bool:
    return entry.expires_at > now and (max_age_ms is None or now - entry.stored_at < max_age_ms)
