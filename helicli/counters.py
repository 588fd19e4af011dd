"""The counters of rate limits: what is taken, given back and corrected, for any number of policies and segments.

Owns the rule that a call is counted by all of its policies or by none. Pure: integers only, and the time is given. The
steady clock, which nobody sets, moves sliding windows; the wall clock names days and months and is what is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from msgspec import Struct

from helicli.call import Charge
from helicli.policy import Policy
from helicli.windows import Calendar, Sliding, bounds

KEPT_GRAINS: Final = 10_000
"""A charge is kept by the part of its window it falls in, of so many: what is restored stays that much longer."""
_DAY_MS: Final = 86_400_000
_SPANS: Final = {"day": 2 * _DAY_MS, "month": 32 * _DAY_MS}
_BOOKS: Final = 256
"""Above so many policies, those nobody has asked for long are looked for."""


class Moment(NamedTuple):
    """Now, in milliseconds, by a clock that never jumps and by the one on the wall (UTC)."""

    steady: int
    wall: int


class Want(NamedTuple):
    """What a call wants of one policy: `most`, and no less than `least` where not as much is left."""

    key: str
    policy: Policy
    segment: str
    least: int
    most: int


class Standing(Struct, frozen=True):
    """How a segment of a policy stands. `wait_ms` is until one more call is allowed, None where that is never."""

    key: str
    policy: Policy
    segment: str
    used: int
    wait_ms: int | None

    @property
    def remaining(self) -> int:
        """What is left, never below 0."""
        return max(0, self.policy.limit - self.used)


class Taken:
    """What one call has taken of one segment of one policy; to be corrected once what it used is known."""

    __slots__ = ("_book", "_counter", "amount", "at", "charge_at", "expires_at", "segment", "start")

    def __init__(self, book: _Book, counter: Sliding | Calendar, segment: str, amount: int, now: Moment) -> None:
        self._book, self._counter, self.segment, self.amount = book, counter, segment, amount
        self.at, self.start = now.steady, book.start
        self.charge_at, self.expires_at = book.kept(now)

    @property
    def unit(self) -> str:
        """The unit of its policy."""
        return self._book.policy.unit

    def settle(self, amount: int, now: Moment) -> None:
        """Make it this much; what has left its window meanwhile is not counted again."""
        by, counter = amount - self.amount, self._counter
        self.amount = amount
        if isinstance(counter, Sliding):
            counter.change(self.at, by, max(now.steady, self.at), self._book.window)
        else:
            counter.change(self.start, by)

    def charge(self) -> Charge:
        """What is to be kept of it."""
        return Charge(self._book.key, self.segment, self.amount, self.charge_at, self.expires_at)


class Counters:
    """All segments of all policies, by the key of each policy."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._books: dict[str, _Book] = {}

    def take(self, wants: Sequence[Want], now: Moment) -> tuple[list[Taken], Standing]:
        """Take what a call wants of all, or of none.

        Gives what was taken, and the standing of the tightest policy; or nothing, and that of the one that refuses
        longest.
        """
        found = [(self._book(want, now), want) for want in wants]
        refused: list[Standing] = []
        amounts = []
        for book, want in found:
            used = book.used(want.segment, now)
            room = want.policy.limit - used
            amounts.append(min(want.most, room))
            if room < max(1, want.least):
                refused.append(book.standing(want.policy, want.segment, max(1, want.least), now))
        if refused:
            return [], max(refused, key=_patience)
        taken = [book.take(want.segment, amount, now) for (book, want), amount in zip(found, amounts, strict=True)]
        standings = [book.standing(want.policy, want.segment, 1, now) for book, want in found]
        return taken, min(standings, key=_share) if len(standings) > 1 else standings[0]

    def restore(self, charges: Iterable[Charge], policies: Mapping[str, Policy], now: Moment) -> None:
        """Count what was counted in an earlier life. What belongs to no policy is left out."""
        for charge in sorted(charges, key=lambda each: each.at):
            policy = policies.get(charge.policy)
            if policy is not None and charge.expires_at > now.wall:
                self._of(charge.policy, policy, now).restore(charge, now)

    def standings(self, now: Moment, keep: Mapping[str, Policy]) -> Iterator[Standing]:
        """Every segment that something is counted for, under the policy of `keep` where it has one."""
        for key, book in list(self._books.items()):
            book.turn(now)
            for segment in book.segments():
                if book.used(segment, now):
                    yield book.standing(keep.get(key, book.policy), segment, 1, now)

    def forget(self, key: str) -> None:
        """Drop all that a policy has counted."""
        self._books.pop(key, None)

    def __len__(self) -> int:
        """How many segments are held."""
        return sum(len(book) for book in self._books.values())

    def _book(self, want: Want, now: Moment) -> _Book:
        book = self._books.get(want.key)
        return book if book is not None and book.fresh(now) else self._of(want.key, want.policy, now)

    def _of(self, key: str, policy: Policy, now: Moment) -> _Book:
        book = self._books.get(key)
        if book is None:
            if len(self._books) >= _BOOKS:
                for each in [each for each, old in self._books.items() if old.dead(now)]:
                    del self._books[each]
            book = self._books[key] = _Book(key, policy, self._zone, now)
        book.turn(now)
        return book


