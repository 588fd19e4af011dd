"""Windows of time with what was counted in them: those that slide, and those of the calendar.

Owns the counting for one segment of one policy. A sliding window is exact up to EXACT_MAX entries; above, entries are
joined into sub-buckets that end no earlier than what they hold, so that never too much is let through. Pure: the time
is given, in integer milliseconds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import datetime, timedelta, tzinfo
from typing import Final

EXACT_MAX: Final = 10_000
SUB_BUCKETS: Final = 1_000
"""Into so many a window is divided where it holds more than EXACT_MAX entries."""
AMOUNT_MAX: Final = 1 << 62
"""More than this of one entry is taken for this much: a provider may say anything, and a machine word has an end."""
_COMPACT: Final = 64


class Sliding:
    """What was counted in the last `window` milliseconds. Where no amounts are held every entry is 1.

    `at` never goes back from one call to the next.
    """

    __slots__ = ("_amounts", "_grain", "_head", "_times", "used")

    def __init__(self) -> None:
        self.used = 0
        self._times = array("q")
        self._amounts: array[int] | None = None
        self._head = 0
        self._grain = 1

    def expire(self, now: int, window: int) -> None:
        """Let go of what has left the window: an entry is in it for `window` milliseconds, the last not included."""
        times, head, edge = self._times, self._head, now - window
        if head == len(times) or times[head] > edge:
            return
        while head < len(times) and times[head] <= edge:
            self.used -= 1 if self._amounts is None else self._amounts[head]
            head += 1
        if head == len(times):
            self._times, self._amounts, head, self._grain = array("q"), None, 0, 1
        elif head >= _COMPACT and head * 2 > len(times):
            del times[:head]
            if self._amounts is not None:
                del self._amounts[:head]
            head = 0
        self._head = head

    def add(self, at: int, amount: int, window: int) -> None:
        """Count an amount at an instant."""
        if self._amounts is None and (amount != 1 or self._grain > 1):
            self._amounts = array("q", [1]) * len(self._times)
        key, times = self._key(at), self._times
        if self._amounts is not None and times and times[-1] >= key:
            amount = min(amount, AMOUNT_MAX - self._amounts[-1])
            self._amounts[-1] += amount
        else:
            times.append(key)
            if self._amounts is not None:
                amount = min(amount, AMOUNT_MAX)
                self._amounts.append(amount)
        self.used += amount
        if len(times) - self._head > EXACT_MAX and self._grain == 1:
            self._join(window)

    def change(self, at: int, by: int, now: int, window: int) -> int:
        """Correct what was counted at an instant; by how much it was, which is nothing where it has left the window."""
        self.expire(now, window)
        key = self._key(at)
        index = bisect_left(self._times, key, self._head)
        if not by or index == len(self._times) or self._times[index] != key:
            return 0
        if self._amounts is None:
            self._amounts = array("q", [1]) * len(self._times)
        by = min(by, AMOUNT_MAX - self._amounts[index])
        self._amounts[index] += by
        self.used += by
        return by

    def wait(self, excess: int, now: int, window: int) -> int:
        """Milliseconds until `excess` of what is counted has left the window."""
        for index in range(self._head, len(self._times)):
            excess -= 1 if self._amounts is None else self._amounts[index]
            if excess <= 0:
                return max(0, self._times[index] + window - now)
        return window

    def _key(self, at: int) -> int:
        return at if self._grain == 1 else -(-at // self._grain) * self._grain

    def _join(self, window: int) -> None:
        """From now on in sub-buckets, until the window is empty."""
        self._grain = max(2, window // SUB_BUCKETS)
        joined, amounts = array("q"), array("q")
        for index in range(self._head, len(self._times)):
            key = self._key(self._times[index])
            amount = 1 if self._amounts is None else self._amounts[index]
            if joined and joined[-1] == key:
                amounts[-1] = min(AMOUNT_MAX, amounts[-1] + amount)
            else:
                joined.append(key)
                amounts.append(amount)
        self._times, self._amounts, self._head = joined, amounts, 0


class Calendar:
    """What was counted in a day or month. The one before is kept too, for a clock that is set back over its edge."""

    __slots__ = ("_before", "_start", "used")

    def __init__(self) -> None:
        self.used = 0
        self._start = 0
        self._before = (0, 0)

    def enter(self, start: int) -> None:
        """Count in the window that begins then."""
        if start != self._start:
            left = self._start, self.used
            self._start, self.used = start, self._before[1] if self._before[0] == start else 0
            self._before = left

    def change(self, start: int, by: int) -> int:
        """Correct what was counted in the window that began then; by how much it was."""
        if start == self._start:
            self.used += by
        elif start == self._before[0]:
            self._before = start, self._before[1] + by
        else:
            return 0
        return by


def bounds(word: str, wall: int, zone: tzinfo | None) -> tuple[int, int]:
    """Begin and end, in milliseconds UTC, of the calendar day or month of an instant, in a zone (None: the machine's).

    A day begins with its first instant, also where the clocks skip midnight or pass it twice.
    """
    midnight = datetime.fromtimestamp(wall / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if word == "day":
        following = midnight + timedelta(days=1)
    else:
        midnight = midnight.replace(day=1)
        following = (midnight + timedelta(days=32)).replace(day=1)
    return round(midnight.timestamp() * 1000), round(following.timestamp() * 1000)
