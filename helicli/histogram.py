"""Durations counted in buckets, so that percentiles of many calls need not their times.

Owns the buckets: 64 to a doubling, each at most 1.6 % wide, told by its middle; and their bytes. Histograms of parts
add up to that of the whole. Integers only, so that every machine puts a time in the same bucket.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import Final

_FINE: Final = 6
_LINEAR: Final = 1 << (_FINE + 1)
BUCKETS: Final = 1 << 12
"""More than the bucket of any 64-bit integer."""

_COUNT_BITS: Final = 18
_COUNT_MAX: Final = (1 << _COUNT_BITS) - 1

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
    """Bytes, in the order of numbers: a 32-bit word for a number below 2^14 and its count; a count too large for one
    word stands in several."""
    if max(counts.values(), default=0) <= _COUNT_MAX:
        words = array("I", sorted([number << _COUNT_BITS | count for number, count in counts.items()]))
    else:
        words = array("I")
        for number, count in sorted(counts.items()):
            while count > _COUNT_MAX:
                words.append(number << _COUNT_BITS | _COUNT_MAX)
                count -= _COUNT_MAX
            words.append(number << _COUNT_BITS | count)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def head(packed: bytes, below: int) -> bytes:
    """The part of a packed histogram that is about the numbers below one."""
    words = array("I")
    words.frombytes(packed)
    if sys.byteorder == "big":
        words.byteswap()
    return packed[: 4 * bisect_left(words, below << _COUNT_BITS)]


def add(counts: Histogram, packed: bytes) -> None:
    """Add what `pack` made of another histogram, or of several, one after the other."""
    words = array("I")
    words.frombytes(packed)
    if sys.byteorder == "big":
        words.byteswap()
    # Of many histograms that were joined, most words are met again.
    for word, times in Counter(words).items():
        number = word >> _COUNT_BITS
        counts[number] = counts.get(number, 0) + (word & _COUNT_MAX) * times