class _Book:
    """The segments of one policy, in two halves: one that nobody has asked for in a whole window holds nothing."""

    __slots__ = ("_end", "_old", "_turn_at", "_young", "_zone", "key", "policy", "span", "start", "window")

    def __init__(self, key: str, policy: Policy, zone: tzinfo | None, now: Moment) -> None:
        self.key, self.policy, self._zone = key, policy, zone
        self.window = policy.seconds * 1000
        self.span = _SPANS[policy.calendar] if policy.calendar else self.window
        self._young: dict[str, Sliding | Calendar] = {}
        self._old: dict[str, Sliding | Calendar] = {}
        self._turn_at = now.steady + self.span
        self.start = self._end = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def fresh(self, now: Moment) -> bool:
        """Whether nothing is to be turned."""
        return now.steady < self._turn_at and (not self.policy.calendar or self._holds(now.wall))

    def turn(self, now: Moment) -> None:
        """Drop what has held nothing for a whole window; find the calendar's window."""
        if now.steady >= self._turn_at:
            gone = now.steady >= self._turn_at + self.span
            self._old, self._young = {} if gone else self._young, {}
            self._turn_at = now.steady + self.span
        if self.policy.calendar and not self._holds(now.wall):
            self.start, self._end = bounds(self.policy.calendar, now.wall, self._zone)

    def dead(self, now: Moment) -> bool:
        """Whether nobody can have anything here."""
        return now.steady >= self._turn_at + self.span

    def used(self, segment: str, now: Moment) -> int:
        counter = self._find(segment)
        if counter is None:
            return 0
        if isinstance(counter, Sliding):
            counter.expire(now.steady, self.window)
        else:
            counter.enter(self.start)
        return counter.used

    def take(self, segment: str, amount: int, now: Moment) -> Taken:
        counter = self._add(segment, amount, now.steady)
        return Taken(self, counter, segment, amount, now)

    def restore(self, charge: Charge, now: Moment) -> None:
        if self.policy.calendar and not self.start <= charge.at < self._end:
            return
        at = min(charge.at - now.wall + now.steady, now.steady)
        if not self.window or at + self.window > now.steady:
            self._add(charge.segment, charge.amount, at)

    def standing(self, policy: Policy, segment: str, least: int, now: Moment) -> Standing:
        """How a segment stands, under a policy whose limit may be another; `least` is what one more call takes."""
        counter = self._find(segment)
        used = counter.used if counter is not None else 0
        excess = used + least - policy.limit
        wait: int | None = 0
        if least > policy.limit:
            wait = None
        elif excess > 0:
            wait = self._end - now.wall
            if isinstance(counter, Sliding):
                wait = counter.wait(excess, now.steady, self.window)
        return Standing(self.key, policy, segment, used, wait)

    def kept(self, now: Moment) -> tuple[int, int]:
        """When a charge of now is counted for once it is restored, and until when."""
        if self.policy.calendar:
            return self.start, self._end
        grain = max(1, self.window // KEPT_GRAINS)
        at = -(-now.wall // grain) * grain
        return at, at + self.window

    def segments(self) -> list[str]:
        return [*self._young, *self._old]

    def _holds(self, wall: int) -> bool:
        return self.start <= wall < self._end

    def _find(self, segment: str) -> Sliding | Calendar | None:
        counter = self._young.get(segment)
        if counter is None and self._old:
            counter = self._old.pop(segment, None)
            if counter is not None:
                self._young[segment] = counter
        return counter

    def _add(self, segment: str, amount: int, at: int) -> Sliding | Calendar:
        counter = self._find(segment)
        if counter is None:
            counter = self._young[segment] = Calendar() if self.policy.calendar else Sliding()
        if isinstance(counter, Sliding):
            counter.add(at, amount, self.window)
        else:
            counter.enter(self.start)
            counter.used += amount
        return counter


def _patience(standing: Standing) -> float:
    return float("inf") if standing.wait_ms is None else standing.wait_ms


def _share(standing: Standing) -> tuple[int, int]:
    """What is left, of a thousand, for the tightest to be found; then the longest wait."""
    return standing.remaining * 1000 // max(1, standing.policy.limit), -(standing.wait_ms or 0)
