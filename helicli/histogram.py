"""Durations counted in buckets, so that percentiles of many calls need not their times.

Owns the buckets: 64 to a doubling, each at most 1.6 % wide, told by its middle; and their bytes. Histograms of parts
add up to that of the whole. Integers only, so that every machine puts a time in the same bucket.

The bytes of a histogram are 32-bit words: a bucket and its count. Where there are many buckets, a row of 16-bit counts
stands before the words: such rows are added up as two large integers, all counts of a row at once. More words may be
put at the end at any time.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_FINE: Final = 6
_LINEAR: Final = 1 << (_FINE + 1)
BUCKETS: Final = 1 << 12
"""More than the bucket of any 64-bit integer."""

_COUNT_BITS: Final = 18
_COUNT_MAX: Final = (1 << _COUNT_BITS) - 1
_ROW: Final = BUCKETS << _COUNT_BITS
"""A first word from this on says that a row stands before the words, and how many words it takes."""

_ROW_MIN: Final = 64
"""Fewer buckets are told by words."""

_COUNTED: Final = 512
"""Fewer single words are kept as they are."""

_LANE_MAX: Final = (1 << 16) - 1
_EVEN: Final = int.from_bytes(b"\xff\xff\0\0" * (BUCKETS // 2), "little")
_MANY_WORDS: Final = 1 << 16

Histogram = dict[int, int]
"""How many calls are in each bucket, by its number."""


def bucket(micros: int) -> int:
    """The bucket of a duration."""
    if micros < _LINEAR:
        return micros if micros > 0 else 0
    shift = micros.bit_length() - 1 - _FINE
    return (shift << _FINE) + (micros >> shift)


def middle(number: int) -> int:
    """The duration that a bucket is told as."""
    if number < _LINEAR:
        return number
    shift = (number >> _FINE) - 1
    return ((number - (shift << _FINE)) << shift) + (1 << shift >> 1)


def percentile(counts: Mapping[int, int], percent: float) -> int | None:
    """The duration that so many percent of the calls did not exceed, within 1 %; None where nothing was counted."""
    total = sum(counts.values())
    rank = max(1, -(-total * percent // 100))
    for number in sorted(counts):
        rank -= counts[number]
        if rank <= 0 and total:
            return middle(number)
    return None


def pack(counts: Mapping[int, int]) -> bytes:
    """The bytes of a histogram: a row where that takes no more of them than words."""
    if len(counts) < _ROW_MIN:
        return words(counts)
    first = min(counts) & ~1
    length = (max(counts) - first >> 1) + 1
    beyond = {number: count - _LANE_MAX for number, count in counts.items() if count > _LANE_MAX}
    if 2 + length + len(beyond) > len(counts):
        return words(counts)
    row = array("H", bytes(4 * length))
    for number, count in counts.items():
        row[number - first] = min(count, _LANE_MAX)
    return _bytes(array("I", [_ROW + length, first])) + _bytes(row) + words(beyond)


def words(counts: Mapping[int, int]) -> bytes:
    """Bytes that may stand at the end of others. A count too large for a word stands in several."""
    if max(counts.values(), default=0) <= _COUNT_MAX:
        return _bytes(array("I", [number << _COUNT_BITS | count for number, count in counts.items()]))
    found = array("I")
    for number, count in counts.items():
        while count > _COUNT_MAX:
            found.append(number << _COUNT_BITS | _COUNT_MAX)
            count -= _COUNT_MAX
        found.append(number << _COUNT_BITS | count)
    return _bytes(found)


def word(micros: int | None) -> int:
    """The word of one call; 0, which says nothing, where there is no duration."""
    if micros is None:
        return 0
    if micros < _LINEAR:
        return bucket(micros) << _COUNT_BITS | 1
    # As in `bucket`; a call takes as long as all that is done here.
    shift = micros.bit_length() - 1 - _FINE
    return (shift << _FINE) + (micros >> shift) << _COUNT_BITS | 1


def pack_each(single: Sequence[int]) -> bytes:
    """Bytes that may stand at the end of others, of words of `word`."""
    if len(single) < _COUNTED:
        return _bytes(array("I", filter(None, single)))
    found = Counter(single)
    found.pop(0, None)
    # A word of `word` has the count 1 already.
    return _bytes(array("I", [each + count - 1 for each, count in found.items()]))


def counted(single: Iterable[int]) -> Counter[int]:
    """What words of `word` come to."""
    found = Counter(single)
    found.pop(0, None)
    return Counter({each >> _COUNT_BITS: count for each, count in found.items()})


class Pile:
    """Packed histograms that are added up."""

    __slots__ = ("_even", "_loose", "_odd", "_words")

    def __init__(self) -> None:
        self._even = self._odd = 0
        self._words = bytearray()
        self._loose: Counter[int] = Counter()

    def add(self, packed: bytes) -> None:
        """Add one. No bucket may come to more than 2^32 calls."""
        if packed and packed[3] >= _ROW >> 24:
            end = 8 + 4 * (int.from_bytes(packed[:4], "little") - _ROW)
            first = int.from_bytes(packed[4:8], "little")
            row = int.from_bytes(packed[8:end], "little")
            even = row & _EVEN
            self._even += even << 16 * first
            self._odd += (row ^ even) >> 16 << 16 * first
            packed = packed[end:]
        self._words += packed
        if len(self._words) > _MANY_WORDS:
            self._fold()

    def counts(self) -> Histogram:
        """What they come to."""
        self._fold()
        found: Histogram = {}
        for lanes, odd in ((self._even, 0), (self._odd, 1)):
            low = ((lanes & -lanes).bit_length() - 1) // 32 if lanes else 0
            lanes >>= 32 * low
            for at, count in enumerate(_numbers(lanes.to_bytes(-(-lanes.bit_length() // 32) * 4, "little")), low):
                if count:
                    found[2 * at + odd] = count
        for each, times in self._loose.items():
            number = each >> _COUNT_BITS
            found[number] = found.get(number, 0) + (each & _COUNT_MAX) * times
        return found

    def _fold(self) -> None:
        # Of many histograms that were joined, most words are met again.
        self._loose.update(_numbers(self._words))
        self._words.clear()


def unpack(packed: bytes) -> Histogram:
    """What `pack` made bytes of."""
    pile = Pile()
    pile.add(packed)
    return pile.counts()


def _bytes(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(packed: bytes | bytearray) -> array[int]:
    numbers = array("I")
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
