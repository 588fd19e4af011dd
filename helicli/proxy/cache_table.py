"""The cache's entries as rows of bytes: 94 each, where as objects they took 541.

Pure. Owns the rows, the way from a place to its row, and the orders in which rows were last used: of all, and of each
bucket. A row is a number from 1 up and stays its entry's until that is removed; 0 is none. Decides nothing.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Hashable, Iterator
from typing import Final, Generic, TypeVar

from helicli.caching import Entry

Bucket = tuple[str, str]
"""Org and seed."""

_ROW: Final = struct.Struct("<16sI16sQIIII")
"""Key, slot, id, stored_at, size, latency, and the numbers of bucket and shape."""
_PLACE_BYTES: Final = 20
_ID: Final = slice(20, 36)
_MOST: Final = 2**32 - 1

Shape = tuple[str, str, bool]
"""Form, content type, and whether a stream was asked for its usage."""
Value = TypeVar("Value", bound=Hashable)


class Order:
    """Rows in a line, the least used first. `first` and `last` are 0 where there are none."""

    __slots__ = ("count", "first", "last")

    def __init__(self) -> None:
        self.first = self.last = self.count = 0


class Links:
    """What stands before and after each row in an order; a row stands in one."""

    def __init__(self) -> None:
        self._before = array("I", [0])
        self._after = array("I", [0])

    def make_room(self) -> None:
        """Take in one row more."""
        self._before.append(0)
        self._after.append(0)

    def add(self, order: Order, row: int, *, as_first: bool) -> None:
        """Put a row at an end of an order."""
        before, after = (0, order.first) if as_first else (order.last, 0)
        self._tie(order, before, row)
        self._tie(order, row, after)
        order.count += 1

    def remove(self, order: Order, row: int) -> None:
        """Take a row out of its order."""
        self._tie(order, self._before[row], self._after[row])
        order.count -= 1

    def rows(self, order: Order) -> Iterator[int]:
        """The rows of an order; the last one told may be removed meanwhile."""
        row = order.first
        while row:
            after = self._after[row]
            yield row
            row = after

    def _tie(self, order: Order, before: int, after: int) -> None:
        if before:
            self._after[before] = after
        else:
            order.first = after
        if after:
            self._before[after] = before
        else:
            order.last = before


class Shared(Generic[Value]):
    """Values that many rows have in common, by number, each with an order of its rows; gone with the last of these."""

    def __init__(self) -> None:
        self._numbers: dict[Value, int] = {}
        self._values: dict[int, tuple[Value, Order]] = {}
        self._last = 0

    def __getitem__(self, number: int) -> tuple[Value, Order]:
        return self._values[number]

    def number(self, value: Value) -> int:
        """The number of a value, 0 where no row has it."""
        return self._numbers.get(value, 0)

    def add(self, value: Value) -> int:
        """The number of a value, which may be new."""
        number = self._numbers.get(value, 0)
        if not number:
            self._last = number = self._last + 1
            self._numbers[value] = number
            self._values[number] = value, Order()
        return number

    def forget_empty(self, number: int) -> None:
        """Forget a value where it has no rows."""
        value, order = self._values[number]
        if not order.count:
            del self._values[number], self._numbers[value]


class Table:
    """All rows. Made for `most` of them; it holds more, after a pause to make room."""

    def __init__(self, most: int) -> None:
        self._rows = bytearray(_ROW.size)
        self._expires = array("Q", [0])
        self._free: list[int] = []
        self._slots = array("I", bytes(4 << max(3, min(most, 1_000_000) * 5 // 4).bit_length()))
        self._all = Order()
        self._used = Links()
        self._buckets: Shared[Bucket] = Shared()
        self._in_bucket = Links()
        self._shapes: Shared[Shape] = Shared()

    def __len__(self) -> int:
        return self._all.count

    @property
    def end(self) -> int:
        """All rows have smaller numbers."""
        return len(self._expires)

    def holds(self, row: int) -> bool:
        """Whether an entry stands in a row."""
        return self._expires[row] > 0

    def find(self, key: bytes, slot: int) -> int:
        """The row of a place, 0 where there is none."""
        return self._slots[self._seek(_place(key, slot))]

    def entry(self, row: int) -> Entry:
        """What stands in a row."""
        key, slot, entry_id, stored_at, size, latency, bucket, shape = _ROW.unpack_from(self._rows, row * _ROW.size)
        (org, seed), _ = self._buckets[bucket]
        (form, content_type, usage_asked), _ = self._shapes[shape]
        expires_at = self._expires[row]
        return Entry(
            entry_id, key, slot, org, seed, stored_at, expires_at, form, content_type, usage_asked, size, latency
        )

    def id(self, row: int) -> bytes:
        """The id of the entry in a row."""
        start = row * _ROW.size
        return bytes(self._rows[start + _ID.start : start + _ID.stop])

    def add(self, entry: Entry, *, as_first: bool = False) -> int:
        """Put in an entry whose place is free, as the one that was used last, or first; its row."""
        if len(self._slots) * 4 < (len(self) + 1) * 5:
            self._make_room()
        row = self._free.pop() if self._free else self._new_row()
        bucket = self._buckets.add((entry.org, entry.seed))
        shape = self._shapes.add((entry.form, entry.content_type, entry.usage_asked))
        latency = min(entry.latency_us, _MOST)
        told = entry.key, entry.slot, entry.id, entry.stored_at, entry.size, latency, bucket, shape
        _ROW.pack_into(self._rows, row * _ROW.size, *told)
        self._expires[row] = entry.expires_at
        self._slots[self._seek(_place(entry.key, entry.slot))] = row
        self._used.add(self._all, row, as_first=as_first)
        self._in_bucket.add(self._buckets[bucket][1], row, as_first=as_first)
        self._shapes[shape][1].count += 1
        return row

    def remove(self, row: int) -> int:
        """Take a row out; the size of its entry."""
        key, slot, _, _, size, _, bucket, shape = _ROW.unpack_from(self._rows, row * _ROW.size)
        self._vacate(self._seek(_place(key, slot)))
        self._used.remove(self._all, row)
        self._in_bucket.remove(self._buckets[bucket][1], row)
        self._shapes[shape][1].count -= 1
        self._buckets.forget_empty(bucket)
        self._shapes.forget_empty(shape)
        self._expires[row] = 0
        self._free.append(row)
        return int(size)

    def use(self, row: int) -> None:
        """Make a row the one that was used last."""
        bucket = _ROW.unpack_from(self._rows, row * _ROW.size)[6]
        for links, order in (self._used, self._all), (self._in_bucket, self._buckets[bucket][1]):
            links.remove(order, row)
            links.add(order, row, as_first=False)

    def rows(self) -> Iterator[int]:
        """All rows, the least used first; the last one told may be removed meanwhile."""
        return self._used.rows(self._all)

    def bucket(self, org: str, seed: str) -> Iterator[int]:
        """The rows of a bucket, the least used first; the last one told may be removed meanwhile."""
        number = self._buckets.number((org, seed))
        return self._in_bucket.rows(self._buckets[number][1]) if number else iter(())

    def count(self, org: str, seed: str) -> int:
        """How many rows a bucket has."""
        number = self._buckets.number((org, seed))
        return self._buckets[number][1].count if number else 0

    def expired(self, now: int, most: int) -> list[int]:
        """Rows that have expired, not more than so many."""
        found: list[int] = []
        for row, at in enumerate(self._expires):
            if 0 < at <= now:
                found.append(row)
                if len(found) == most:
                    break
        return found

    def _new_row(self) -> int:
        self._rows += bytes(_ROW.size)
        self._expires.append(0)
        self._used.make_room()
        self._in_bucket.make_room()
        return len(self._expires) - 1

    def _seek(self, place: bytes) -> int:
        """Where a place stands among the slots, or would: from where its key points to, the first that is free."""
        mask, slots, rows = len(self._slots) - 1, self._slots, self._rows
        at = _points_to(place) & mask
        while row := slots[at]:
            start = row * _ROW.size
            if rows[start : start + _PLACE_BYTES] == place:
                break
            at = (at + 1) & mask
        return at

    def _vacate(self, hole: int) -> None:
        """Free a slot, and move up those behind it that would no longer be found."""
        slots, mask, at = self._slots, len(self._slots) - 1, hole
        slots[hole] = 0
        while row := slots[at := (at + 1) & mask]:
            start = row * _ROW.size
            wanted = _points_to(self._rows[start : start + _PLACE_BYTES]) & mask
            if (at - wanted) & mask >= (at - hole) & mask:
                slots[hole], slots[at], hole = row, 0, at

    def _make_room(self) -> None:
        self._slots = array("I", bytes(8 * len(self._slots)))
        for row in self.rows():
            start = row * _ROW.size
            self._slots[self._seek(bytes(self._rows[start : start + _PLACE_BYTES]))] = row


def _place(key: bytes, slot: int) -> bytes:
    return key + slot.to_bytes(4, "little")


def _points_to(place: bytes | bytearray) -> int:
    """Keys are hashes, so any part of them is spread evenly; the slots of a key stand side by side."""
    return int.from_bytes(place[:8], "little") + int.from_bytes(place[16:_PLACE_BYTES], "little")
