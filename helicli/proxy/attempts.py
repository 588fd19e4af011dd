"""Retries and fallbacks: a call asked again until it is answered, its places are used up, or its time is.

Owns the decision what follows an attempt. Nothing is repeated once a byte has gone to the client: an answer is handed
on only after it has begun to say something. Where all fail, the last answer that a provider gave is the answer.
"""

from __future__ import annotations

import asyncio
import random
from asyncio import sleep
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from msgspec import Struct

from helicli import headers as h
from helicli.call import Headers
from helicli.providers import rewriting
from helicli.providers.content import is_unknown_model
from helicli.proxy import fallback, preamble
from helicli.proxy.asking import Asking, told
from helicli.proxy.breaker import Breaker, is_failure
from helicli.proxy.client import Client
from helicli.proxy.clocks import Clocks, now_ms
from helicli.proxy.directives import Directives
from helicli.proxy.fallback import Place, Question
from helicli.proxy.handoff import SMALL, Handoff
from helicli.proxy.house import House
from helicli.proxy.refusal import Refusal
from helicli.proxy.retry_terms import RetryTerms
from helicli.proxy.route import Route
from helicli.proxy.upstream import Answer
from helicli.retrying import asked_to_wait_ms, delay_ms

_BROKEN: Final = frozenset({"connect", "dns", "upstream_cut", "timeout", "idle_timeout"})
"""Words of an attempt that got no answer, and may get one the next time."""

_ELSEWHERE: Final = frozenset({408, 409, 429})
"""Statuses below 500 after which another model or provider is asked."""

_ERROR_SECONDS: Final = 2.0
"""How long the body of an error is waited for before the next attempt."""

_PLAIN: Final = RetryTerms()
_NOT_JSON: Final = "the body is no JSON object, so that nothing in it can be changed"


class _Failed(Struct):
    """An attempt that does not count, and what may follow: the same `again`, or what stands `next`.

    `unwell` says that it is the provider's failure, `wait_ms` is what that asks for.
    """

    answer: Answer | None = None
    refusal: Refusal | None = None
    again: bool = False
    next: bool = False
    limited: bool = False
    unwell: bool = False
    wait_ms: float | None = None
    seen: bytes = b""


def planned(
    said: Directives,
    found: Route,
    client: Client,
    fields: Headers,
    body: bytes,
    house: House,
    asking: Asking,
    handoff: Handoff,
) -> Attempts | None:
    """The attempts of a call, None for one that is asked once, as nearly all are. Raises Refusal."""
    terms, listed = said.retry, rewriting.listed_models(body)
    if terms is None:
        if not listed:
            return None
        terms = _PLAIN
    if client.has_more:
        if not terms.whole:
            return None
        raise Refusal(
            413, "bad_request", f"a body over 16 MB is asked once; leave {h.spelled(h.FALLBACKS)} out of such a call"
        )
    if not (terms.retries or terms.entries or listed):
        return None
    places = fallback.places(terms, found, fields, listed, house.providers)
    return Attempts(asking, terms, places, asking.clocks, handoff, house.breaker)


