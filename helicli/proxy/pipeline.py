"""The road of a call, station by station.

Owns the order. Every exit, whichever station it leaves from, goes through the journal; nothing here waits for the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter_ns

from helicli import headers as h
from helicli.call import End, Head, Headers, Tags
from helicli.providers.dialects import spoken
from helicli.providers.replies import error_reply
from helicli.proxy import directives, masking, prompts, route
from helicli.proxy.admission import Permit
from helicli.proxy.cache import Hit, Visit
from helicli.proxy.cache_key import asked
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.clocks import Clocks
from helicli.proxy.directives import Directives
from helicli.proxy.durability import last_event
from helicli.proxy.expense import Asked
from helicli.proxy.handoff import SMALL, Handoff, begun
from helicli.proxy.house import House
from helicli.proxy.ids import as_text, new_id
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.proxy.runs import Traffic, split
from helicli.proxy.tee import Stream, in_turn
from helicli.proxy.upstream import Answer

_NO_TAGS = Tags()
_NO_DIRECTIVES = Directives(_NO_TAGS)
_NO_HIT: Headers = [(h.ANSWER_CACHE_HIT, b"false")]


class Call:
    """One call on the road: its clocks, and what its exits need to know."""

    def __init__(self, house: House, client: Client) -> None:
        self._house = house
        self._client = client
        self._fields = client.headers
        self._clocks = Clocks()
        self._token, self._target = split(client.target)
        self._run: Traffic | None = None
        self._id = new_id(self._clocks.created_at)
        self._directives = _NO_DIRECTIVES
        self._route: Route | None = None
        self._handoff: Handoff | None = None
        self._stream: Stream | None = None
        self._use: prompts.Use | None = None
        self._visit: Visit | None = None
        self._permit: Permit | None = None
        self._refusal: Refusal | None = None
        self._attempts = 0
        self._status: int | None = None

    async def travel(self) -> None:
        """Take the call from the client to the provider and back."""
        client, house = self._client, self._house
        try:
            house.doors.check(client.headers, client.local_address)
            self._directives = directives.read(client.headers, self._enter_run(), house.cache.settings)
            self._route = route.find(self._target, client.headers, house.providers, self._directives)
            refuse_upgrade(client.headers)
            handoff = self._begin()
            with self._clocks.away():
                body = await client.read()
            filled = self._fill(self._route, body, handoff)
            self._visit = visit = self._visit_cache(self._route, filled)
            hit = await visit.look() if visit else None
            if hit is not None:
                await self._replay(hit, handoff)
                return
            await self._admit(self._route, filled, handoff)
            onward = self._onward(self._route, filled, handoff)
            await (visit.lead(onward) if visit else onward)
        except Refusal as refusal:
            await self._refuse(refusal)
        except Gone:
            self._end("client_closed", "the client closed its connection before its request was complete")
        except asyncio.CancelledError:
            await self._cancelled()
        except Exception as error:
            await self._failed(error)
        finally:
            if self._visit is not None:
                self._visit.leave()
            if self._run is not None:
                self._run.leave()

    def _enter_run(self) -> Tags:
        """The tags of the run the call belongs to, none where it belongs to none. Raises Refusal."""
        if not self._token:
            return _NO_TAGS
        self._run = self._house.runs.find(self._token)
        self._run.enter()
        return self._run.tags

    def _begin(self) -> Handoff:
        """The journal's first word on this call."""
        at, tags = self._clocks.created_at, self._directives.tags
        self._handoff = begun(self._house.journal, self._id, at, self._client, self._route, self._target, tags)
        return self._handoff

    def _fill(self, found: Route, body: bytes, handoff: Handoff) -> bytes:
        """The body as it goes up and as the journal keeps it; of a call refused here the one that came."""
        try:
            self._use = prompts.fill(self._house.shelf, self._directives, found, self._client, body)
            if self._use is not None:
                body, self._fields = self._use.body, self._use.fields
            return body
        finally:
            handoff.request(masking.without_echo(self._fields, body, handoff.repeats_secret))

    def _visit_cache(self, found: Route, body: bytes) -> Visit | None:
        """What the call has to do with the cache; nothing for most."""
        terms, client = self._directives.cache, self._client
        if terms is None or client.has_more:
            return None
        question = asked(terms, found, client.method, self._fields, body)
        return None if question is None else Visit(self._house.cache, question, self._clocks)

    async def _replay(self, hit: Hit, handoff: Handoff) -> None:
        """A stored answer, to the journal and to the client."""
        headers = [(b"content-type", hit.content_type), (b"content-length", b"%d" % len(hit.body)), *self._own_fields()]
        self._status = 200
        if hit.is_stream:
            self._clocks.first_byte()
        handoff.end(self._ending(), Head(200, headers), hit.body)
        await handoff.settled()
        await self._client.answer(200, headers, hit.body)

    async def _admit(self, found: Route, body: bytes, handoff: Handoff) -> None:
        """Ask the limits, of which most calls have none. Raises Refusal."""
        admission, said, client = self._house.admission, self._directives, self._client
        run = self._run.limits if self._run is not None else ()
        if said.policies or run or admission.standing:
            sent = self._fields, body, self._clocks.created_at, client.method
            self._permit = await admission.ask(Asked(said.tags, found.provider, found.path, *sent), said.policies, run)
            if self._permit is not None:
                handoff.charge(self._permit.charges())

    async def _onward(self, found: Route, body: bytes, handoff: Handoff) -> None:
        """The rest of the road: to the provider and back."""
        answer, hide_usage = await self._ask(found, body)
        try:
            if self._visit is not None:
                self._visit.answered(answer.status, answer.headers, hide_usage)
            if self._permit is not None:
                self._permit.answer(answer.status, answer.headers)
            await self._pass_on(answer, handoff, hide_usage)
        finally:
            answer.release()

    async def _ask(self, found: Route, body: bytes) -> tuple[Answer, bool]:
        """The provider's answer, and whether a usage event in it is helicli's own affair."""
        client = self._client

        async def send(fields: Headers, body: bytes | AsyncIterator[bytes]) -> Answer:
            self._attempts += 1
            asked_ns = perf_counter_ns()
            try:
                answer = await self._house.upstream.send(client.method, found.url, fields, body)
            except BaseException:
                self._clocks.was_away(perf_counter_ns() - asked_ns)
                raise
            self._clocks.was_away(answer.away_ns)
            return answer

        if client.has_more:
            return await send(self._fields, self._pieces(body)), False
        return await self._house.usage.send(found.provider, found.path, self._fields, body, send)

    async def _pieces(self, first: bytes) -> AsyncIterator[bytes]:
        """A body too large to be held, on its way up and into the journal."""
        yield first
        async for piece in self._client.rest():
            if self._handoff is not None:
                self._handoff.request(piece)
            yield piece

    async def _pass_on(self, answer: Answer, handoff: Handoff, hide_usage: bool) -> None:
        """The answer, to the journal and to the client."""
        clocks = self._clocks
        copy = in_turn(self._visit.collect if self._visit else None, self._permit.copy if self._permit else None)
        if (answer.whole and not hide_usage) or (answer.status >= 400 and not answer.is_stream):
            with clocks.away():
                body, complete = await answer.read(SMALL)
            if complete:
                if copy is not None:
                    copy(body)
                headers = answer.headers + self._own_fields()
                self._status = answer.status
                if answer.is_stream:
                    clocks.first_byte()
                head = Head(answer.status, masking.mask_headers(headers))
                repeats = answer.status >= 400 or handoff.redacted
                kept = masking.without_echo(answer.headers, body, handoff.repeats_secret) if repeats else body
                handoff.end(self._ending(), head, kept)
                await handoff.settled()
                await self._client.answer(answer.status, headers, body)
                return
            answer.unread(body)
        headers = answer.headers + self._own_fields()
        self._status = answer.status
        handoff.head(Head(answer.status, masking.mask_headers(headers)))
        if hide_usage:
            headers = [field for field in headers if field[0] != b"content-length"]
        found = self._route if self._house.journal.disk is not None else None
        last = last_event(found.provider, found.path, answer) if found is not None else None
        stream = Stream(answer, self._client.send, handoff, hide_usage, last, copy)
        self._stream = stream if answer.is_stream else None
        await stream.pass_on(headers, lambda: handoff.end(self._ending()))
        if stream.cut is not None:
            # Returning now makes the server close the connection without the mark of a clean end.
            handoff.end(self._ending(stream.cut.word, stream.cut.message))

    def _ending(self, error: str | None = None, message: str | None = None) -> End:
        clocks, visit, handoff = self._clocks, self._visit, self._handoff
        if self._stream is not None:
            clocks.first_byte_ns = self._stream.first_byte_ns
        latency_us = clocks.latency_us
        ended_at = clocks.created_at + latency_us // 1000
        noted = None
        if visit is not None and handoff is not None:
            noted = visit.noted(self._id, ended_at, latency_us, None if error else handoff.holds_no_secret)
        permit, refusal = self._permit, self._refusal
        charges = permit.close(left=error == "client_closed" and self._attempts > 0) if permit is not None else ()
        if error is None and self._client.gone:
            error, message = "client_closed", "the client went; others wanted the answer, which came complete"
        return End(
            ended_at=ended_at,
            latency_us=latency_us,
            ttft_us=clocks.ttft_us,
            overhead_us=clocks.overhead_us,
            status=self._status,
            error=error,
            error_message=message,
            attempts=0 if visit is not None and visit.hit else max(1, self._attempts),
            cache=noted,
            charges=charges,
            policy=refusal.policy if refusal is not None else None,
            segment=refusal.segment if refusal is not None else None,
            prompted=self._use.prompted if self._use is not None else None,
        )

    def _own_fields(self, status: bytes = b"success") -> Headers:
        return [
            (h.ANSWER_ID, (self._directives.answer_id or as_text(self._id)).encode()),
            (h.ANSWER_STATUS, status),
            *(self._visit.fields() if self._visit else _NO_HIT),
            (h.ANSWER_OVERHEAD, b"%.3f" % (self._clocks.overhead_us / 1000)),
            *(self._permit.fields if self._permit is not None else ()),
            *(self._use.told if self._use is not None else ()),
        ]

    def _end(self, word: str, message: str, head: Head | None = None, body: bytes = b"") -> None:
        handoff = self._handoff or self._begin()
        handoff.end(self._ending(word, message), head, body)

    async def _refuse(self, refusal: Refusal) -> None:
        """Answer in the provider's stead, in the caller's dialect."""
        found, self._refusal = self._route, refusal
        dialect = spoken(found.provider.dialect, found.path) if found else spoken("openai", self._client.target)
        body = error_reply(dialect, refusal.status, refusal.message, refusal.type, refusal.word)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *self._own_fields(b"failed" if refusal.word == "refused_door" else b"success"),
            *refusal.fields,
        ]
        if self._client.holds_back:
            # What follows on this connection could be that body, or anything else.
            headers.append((b"connection", b"close"))
        self._status = refusal.status
        self._end(refusal.word, refusal.message, Head(refusal.status, headers), body)
        if self._handoff is not None:
            await self._handoff.settled()
        await self._client.answer(refusal.status, headers, body)

    async def _cancelled(self) -> None:
        """The client has gone, or helicli stops and has waited long enough."""
        if self._client.gone:
            self._end("client_closed", "the client closed its connection before the answer was complete")
        elif self._client.started:
            self._end("shutdown", "helicli was stopped while the answer was under way")
        else:
            await self._refuse(Refusal(503, "shutdown", "helicli is stopping", type="api_connection_error"))

    async def _failed(self, error: Exception) -> None:
        """A defect of helicli: the call ends in the journal all the same, and the client sees no clean end."""
        message = f"helicli failed on this call ({type(error).__name__})"
        if self._client.started:
            self._end("engine_killed", message)
        else:
            await self._refuse(Refusal(500, "engine_killed", message))
