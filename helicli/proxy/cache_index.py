"""The entries of the cache in memory: which there are, which is used least, which goes.

Pure: the clock is an argument, nothing is read or written. Owns the bounds. Whatever is taken out is told to the caller
by its id, so that those who keep the bytes hear of it.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable

from helicli.caching import Clearing, Entry

Bucket = tuple[str, str]
"""Org and seed."""

_SWEEP_MS = 60_000


class Index:
    """All entries by key, and in the order in which they were last used: of all, and of each bucket."""

    def __init__(self, max_entries: int, max_bytes: int, choose: Callable[[int], int] = random.randrange) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._choose = choose
        self._by_key: dict[bytes, dict[int, Entry]] = {}
        self._used: OrderedDict[bytes, Entry] = OrderedDict()
        self._buckets: dict[Bucket, OrderedDict[bytes, None]] = {}
        self._swept_at = 0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._used)

    def __contains__(self, entry_id: bytes) -> bool:
        return entry_id in self._used

    def find(self, key: bytes, now: int, *, variants: int | None, max_age_ms: int | None) -> Entry | None:
        """A fresh entry of a key, now used; None where there is none, or fewer than `variants` different ones."""
        slots = self._by_key.get(key)
        if slots is None:
            return None
        wanted = 1 if variants is None else variants
        fresh = [entry for slot, entry in sorted(slots.items()) if slot < wanted and _fresh(entry, now, max_age_ms)]
        if len(fresh) < wanted:
            return None
        entry = fresh[0] if wanted == 1 else fresh[self._choose(wanted)]
        self._used.move_to_end(entry.id)
        self._buckets[entry.org, entry.seed].move_to_end(entry.id)
        return entry

    def free_slot(self, key: bytes, now: int, variants: int | None) -> int:
        """Where the next answer to a key goes: the first slot without a fresh one, else the oldest one's."""
        slots = self._by_key.get(key, {})
        wanted = 1 if variants is None else variants
        for slot in range(wanted):
            if slot not in slots or slots[slot].expires_at <= now:
                return slot
        return min(range(wanted), key=lambda slot: slots[slot].stored_at)

    def put(self, entry: Entry, now: int, bucket_max: int | None) -> tuple[bytes, ...]:
        """Store an entry; the ids of what went for it: the one in its slot, and the least used beyond a bound."""
        before = self._by_key.get(entry.key, {}).get(entry.slot)
        gone = [] if before is None else [before.id]
        if before is not None:
            self.drop(before.id)
        self._add(entry)
        bucket = self._buckets[entry.org, entry.seed]
        if bucket_max is not None:
            gone += self._drop_from(bucket, len(bucket) - bucket_max)
        if self._over() and now - self._swept_at >= _SWEEP_MS:
            self._swept_at = now
            gone += self._drop_all([each.id for each in self._used.values() if each.expires_at <= now])
        while self._over():
            gone += self._drop_all([next(iter(self._used))])
        return tuple(gone)

    def drop(self, entry_id: bytes) -> bool:
        """Forget an entry; whether it was there."""
        entry = self._used.pop(entry_id, None)
        if entry is None:
            return False
        slots = self._by_key[entry.key]
        del slots[entry.slot]
        if not slots:
            del self._by_key[entry.key]
        bucket = self._buckets[entry.org, entry.seed]
        del bucket[entry_id]
        if not bucket:
            del self._buckets[entry.org, entry.seed]
        self.bytes -= entry.size
        return True

    def clear(self, clearing: Clearing) -> list[bytes]:
        """Forget what a clearing takes; the ids."""
        ids = None if clearing.ids is None else frozenset(clearing.ids)
        rest = Clearing(clearing.seed, clearing.before_ms)
        return self._drop_all(
            [each.id for each in self._used.values() if (ids is None or each.id in ids) and each.cleared_by(rest)]
        )

    def restore(self, entries: Iterable[Entry], now: int) -> None:
        """Take in entries of an earlier life, the least used first; they count as less used than all that are here."""
        added = []
        for entry in entries:
            if entry.expires_at > now and entry.slot not in self._by_key.get(entry.key, {}):
                self._add(entry)
                added.append(entry)
        for entry in reversed(added):
            self._used.move_to_end(entry.id, last=False)
            self._buckets[entry.org, entry.seed].move_to_end(entry.id, last=False)

    def _add(self, entry: Entry) -> None:
        self._by_key.setdefault(entry.key, {})[entry.slot] = entry
        self._used[entry.id] = entry
        self._buckets.setdefault((entry.org, entry.seed), OrderedDict())[entry.id] = None
        self.bytes += entry.size

    def _over(self) -> bool:
        return len(self._used) > self._max_entries or self.bytes > self._max_bytes

    def _drop_from(self, bucket: OrderedDict[bytes, None], count: int) -> list[bytes]:
        return self._drop_all([entry_id for entry_id, _ in zip(bucket, range(count), strict=False)])

    def _drop_all(self, ids: list[bytes]) -> list[bytes]:
        return [entry_id for entry_id in ids if self.drop(entry_id)]


def _fresh(entry: Entry, now: int, max_age_ms: int | None) -> bool:
    return entry.expires_at > now and (max_age_ms is None or now - entry.stored_at < max_age_ms)
