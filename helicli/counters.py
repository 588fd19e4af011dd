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
from helicli.windows import AMOUNT_MAX, Calendar, Sliding, bounds

KEPT_GRAINS: Final = 10_000
"""A charge is kept by the part of its window it falls in, of so many: what is restored stays that much longer."""
_DAY_MS: Final = 86_400_000
_WHOLE: Final = 1001
"""More than any share, of a thousand, that is left of a limit."""
_SPANS: Final = {"day": 2 * _DAY_MS, "month": 32 * _DAY_MS}
BOOKS_MAX: Final = 10_000
"""So many policies that come with calls are counted at once; each may have a window of a year."""
_SWEEP: Final = 256
"""Above so many policies, and whenever they have doubled, those nobody has asked for long are let go."""
_SWEEP_MS: Final = 1_000


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
        amount = min(amount, AMOUNT_MAX)
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
        self._sweep_above, self._sweep_at = _SWEEP, 0

    def take(self, wants: Sequence[Want], now: Moment) -> tuple[list[Taken], Standing]:
        """Take what a call wants of all, or of none.

        Gives what was taken, and the standing of the tightest policy; or nothing, and that of the one that refuses
        longest.
        """
        found = []
        refused: list[Standing] = []
        for want in wants:
            book = self._books.get(want.key)
            if book is None or not book.fresh(now):
                book = self._of(want.key, want.policy, now)
            counter = book.find(want.segment)
            room = want.policy.limit - (book.used(counter, now) if counter is not None else 0)
            least = want.least or 1
            if room < least:
                refused.append(book.standing(want.policy, want.segment, counter, least, now))
            found.append((book, counter, want, min(want.most, room)))
        if refused:
            return [], max(refused, key=_patience)
        taken: list[Taken] = []
        tightest: list[tuple[_Book, Sliding | Calendar, Want]] = []
        smallest = _WHOLE
        for book, counter, want, amount in found:
            counter = book.add(counter, want.segment, amount, now.steady)
            taken.append(Taken(book, counter, want.segment, amount, now))
            limit = want.policy.limit
            share = (limit - counter.used) * 1000 // limit
            if share < smallest:
                tightest, smallest = [], share
            if share == smallest:
                tightest.append((book, counter, want))
        standings = [book.standing(want.policy, want.segment, counter, 1, now) for book, counter, want in tightest]
        return taken, max(standings, key=_patience)

    def has_room(self, keys: Iterable[str], now: Moment) -> bool:
        """Whether policies that come with a call can be counted too."""
        new = sum(key not in self._books for key in keys)
        if not new or len(self._books) + new <= BOOKS_MAX:
            return True
        if now.steady >= self._sweep_at:
            self._sweep(now)
        return len(self._books) + new <= BOOKS_MAX

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
            policy = keep.get(key, book.policy)
            for segment, counter in book.counters():
                if book.used(counter, now):
                    yield book.standing(policy, segment, counter, 1, now)

    def __len__(self) -> int:
        """How many segments are held."""
        return sum(len(book) for book in self._books.values())

    def _of(self, key: str, policy: Policy, now: Moment) -> _Book:
        book = self._books.get(key)
        if book is None:
            if len(self._books) >= self._sweep_above:
                self._sweep(now)
            book = self._books[key] = _Book(key, policy, self._zone, now)
        book.turn(now)
        return book

    def _sweep(self, now: Moment) -> None:
        self._books = {key: book for key, book in self._books.items() if not book.dead(now)}
        self._sweep_above = max(_SWEEP, 2 * len(self._books))
        self._sweep_at = now.steady + _SWEEP_MS


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

    def used(self, counter: Sliding | Calendar, now: Moment) -> int:
        """What a segment has used of the window that is now."""
        if isinstance(counter, Sliding):
            counter.expire(now.steady, self.window)
        else:
            counter.enter(self.start)
        return counter.used

    def restore(self, charge: Charge, now: Moment) -> None:
        if self.policy.calendar and not self.start <= charge.at < self._end:
            return
        at = min(charge.at - now.wall + now.steady, now.steady)
        if not self.window or at + self.window > now.steady:
            self.add(self.find(charge.segment), charge.segment, charge.amount, at)

    def standing(
        self, policy: Policy, segment: str, counter: Sliding | Calendar | None, least: int, now: Moment
    ) -> Standing:
        """How a segment stands, under a policy whose limit may be another; `least` is what one more call takes."""
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

    def counters(self) -> list[tuple[str, Sliding | Calendar]]:
        """Every segment that is held; looking keeps none of them longer."""
        return [*self._young.items(), *self._old.items()]

    def _holds(self, wall: int) -> bool:
        return self.start <= wall < self._end

    def find(self, segment: str) -> Sliding | Calendar | None:
        """The counter of a segment that is asked for."""
        counter = self._young.get(segment)
        if counter is None and self._old:
            counter = self._old.pop(segment, None)
            if counter is not None:
                self._young[segment] = counter
        return counter

    def add(self, counter: Sliding | Calendar | None, segment: str, amount: int, at: int) -> Sliding | Calendar:
        """Count an amount for a segment, by the counter that was found for it."""
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
