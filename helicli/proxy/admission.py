"""Station 5, limits: whether a call may go on, what is set aside for it, and what it has used in the end.

Owns the counters of a running proxy. Each attempt at a provider asks for a permit of its own, with its own price; a
permit is closed once, whatever became of the attempt. Calls under no limit cost one look at an empty tuple.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Charge, Headers
from helicli.counters import Counters, Moment, Standing, Taken, Want
from helicli.filters import Filter
from helicli.limits import Limit, measured, segment, unstored
from helicli.policy import CENTS, GLOBAL, REQUEST, Policy
from helicli.providers import ceiling
from helicli.proxy import limited
from helicli.proxy.expense import Answered, Asked, Bounds, before
from helicli.rates import Rate, Rates

_ONE: Final = Bounds(1, 1, 1)
_NO_USE: Final[Mapping[str, Bounds]] = MappingProxyType({})
_LARGE: Final = 64 * 1024
"""A body that takes so long to read that other calls must not wait for it."""
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that nobody sets, and that goes on while the machine sleeps."""

Learn = Callable[[str, str], Awaitable[None]]
"""Finds out what a model of a provider costs; soon, or not at all."""


def clock() -> Moment:
    """Now."""
    return Moment(time.clock_gettime_ns(_STEADY) // 1_000_000, time.time_ns() // 1_000_000)


async def learn_nothing(provider: str, model: str) -> None:
    """For a proxy that has nobody to ask for prices."""


class Prepared:
    """A limit with what is asked of it at each call worked out once."""

    __slots__ = ("everyone", "key", "limit", "policy", "said", "unit", "want")

    def __init__(self, limit: Limit) -> None:
        policy = limit.policy
        self.limit, self.policy, self.key, self.unit = limit, policy, limit.key, policy.unit
        self.everyone = limit.selection == Filter()
        one_for_all = policy.unit == REQUEST and policy.segment == GLOBAL
        self.want = Want(self.key, policy, "", 1, 1) if one_for_all else None
        self.said = [(h.ANSWER_LIMIT, policy.amount.encode()), (h.LIMIT_POLICY, policy.spelled.encode())]

    def wants(self, asked: Asked, use: Mapping[str, Bounds]) -> Want:
        """What a call wants of it."""
        if self.want is not None:
            return self.want
        bounds = use.get(self.unit, _ONE)
        return Want(self.key, self.policy, segment(self.policy, asked), bounds.least, bounds.most)


class Permit:
    """The leave of one attempt. `fields` ride on its answer."""

    def __init__(
        self,
        admission: Admission,
        taken: list[Taken],
        fields: Headers,
        answered: Answered | None,
        bounds: Mapping[str, Bounds],
    ) -> None:
        self._admission = admission
        self._taken = taken
        self._bounds = bounds
        self._answered = answered
        # A request is counted and stays so: there is nothing to settle.
        self._closed = self._charged() if answered is None else None
        self.fields = fields

    @property
    def copy(self) -> Callable[[bytes], None] | None:
        """Takes the pieces of the answer, None where nobody is to read them."""
        return self._answered.copy if self._answered is not None else None

    def answer(self, status: int, headers: Headers) -> None:
        """Take the head of the answer."""
        if self._answered is not None:
            self._answered.begin(status, headers)

    def charges(self) -> tuple[Charge, ...]:
        """What is counted as things stand."""
        return self._charged() if self._closed is None else self._closed

    def _charged(self) -> tuple[Charge, ...]:
        return tuple([each.charge() for each in self._taken])

    def close(self, *, left: bool = False) -> tuple[Charge, ...]:
        """Settle what was set aside by what was used; `left` says that nobody knows what an answer would have told.

        A provider that was asked and not heard out may have read the request all the same.
        """
        if self._closed is None:
            if self._answered is not None:
                self._settle(self._answered, left=left)
            self._closed = self._charged()
        return self._closed

    def _settle(self, answered: Answered, *, left: bool) -> None:
        unheard = left and answered.status is None
        used = {} if unheard else answered.used(self._admission.rates())
        for each in self._taken:
            bounds = self._bounds.get(each.unit)
            amount = bounds.read if unheard and bounds is not None else used.get(each.unit)
            if amount is not None:
                each.settle(amount, self._admission.clock())


class Admission:
    """The limits of one proxy and what they have counted. `standing` is put in place whole."""

    def __init__(
        self,
        rates: Callable[[], Rates],
        standing: tuple[Limit, ...] = (),
        *,
        unpriced: str = "refuse",
        zone: tzinfo | None = None,
        learn: Learn = learn_nothing,
        clock: Callable[[], Moment] = clock,
    ) -> None:
        self.standing = standing
        self._prepared = tuple(map(Prepared, standing))
        self.counters = Counters(zone)
        self.rates = rates
        self.clock = clock
        self._unpriced = unpriced
        self._learn = learn

    def replace(self, standing: tuple[Limit, ...]) -> None:
        """These are the limits for all calls from now on; what was counted stays, should one come back."""
        self.standing = standing
        self._prepared = tuple(map(Prepared, standing))

    def restore(self, charges: Iterable[Charge], *, own: bool = False) -> None:
        """Go on from what earlier proxies have counted; `own` says that some of it may be this one's."""
        charges = list(charges)
        if own:
            counted = self.counters.standings(self.clock(), {})
            charges = _without({(each.key, each.segment): each.used for each in counted}, charges)
        policies = {key: measured(key) for key in {charge.policy for charge in charges}}
        self.counters.restore(charges, policies, self.clock())

    def usage(self) -> Iterator[tuple[Limit, Standing]]:
        """Where every segment of every limit that holds stands."""
        known: dict[str, Limit | None] = {limit.key: limit for limit in self.standing}
        keep = {limit.key: limit.policy for limit in self.standing}
        for each in self.counters.standings(self.clock(), keep):
            if each.key not in known:
                known[each.key] = unstored(each.key)
            limit = known[each.key]
            if limit is not None:
                yield limit, each

    async def ask(
        self, asked: Asked, policies: tuple[Policy, ...] = (), run: tuple[Prepared, ...] = ()
    ) -> Permit | None:
        """A permit for an attempt, None where no limit is for it; `run` are those of its run. Raises Refusal."""
        found = [each for each in self._prepared if each.everyone or each.limit.selection.matches(asked)]
        if policies:
            found += self._of_call(policies)
        found += run
        if not found:
            return None
        use = _NO_USE
        for each in found:
            if each.unit != REQUEST:
                use = await self._use(asked, found)
                break
        wants = [each.wants(asked, use) for each in found]
        now = self.clock()
        taken, standing = self.counters.take(wants, now)
        told = next(each for each in found if each.key == standing.key)
        fields = _fields(told, standing)
        if not taken:
            raise limited.full(told.limit, standing, fields, now)
        return Permit(self, taken, fields, Answered(asked) if use and asked.uses_tokens else None, use)

    def _of_call(self, policies: tuple[Policy, ...]) -> tuple[Prepared, ...]:
        """The limits that a call brings itself. Raises Refusal where others have brought too many."""
        found = _prepared(policies)
        if not self.counters.has_room([each.key for each in found], self.clock()):
            raise limited.too_many(found[0].limit)
        return found

    async def _use(self, asked: Asked, found: Sequence[Prepared]) -> Mapping[str, Bounds]:
        """What an attempt may use. Raises Refusal."""
        rate = await self._rate(asked, found)
        if len(asked.body) > _LARGE:
            return await asyncio.to_thread(before, asked, rate)
        return before(asked, rate)

    async def window(self, provider: str, model: str, at_ms: int) -> int | None:
        """How many tokens a model reads and writes at most, None where that is not known."""
        known = self.rates()
        if known.all_of(provider, model) is None and not known.is_users(provider, model):
            await self._learn(provider, model)
        rate = self.rates().rate(provider, model, at_ms)
        return rate.context_window if rate is not None else None

    async def _rate(self, asked: Asked, limits: Iterable[Prepared]) -> Rate | None:
        """The rate of an attempt, None where nobody asks for it or it costs nothing. Raises Refusal."""
        counting = next((each for each in limits if each.unit == CENTS), None)
        if counting is None or not counting.policy.limit or not asked.uses_tokens:
            return None
        model = asked.priced_as
        if model is None:
            if asked.body and self._unpriced != "allow" and not ceiling.is_silent(asked.path):
                raise limited.unpriced(counting.limit, counting.said, asked, "a call that does not say its model")
            return None
        known = self.rates()
        if known.all_of(asked.provider, model) is None and not known.is_users(asked.provider, model):
            await self._learn(asked.provider, model)
        known = self.rates()
        rate = known.rate(asked.provider, model, asked.at_ms)
        if rate is None and self._unpriced != "allow":
            if known.all_of(asked.provider, model) is None:
                raise limited.late(counting.limit, counting.said, asked, model)
            raise limited.unpriced(counting.limit, counting.said, asked, model)
        return rate


def _without(counted: dict[tuple[str, str], int], charges: list[Charge]) -> list[Charge]:
    """What is left of charges without what is counted already, the newest of them."""
    left = []
    for each in sorted(charges, key=lambda charge: -charge.at):
        segment = each.policy, each.segment
        known = min(each.amount, counted.get(segment, 0))
        if known:
            counted[segment] -= known
        if each.amount > known:
            left.append(replace(each, amount=each.amount - known))
    return left


@lru_cache(maxsize=256)
def _prepared(policies: tuple[Policy, ...]) -> tuple[Prepared, ...]:
    """The limits of some policies, each once."""
    return tuple(Prepared(Limit(policy)) for policy in dict.fromkeys(policies))


def _fields(prepared: Prepared, standing: Standing) -> Headers:
    fields = [*prepared.said, (h.ANSWER_REMAINING, standing.policy.shown(standing.remaining).encode())]
    if standing.wait_ms is not None:
        fields.append((h.ANSWER_RESET, b"%d" % -(-standing.wait_ms // 1000)))
    return fields