class Attempts:
    """All attempts of one call with retries or fallbacks. `terms` and `places` are what is to be done."""

    def __init__(
        self,
        asking: Asking,
        terms: RetryTerms,
        places: list[Place],
        clocks: Clocks,
        handoff: Handoff,
        breaker: Breaker,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._asking = asking
        self._terms = terms
        self._places = places
        self._clocks = clocks
        self._handoff = handoff
        self._breaker = breaker
        self._chance = chance
        self._held: Answer | None = None
        self._held_at: int | None = None
        self._held_place = 0
        self._trouble: Refusal | None = None
        self._left_alone: str | None = None

    async def ask(self, fields: Headers, body: bytes) -> tuple[Answer, bool]:
        """The answer, and whether a usage event in it is helicli's own affair. Raises Refusal where there is none."""
        asking = self._asking
        try:
            found = await self._through(fields, body)
        except BaseException:
            if self._held is not None:
                self._held.release()
            raise
        if found is not None:
            answer, hide = found
            if self._held is not None:
                self._held.release()
            asking.answered = len(asking.tries) - 1 if asking.tries else None
        else:
            answer, hide = self._last(), False
            asking.index, asking.answered = self._held_place, self._held_at
        if len(self._places) > 1:
            asking.fields.append((h.ANSWER_FALLBACK_INDEX, b"%d" % (asking.index or 0)))
        else:
            asking.index = None
        if answer.status >= 400 and asking.count > 1:
            answer.headers = [field for field in answer.headers if field[0] != h.SHOULD_RETRY]
            asking.fields.append(h.NO_RETRY)
        return answer, hide

    def _last(self) -> Answer:
        """The last answer that a provider gave. Raises Refusal where none did."""
        if self._held is not None:
            return self._held
        trouble = self._trouble or Refusal(502, "bad_request", _NOT_JSON)
        if self._asking.count > 1:
            trouble.fields = [*trouble.fields, h.NO_RETRY]
        raise trouble

    async def _through(self, fields: Headers, body: bytes) -> tuple[Answer, bool] | None:
        """One place after the other; None where all have failed."""
        ends = monotonic() + self._terms.deadline_seconds
        for number, place in enumerate(self._places):
            last = number + 1 == len(self._places)
            question = fallback.question(place, fields, body)
            if question is None:
                refusal = Refusal(400, "bad_request", _NOT_JSON)
                self._asking.note(place.route, fields, "", self._clocks.latency_us, place=number, refusal=refusal)
                continue
            if not last and self._breaker.counts and not self._breaker.lets(question.key):
                self._left_alone = f"{question.model} was left alone: it had failed again and again"
                continue
            goes_on = True
            for retry in range(place.retries + 1):
                found = await self._attempt(place, question, number)
                if isinstance(found, tuple):
                    if self._breaker.counts and found[0].status < 400:
                        self._breaker.answered(question.key)
                    self._asking.index = number
                    return found
                if found.unwell:
                    self._breaker.failed(question.key)
                self._hold(found, number)
                goes_on = found.next
                if monotonic() >= ends:
                    return None
                if not found.again or retry == place.retries or not await self._wait(retry, found.wait_ms, ends):
                    break
            if not goes_on:
                return None
        return None

    async def _attempt(self, place: Place, question: Question, number: int) -> tuple[Answer, bool] | _Failed:
        """One attempt: its answer, once that has begun to say something."""
        asking, started_us = self._asking, self._clocks.latency_us
        answer: Answer | None = None
        failed = _Failed()
        try:
            await asking.admit(place.route, question.fields, question.body)
        except Refusal as refusal:
            if not asking.count:
                raise
            return _Failed(refusal=refusal, next=True, limited=True)
        try:
            answer, hide = await asking.ask(place.route, question.readable, question.body, number)
            failure = None
            if answer.status < 400 and not place.names(answer.status):
                if answer.is_stream or not answer.whole:
                    with self._clocks.away():
                        failure = await preamble.begun(answer)
                if failure is None:
                    if number or asking.tries:
                        # What a call that was asked once came to, it says itself.
                        self._note(place, question, number, started_us, answer=answer)
                    return answer, hide
                failed.seen = self._kept(answer)
                answer.replace(failure.status, failure.body)
            else:
                await self._read_error(answer)
        except Refusal as refusal:
            if refusal.word not in _BROKEN and refusal.word != "tls":
                raise
            failed.refusal = refusal
            if answer is not None:
                failed.seen = self._kept(answer)
                answer.release()
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                self._note(place, question, number, started_us, answer=answer, refusal=asking.left())
            if answer is not None:
                answer.release()
            raise
        return self._judged(place, question, number, started_us, failed, answer)

    def _note(self, place: Place, question: Question, number: int, started_us: int, **came: Any) -> None:
        """Keep what an attempt came to; the first after a model that was left alone says so."""
        message, self._left_alone = self._left_alone, None
        self._asking.note(
            place.route, question.fields, question.model, started_us, place=number, message=message, **came
        )

    def _judged(
        self, place: Place, question: Question, number: int, started_us: int, failed: _Failed, answer: Answer | None
    ) -> tuple[Answer, bool] | _Failed:
        """What follows an attempt that was not answered well; an error that nothing follows is the answer."""
        asking, refusal = self._asking, failed.refusal
        status = refusal.status if refusal is not None else answer.status if answer is not None else 0
        seen = failed.seen or (self._kept(answer) if answer is not None else b"")
        self._note(place, question, number, started_us, answer=answer, refusal=refusal, seen=seen)
        failed.again = status == 429 or (status >= 500 and (refusal is None or refusal.word in _BROKEN))
        unknown = status == 404 and is_unknown_model(seen)
        failed.unwell = is_failure(status) or unknown
        if place.codes is not None:
            failed.next = place.names(status)
        else:
            failed.next = status in _ELSEWHERE or status >= 500 or unknown
        if refusal is not None or answer is None:
            asking.settle(answer, seen, refusal.word if refusal is not None else None)
            return failed
        if not (failed.again or failed.next):
            return answer, False
        asking.settle(answer, seen)
        failed.answer = answer
        failed.wait_ms = asked_to_wait_ms(answer.header, now_ms())
        return failed

    def _hold(self, failed: _Failed, number: int) -> None:
        """Remember the last answer that a provider gave, and why the last attempt without one got none."""
        if failed.answer is not None:
            if self._held is not None:
                self._held.release()
            self._held, self._held_at, self._held_place = failed.answer, len(self._asking.tries) - 1, number
        elif failed.refusal is not None and not (failed.limited and self._trouble is not None):
            self._trouble = failed.refusal

    async def _read_error(self, answer: Answer) -> None:
        """Have the body of an error, so that its connection is free; one that is large or slow stays where it is."""
        try:
            with self._clocks.away():
                async with asyncio.timeout(_ERROR_SECONDS):
                    await answer.keep(SMALL)
        except (TimeoutError, Refusal):
            pass

    async def _wait(self, retry: int, asked_ms: float | None, ends: float) -> bool:
        """Wait before a retry, as long as its provider asks for, up to the longest wait; whether there is the time."""
        terms = self._terms
        wait = delay_ms(retry, terms.min_ms, terms.max_ms, terms.factor, self._chance())
        seconds = (wait if asked_ms is None else min(asked_ms, terms.max_ms)) / 1000
        if monotonic() + seconds >= ends:
            return False
        with self._clocks.away():
            await sleep(seconds)
        return True

    def _kept(self, answer: Answer) -> bytes:
        return self._handoff.masked(told(answer))
