"""Which call stands in which row of a list.

Owns two kinds of list, both the newest call first. A `Span` is all calls from one seq to another and holds nothing but
the gaps that were met: ten million calls cost as much as ten. A `Found` holds the seq of every row. Pure: no call is
read here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import filterfalse
from typing import Final

_NEAR: Final = 10_000
"""So far below the last place a seq is looked for first."""

_WALKED: Final = 100
"""To look one up takes as long as to walk over so many rows."""


class Span:
    """All calls from `first` to `last`, of which those that are not there are learnt when a page is read."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        # Gaps as ranges of seqs, the newest first; _gone[i] is how many seqs gaps 0 to i hold.
        self._high: list[int] = []
        self._low: list[int] = []
        self._gone: list[int] = []

    def __len__(self) -> int:
        if not self.last or self.last < self.first:
            return 0
        return self.last - self.first + 1 - (self._gone[-1] if self._gone else 0)

    def seq(self, row: int) -> int:
        """The seq in a row; it may turn out that there is no such call."""
        # The row of the first seq below gap i is `last - low[i] + 1 - gone[i]`, which grows with i.
        at = self._gap_of_row(row)
        return self.last - row - (self._gone[at - 1] if at else 0)

    def holds(self, seq: int) -> bool:
        """Whether a call stands in the list, as far as gaps have been met."""
        row = self.row(seq)
        return row < len(self) and self.seq(row) == seq

    def row(self, seq: int) -> int:
        """The row of a seq, or of the next older one where it is in a gap."""
        at = bisect_left(self._low, -seq, key=lambda low: -low)
        # Gaps before `at` are above the seq; the one at `at` may hold it.
        gone = self._gone[at - 1] if at else 0
        if at < len(self._high) and self._low[at] <= seq <= self._high[at]:
            seq = self._high[at]
        return max(0, self.last - seq - gone)

    def learn(self, high: int, seqs: Sequence[int], ended: bool) -> None:
        """Take that from `high` down there are these seqs and no others; `ended` says that there are none below."""
        before = high + 1
        for seq in seqs:
            if seq < before - 1:
                self._add(seq + 1, before - 1)
            before = seq
        if ended and before > self.first:
            self._add(self.first, before - 1)

    def lose(self, seqs: Iterable[int]) -> None:
        """Take that these are not there."""
        for seq in seqs:
            self._add(seq, seq)

    def grow(self, first: int, last: int) -> None:
        """Take that the log holds calls from one seq to another now; where its newest have gone, nothing is known."""
        if last < self.last:
            self._high, self._low, self._gone = [], [], []
        self.last = max(last, first - 1)
        if first > self.first:
            self._forget_below(first)
        self.first = first

    def _gap_of_row(self, row: int) -> int:
        """How many gaps stand above a row."""
        low, high = 0, len(self._high)
        while low < high:
            middle = (low + high) // 2
            if self.last - self._low[middle] + 1 - self._gone[middle] <= row:
                low = middle + 1
            else:
                high = middle
        return low

    def _add(self, low: int, high: int) -> None:
        """Take a range as a gap, joined with those it touches."""
        low, high = max(low, self.first), min(high, self.last)
        if low > high:
            return
        begin = bisect_left(self._low, -(high + 1), key=lambda each: -each)
        # All gaps from `begin` on have low <= high + 1; those that reach down to low - 1 or above are joined.
        end = begin
        while end < len(self._high) and self._high[end] >= low - 1:
            low, high = min(low, self._low[end]), max(high, self._high[end])
            end += 1
        self._low[begin:end] = [low]
        self._high[begin:end] = [high]
        self._count(begin)

    def _count(self, begin: int) -> None:
        del self._gone[begin:]
        gone = self._gone[-1] if self._gone else 0
        for low, high in zip(self._low[begin:], self._high[begin:], strict=True):
            gone += high - low + 1
            self._gone.append(gone)

    def _forget_below(self, first: int) -> None:
        while self._low and self._low[-1] < first:
            if self._high[-1] >= first:
                self._low[-1] = first
                break
            self._low.pop()
            self._high.pop()
            self._gone.pop()
        self._count(max(0, len(self._low) - 1))


class Found:
    """Calls that were looked for, in the order in which they stand; by seq unless it is `sorted`."""

    def __init__(self, *, is_sorted: bool = False) -> None:
        self.is_sorted = is_sorted
        self._old = array("q")
        self._new = array("q")
        # Where the last seq stood that was asked for: it is asked for again, and stands there or a little below.
        self._near = 0

    @property
    def held(self) -> array[int]:
        """The seqs of a sorted list; another array whenever it is another list."""
        return self._old

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def seq(self, row: int) -> int:
        """The seq in a row."""
        new = len(self._new)
        return self._new[new - 1 - row] if row < new else self._old[row - new]

    def row(self, seq: int) -> int:
        """The row of a seq, or of the next older one where it does not stand in the list.

        In a sorted list that is the row where the seq stood that was asked for last.
        """
        if self.is_sorted:
            return self._row_in_order(seq)
        if self._new and seq >= self._new[0]:
            return len(self._new) - bisect_right(self._new, seq)
        return len(self._new) + bisect_left(self._old, -seq, key=lambda each: -each)

    def holds(self, seq: int) -> bool:
        """Whether a call stands in the list."""
        row = self.row(seq)
        return row < len(self) and self.seq(row) == seq

    def append(self, seqs: Sequence[int]) -> None:
        """Take more at the end: what was found further back."""
        self._old.extend(seqs)

    def prepend(self, seqs: Sequence[int]) -> None:
        """Take new ones, the oldest of them first."""
        self._new.extend(seqs)

    def lose(self, seqs: Iterable[int]) -> None:
        """Take that these are not there any more."""
        gone = set(seqs)
        if not gone:
            return
        if self.is_sorted or len(gone) * _WALKED > len(self):
            self._old, self._new = _but(self._old, gone), _but(self._new, gone)
            return
        rows = sorted({self.row(seq) for seq in gone if self.holds(seq)})
        new = len(self._new)
        self._new = _without(self._new, [new - 1 - row for row in reversed(rows) if row < new])
        self._old = _without(self._old, [row - new for row in rows if row >= new])

    def place(self, places: Iterable[tuple[int, int]]) -> None:
        """Take more into a sorted list: before which row each, the first of them first."""
        held = array("q")
        at = 0
        for row, seq in places:
            held.extend(self._old[at:row])
            held.append(seq)
            at = row
        held.extend(self._old[at:])
        self._old = held

    def _row_in_order(self, seq: int) -> int:
        for first, last in ((self._near, self._near + _NEAR), (0, len(self._old))):
            with suppress(ValueError):
                self._near = self._old.index(seq, first, last)
                return self._near
        return max(0, min(self._near, len(self._old) - 1))


def _but(held: array[int], gone: set[int]) -> array[int]:
    """What is held but for some seqs; the same array where it holds none of them."""
    kept = array("q", filterfalse(gone.__contains__, held))
    return kept if len(kept) < len(held) else held


def _without(held: array[int], places: Sequence[int]) -> array[int]:
    """What is held but for some places, the first of them first."""
    if not places:
        return held
    kept = array("q")
    at = 0
    for place in places:
        kept.extend(held[at:place])
        at = place + 1
    kept.extend(held[at:])
    return kept


Rows = Span | Found
