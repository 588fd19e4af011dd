"""The road of a call, station by station.

Owns the order. Every exit, whichever station it leaves from, goes through the journal; nothing here waits for the log.
"""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from helicli import headers as h
from helicli.call import NO_TAGS, End, Head, Headers, Tags
from helicli.providers.dialects import spoken
from helicli.providers.replies import error_reply
from helicli.proxy import directives, masking, mock, names, prompts, route
from helicli.proxy.asking import Asking
from helicli.proxy.attempts import Attempts, planned
from helicli.proxy.cache import Hit, Visit
from helicli.proxy.cache_key import asked
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.clocks import Clocks
from helicli.proxy.directives import NO_DIRECTIVES, Directives
from helicli.proxy.durability import last_event
from helicli.proxy.fitting import Fitted, fit
from helicli.proxy.handoff import SMALL, Handoff, begun
from helicli.proxy.house import House
from helicli.proxy.ids import as_text, new_id
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.proxy.runs import Traffic, split
from helicli.proxy.tee import Stream, in_turn
from helicli.proxy.upstream import Answer

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
        self._directives = NO_DIRECTIVES
        self._route: Route | None = None
        self._handoff: Handoff | None = None
        self._stream: Stream | None = None
        self._use: prompts.Use | None = None
        self._visit: Visit | None = None
        self._asking: Asking | None = None
        self._refusal: Refusal | None = None
        self._labels: dict[str, str] = {}
        self._status: int | None = None

    async def travel(self) -> None:
        """Take the call from the client to the provider and back."""
        client, house = self._client, self._house
        try:
            house.doors.check(client.headers, client.local_address, client.names)
            self._directives = self._read_directives()
            self._route = route.find(self._target, client.headers, house.providers, self._directives, client.names)
            refuse_upgrade(client.headers, client.names)
            handoff = self._begin()
            body = client.at_hand()
            if body is None:
                with self._clocks.away():
                    body = await client.read()
            filled = await self._fill(self._route, body, handoff)
            if self._directives.mock is not None:
                told = mock.told(self._directives.mock, self._route, self._fields, filled)
                return await self._give(*told, handoff)
            if (retry := self._directives.retry) is not None and retry.handler is not None:
                filled = await self._fit(retry.handler, self._route, filled)
            limits = self._run.limits if self._run is not None else ()
            asking = self._asking = Asking(house, client, self._clocks, handoff, self._directives, limits)
            plan = planned(self._directives, self._route, client, self._fields, filled, house, asking, handoff)
            self._visit = visit = self._visit_cache(self._route, filled)
            hit = await visit.look() if visit else None
            if hit is not None:
                return await self._replay(hit, handoff)
            if plan is None and asking.is_limited:
                await asking.admit(self._route, self._fields, filled)
            onward = self._onward(asking, plan, filled, handoff)
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

    def _read_directives(self) -> Directives:
        house, client = self._house, self._client
        tags = self._enter_run()
        return directives.read(client.headers, tags, house.cache.settings, house.retrying, client.names)

    def _enter_run(self) -> Tags:
        """The tags of the run the call belongs to, none where it belongs to none. Raises Refusal."""
        if not self._token:
            return NO_TAGS
        self._run = self._house.runs.find(self._token)
        self._run.enter()
        return self._run.tags

    def _begin(self) -> Handoff:
        """The journal's first word on this call."""
        at, said = self._clocks.created_at, self._directives
        where = self._client, self._route, self._target
        self._handoff = begun(self._house.journal, self._id, at, *where, said.tags, said.brought)
        return self._handoff

    async def _fit(self, handler: str, found: Route, body: bytes) -> bytes:
        """The body, shortened where it is too long for its model; one that is not held whole stays as it is."""
        given = Fitted(body, {}) if self._client.has_more else None
        told = given or await fit(handler, found, body, self._house.admission, self._clocks.created_at)
        self._labels = told.labels
        return told.body

    async def _fill(self, found: Route, body: bytes, handoff: Handoff) -> bytes:
        """The body as it goes up and as the journal keeps it; of a call refused here the one that came."""
        try:
            self._use = await prompts.fill(self._house.shelf, self._directives, found, self._client, body)
            if self._use is not None:
                body, self._fields = self._use.body, self._use.fields
            return body
        finally:
            encoded = b"content-encoding" in self._client.names.first
            handoff.request(masking.without_echo(self._fields, body, handoff.repeats_secret) if encoded else body)

    def _visit_cache(self, found: Route, body: bytes) -> Visit | None:
        """What the call has to do with the cache; nothing for most."""
        terms, client = self._directives.cache, self._client
        if terms is None or client.has_more:
            return None
        keys = self._directives.brought
        question = asked(terms, found, client.method, [*self._fields, *keys] if keys else self._fields, body)
        return None if question is None else Visit(self._house.cache, question, self._clocks)

    async def _replay(self, hit: Hit, handoff: Handoff) -> None:
        """A stored answer, to the journal and to the client."""
        if hit.is_stream:
            self._clocks.first_byte()
        await self._give(hit.content_type, hit.body, handoff)

    async def _give(self, content_type: bytes, body: bytes, handoff: Handoff) -> None:
        """An answer that no provider was asked for."""
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *self._own_fields()]
        self._status = 200
        handoff.end(self._ending(), Head(200, headers), body)
        await handoff.settled()
        await self._client.answer(200, headers, body)

    async def _onward(self, asking: Asking, plan: Attempts | None, body: bytes, handoff: Handoff) -> None:
        """The rest of the road: to the provider and back."""
        fields, found = self._fields, self._route
        assert found is not None
        answer, hide_usage = await (asking.once(found, fields, body) if plan is None else plan.ask(fields, body))
        try:
            if self._visit is not None and not asking.index:
                # What another model has said is no answer to the same question asked again.
                self._visit.answered(answer.status, answer.headers, hide_usage)
            if asking.permit is not None:
                asking.permit.answer(answer.status, answer.headers)
            await self._pass_on(asking, answer, handoff, hide_usage)
        finally:
            answer.release()

    async def _pass_on(self, asking: Asking, answer: Answer, handoff: Handoff, hide_usage: bool) -> None:
        """The answer, to the journal and to the client."""
        clocks, permit = self._clocks, asking.permit
        copy = in_turn(self._visit.collect if self._visit else None, permit.copy if permit else None)
        if (answer.whole and not hide_usage) or (answer.status >= 400 and not answer.is_stream):
            body, complete = answer.at_hand(SMALL), True
            if body is None:
                with clocks.away():
                    body, complete = await answer.read(SMALL)
            if complete:
                if copy is not None:
                    copy(body)
                headers = answer.headers + self._own_fields()
                seen = names.of(headers)
                self._status = answer.status
                if answer.is_stream:
                    clocks.first_byte()
                head = Head(answer.status, masking.mask_headers(headers, names=seen))
                repeats = answer.status >= 400 or handoff.redacted
                kept = masking.without_echo(answer.headers, body, handoff.repeats_secret) if repeats else body
                handoff.end(self._ending(), head, kept)
                await handoff.settled()
                await self._client.answer(answer.status, headers, body, seen)
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
        asking = self._asking
        charges = asking.close(error) if asking is not None else ()
        if error is None and self._client.gone:
            error, message = "client_closed", "the client went; others wanted the answer, which came complete"
        attempts = asking.count if asking is not None else 0
        ttft_us, overhead_us, status = clocks.ttft_us, clocks.overhead_us, self._status
        end = End(ended_at, latency_us, ttft_us, overhead_us, status, error, message, attempts)
        end = asking.told(end) if asking is not None else end
        if noted is not None or charges or self._labels:
            end = replace(end, cache=noted, charges=charges, labels=self._labels)
        if self._refusal is not None:
            end = replace(end, policy=self._refusal.policy, segment=self._refusal.segment)
        return replace(end, prompted=self._use.prompted) if self._use is not None else end

    def _own_fields(self, status: bytes = b"success") -> Headers:
        asking = self._asking
        return [
            (h.ANSWER_ID, (self._directives.answer_id or as_text(self._id)).encode()),
            (h.ANSWER_STATUS, status),
            *(self._visit.fields() if self._visit else _NO_HIT),
            (h.ANSWER_OVERHEAD, b"%.3f" % (self._clocks.overhead_us / 1000)),
            *(asking.permit.fields if asking is not None and asking.permit is not None else ()),
            *(asking.fields if asking is not None else ()),
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
