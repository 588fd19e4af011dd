"""The provider's side of one call: each attempt with its permit, its time and what it came to.

Owns the count of attempts and what limits have counted for them. A call that is asked once costs no more than the
asking; what is done about failures is not decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter_ns
from typing import Final

from msgspec.structs import replace

from helicli import headers as h
from helicli.call import UNTOLD, Charge, End, Headers, Try
from helicli.providers.read import model_in_path
from helicli.providers.rewriting import model_of
from helicli.proxy.admission import Permit, Prepared
from helicli.proxy.breaker import is_failure
from helicli.proxy.client import Client
from helicli.proxy.clocks import Clocks
from helicli.proxy.directives import Directives
from helicli.proxy.expense import Asked
from helicli.proxy.handoff import SMALL, Handoff
from helicli.proxy.house import House
from helicli.proxy.masking import provider_key
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.proxy.upstream import Answer
from helicli.store.encodings import content_encoding, decode

_ASKED_AGAIN: Final = "it does not take stream_options.include_usage; asked again without"


class Asking:
    """The attempts of one call. `fields` ride on its answer."""

    def __init__(
        self,
        house: House,
        client: Client,
        clocks: Clocks,
        handoff: Handoff,
        said: Directives,
        run: tuple[Prepared, ...] = (),
    ) -> None:
        self._house = house
        self._client = client
        self.clocks = clocks
        self._handoff = handoff
        self._said = said
        self._run = run
        self._patient = said.retry is not None and said.retry.patient
        self._charged: tuple[Charge, ...] = ()
        self._open = False
        self.permit: Permit | None = None
        self.count = 0
        self.tries: list[Try] = []
        self.answered: int | None = None
        self.index: int | None = None
        self.fields: Headers = []

    @property
    def is_limited(self) -> bool:
        """Whether there are limits to ask; most calls have none."""
        return bool(self._house.admission.standing or self._said.policies or self._run)

    async def admit(self, found: Route, fields: Headers, body: bytes) -> None:
        """Ask the limits, where there are any, for one attempt. Raises Refusal."""
        admission, said = self._house.admission, self._said
        if self.is_limited:
            sent = fields, body, self.clocks.created_at, self._client.method
            spent = Asked(said.tags, found.provider, found.path, *sent)
            permit = await admission.ask(spent, said.policies, self._run)
            if permit is not None:
                self.permit, self._open = permit, True
                self._handoff.charge(self._charged + permit.charges())

    async def once(self, found: Route, fields: Headers, body: bytes) -> tuple[Answer, bool]:
        """The answer of a call that is not repeated, and whether a usage event in it is helicli's own affair."""
        if self._client.has_more:
            return await self._send(found, fields, self._pieces(body)), False
        started_us = 0
        asked = self._house.usage.asked(found.provider, found.path, body)
        try:
            if asked is None:
                answer, hide = await self._send(found, fields, body), False
            else:
                answer, hide = await self._ask_usage(found, fields, body, asked, 0)
        except Refusal as refusal:
            if self.tries:
                self.note(found, fields, model_asked(found, body), started_us, refusal=refusal)
            if is_failure(refusal.status):
                self._house.breaker.failed((found.provider.name, model_asked(found, body)))
            raise
        except asyncio.CancelledError:
            if self.tries:
                self.note(found, fields, model_asked(found, body), started_us, refusal=self.left())
            raise
        breaker = self._house.breaker
        if is_failure(answer.status):
            breaker.failed((found.provider.name, model_asked(found, body)))
        elif breaker.counts and answer.status < 400:
            breaker.answered((found.provider.name, model_asked(found, body)))
        if self.tries:
            self.note(found, fields, model_asked(found, body), started_us, answer=answer)
            self.answered = len(self.tries) - 1
        return answer, hide

    async def ask(self, found: Route, fields: Headers, body: bytes, place: int = 0) -> tuple[Answer, bool]:
        """One attempt with a whole body, and another where the provider refuses to be asked for usage."""
        asked = self._house.usage.asked(found.provider, found.path, body)
        if asked is None:
            return await self._send(found, fields, body), False
        return await self._ask_usage(found, fields, body, asked, place)

    async def _ask_usage(
        self, found: Route, fields: Headers, body: bytes, asked: bytes, place: int
    ) -> tuple[Answer, bool]:
        refused: Answer | None = None

        async def send(fields: Headers, body: bytes) -> Answer:
            nonlocal refused
            if refused is not None:
                model = model_asked(found, body)
                self.note(found, fields, model, 0, place=place, answer=refused, message=_ASKED_AGAIN)
            refused = await self._send(found, fields, body)
            return refused

        return await self._house.usage.send(found.provider, fields, body, asked, send)

    def note(
        self,
        found: Route,
        fields: Headers,
        model: str,
        started_us: int,
        *,
        place: int = 0,
        answer: Answer | None = None,
        refusal: Refusal | None = None,
        message: str | None = None,
        seen: bytes = b"",
    ) -> None:
        """Keep what an attempt came to; `seen` is the part of its answer that is told of one that does not count.

        `fields` are those it was made with.
        """
        named = answer.headers if answer is not None else ()
        upstream_id = next((value for name in h.UPSTREAM_IDS for field, value in named if field == name), b"")
        self.tries.append(
            Try(
                started_us=started_us,
                took_us=self.clocks.latency_us - started_us,
                provider=found.provider.name,
                dialect=found.provider.dialect,
                path=found.path.partition("?")[0],
                model=model,
                place=place,
                status=answer.status if answer is not None else None,
                error=refusal.word if refusal is not None else None,
                message=refusal.message if refusal is not None else message,
                upstream_id=upstream_id.decode("latin-1") or None,
                content_type=answer.header(b"content-type").decode("latin-1") if answer is not None and seen else "",
                body=seen,
                provider_key=provider_key(fields),
            )
        )

    def settle(self, answer: Answer | None = None, seen: bytes = b"", word: str | None = None) -> None:
        """Settle what was set aside for an attempt that does not count, by what it was answered, or ended in."""
        if self.permit is not None and self._open:
            if answer is not None:
                self.permit.answer(answer.status, answer.headers)
                if self.permit.copy is not None:
                    self.permit.copy(seen)
            self._close(word)

    def close(self, word: str | None) -> tuple[Charge, ...]:
        """What limits count for all attempts; `word` is the error the call ended in."""
        if self._open:
            self._close(word if self.count else None)
        return self._charged

    def _close(self, word: str | None) -> None:
        if self.permit is not None:
            self._open = False
            self._charged += self.permit.close(left=word in UNTOLD)

    def told(self, end: End) -> End:
        """The end of the call with its attempts, where they say more than the call itself."""
        if not self.tries and self.index is None:
            return end
        lost = self.answered is None and any(each.status is not None for each in self.tries)
        tries = tuple(self.tries) if self.count > 1 or self.index or lost else ()
        return replace(end, tries=tries, answered=self.answered, fallback_index=self.index)

    def left(self) -> Refusal:
        """What an attempt comes to that is given up."""
        if self._client.gone:
            return Refusal(499, "client_closed", "the client left")
        return Refusal(503, "shutdown", "helicli was stopped")

    async def _send(self, found: Route, fields: Headers, body: bytes | AsyncIterator[bytes]) -> Answer:
        self.count += 1
        asked_ns = perf_counter_ns()
        try:
            answer = await self._house.upstream.send(
                self._client.method, found.url, fields, body, patient=self._patient
            )
        except BaseException:
            self.clocks.was_away(perf_counter_ns() - asked_ns)
            raise
        self.clocks.was_away(answer.away_ns)
        return answer

    async def _pieces(self, first: bytes) -> AsyncIterator[bytes]:
        """A body too large to be held, on its way up and into the journal."""
        yield first
        async for piece in self._client.rest():
            self._handoff.request(piece)
            yield piece


def model_asked(found: Route, body: bytes) -> str:
    """The model that a request names, "" where it names none that can be read."""
    return model_of(body) or model_in_path(found.path) or ""


def told(answer: Answer) -> bytes:
    """What was seen of an answer, without its content encoding."""
    encoding = content_encoding(answer.headers)
    return (decode(encoding, answer.seen, SMALL) or b"" if encoding else answer.seen)[:SMALL]
