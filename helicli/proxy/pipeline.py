"""The road of a call, station by station.

Owns the order. Every exit, whichever station it leaves from, goes through the journal; nothing here waits for the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from time import perf_counter_ns

from helicli import headers as h
from helicli.call import Begin, End, Head, Headers, Tags
from helicli.providers.registry import Provider
from helicli.providers.replies import error_reply
from helicli.proxy import admission, directives, masking, prompts, route
from helicli.proxy.cache import Cache, Hit, Visit
from helicli.proxy.cache_key import asked
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.directives import Directives
from helicli.proxy.doors import Doors
from helicli.proxy.handoff import SMALL, Handoff, Journal, now_ms
from helicli.proxy.ids import as_text, new_id
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.proxy.tee import Stream
from helicli.proxy.upstream import Answer, Upstream
from helicli.proxy.usage import UsageAsking
from helicli.store.encodings import content_encoding, decode

_NO_DIRECTIVES = Directives(Tags())
_NO_HIT: Headers = [(h.ANSWER_CACHE_HIT, b"false")]


class House:
    """What the stations share: the providers and the parts that do I/O or remember. One per proxy."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        doors: Doors,
        journal: Journal,
        upstream: Upstream,
        cache: Cache | None = None,
    ) -> None:
        self.providers = providers
        self.doors = doors
        self.journal = journal
        self.upstream = upstream
        self.cache = cache or Cache()
        self.usage = UsageAsking()


class Call:
    """One call on the road: its clocks, and what its exits need to know."""

    def __init__(self, house: House, client: Client) -> None:
        self._house = house
        self._client = client
        self._start_ns = perf_counter_ns()
        self._created_at = now_ms()
        self._id = new_id(self._created_at)
        self._directives = _NO_DIRECTIVES
        self._route: Route | None = None
        self._handoff: Handoff | None = None
        self._stream: Stream | None = None
        self._visit: Visit | None = None
        self._sent_ns = 0
        self._answered_ns = 0
        self._out_ns = 0
        self._attempts = 0
        self._status: int | None = None

    async def travel(self) -> None:
        """Take the call from the client to the provider and back."""
        client, house = self._client, self._house
        try:
            house.doors.check(client.headers, client.local_address)
            self._directives = directives.read(client.headers, house.cache.settings)
            self._route = route.find(client.target, client.headers, house.providers, self._directives)
            refuse_upgrade(client.headers)
            handoff = self._begin()
            body = await client.read()
            handoff.request(body)
            filled = prompts.fill(self._directives, body)
            self._visit = visit = self._visit_cache(self._route, filled)
            hit = await visit.look() if visit else None
            if hit is not None:
                await self._replay(hit, handoff)
                return
            admission.ask(self._directives)
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

    async def _onward(self, found: Route, body: bytes, handoff: Handoff) -> None:
        """The rest of the road: to the provider and back."""
        answer, hide_usage = await self._ask(found, body)
        try:
            await self._pass_on(answer, handoff, hide_usage)
        finally:
            answer.release()

    def _visit_cache(self, found: Route, body: bytes) -> Visit | None:
        """What the call has to do with the cache; nothing for most."""
        terms, client = self._directives.cache, self._client
        if terms is None or client.has_more:
            return None
        question = asked(terms, found, client.method, client.headers, body)
        return None if question is None else Visit(self._house.cache, question)

    async def _replay(self, hit: Hit, handoff: Handoff) -> None:
        """A stored answer, to the journal and to the client."""
        headers = [
            (b"content-type", hit.content_type),
            (b"content-length", b"%d" % len(hit.body)),
            *self._own_fields(),
        ]
        self._status = 200
        handoff.end(self._ending(), Head(200, headers), hit.body)
        await self._client.answer(200, headers, hit.body)

    def _begin(self) -> Handoff:
        """The journal's first word on this call."""
        client, found = self._client, self._route
        begin = Begin(
            id=self._id,
            created_at=self._created_at,
            provider=found.provider.name if found else "",
            dialect=found.provider.dialect if found else "other",
            method=client.method,
            path=masking.mask_path(found.path if found else client.target),
            provider_key=masking.provider_key(client.headers),
            headers=masking.mask_headers(client.headers),
            tags=self._directives.tags,
        )
        self._handoff = Handoff(self._house.journal, begin, masking.secrets_of(client.headers, client.target))
        return self._handoff

    async def _ask(self, found: Route, body: bytes) -> tuple[Answer, bool]:
        """The provider's answer, and whether a usage event in it is helicli's own affair."""
        client = self._client

        async def send(fields: Headers, body: bytes | AsyncIterator[bytes]) -> Answer:
            self._attempts += 1
            self._sent_ns = perf_counter_ns()
            answer = await self._house.upstream.send(client.method, found.url, fields, body)
            self._answered_ns = perf_counter_ns()
            return answer

        if client.has_more:
            return await send(client.headers, self._pieces(body)), False
        return await self._house.usage.send(found.provider, found.path, client.headers, body, send)

    async def _pieces(self, first: bytes) -> AsyncIterator[bytes]:
        """A body too large to be held, on its way up and into the journal."""
        yield first
        async for piece in self._client.rest():
            if self._handoff is not None:
                self._handoff.request(piece)
            yield piece

    async def _pass_on(self, answer: Answer, handoff: Handoff, hide_usage: bool) -> None:
        """The answer, to the journal and to the client."""
        headers = answer.headers + self._own_fields()
        visit = self._visit
        if visit is not None:
            visit.answered(answer.status, answer.headers, hide_usage)
        if (answer.whole and not hide_usage) or (answer.status >= 400 and not answer.is_stream):
            body, complete = await answer.read(SMALL)
            if complete:
                if visit is not None:
                    visit.collect(body)
                self._status, self._out_ns = answer.status, perf_counter_ns()
                head = Head(answer.status, masking.mask_headers(headers))
                handoff.end(self._ending(), head, self._without_echo(answer, body))
                await self._client.answer(answer.status, headers, body)
                return
            answer.unread(body)
        self._status = answer.status
        handoff.head(Head(answer.status, masking.mask_headers(headers)))
        if hide_usage:
            headers = [field for field in headers if field[0] != b"content-length"]
        self._stream = stream = Stream(answer, self._client.send, handoff, hide_usage, visit.collect if visit else None)
        self._out_ns = perf_counter_ns()
        await stream.pass_on(headers, lambda: handoff.end(self._ending()))
        if stream.cut is not None:
            # Returning now makes the server close the connection without the mark of a clean end.
            handoff.end(self._ending(stream.cut.word, stream.cut.message))

    def _without_echo(self, answer: Answer, body: bytes) -> bytes:
        """The copy of a compressed body that is kept: decoded where it repeats one of the call's secrets."""
        encoding = content_encoding(answer.headers)
        handoff = self._handoff
        if not encoding or handoff is None or not (answer.status >= 400 or handoff.redacted):
            return body
        plain = decode(encoding, body)
        return plain if plain is not None and handoff.repeats_secret(plain) else body

    def _ending(self, error: str | None = None, message: str | None = None) -> End:
        now, stream = perf_counter_ns(), self._stream
        before = (self._sent_ns or now) - self._start_ns
        after = max(0, self._out_ns - self._answered_ns) if self._answered_ns else 0
        first = stream.first_byte_ns if stream is not None and stream.answer.is_stream else None
        latency_us = (now - self._start_ns) // 1000
        ended_at = self._created_at + latency_us // 1000
        visit, handoff = self._visit, self._handoff
        noted = None
        if visit is not None and handoff is not None:
            noted = visit.noted(self._id, ended_at, latency_us, None if error else handoff.holds_no_secret)
        if error is None and self._client.gone:
            error, message = "client_closed", "the client went; others wanted the answer, which came complete"
        return End(
            ended_at=ended_at,
            latency_us=latency_us,
            ttft_us=(first - self._start_ns) // 1000 if first is not None else None,
            overhead_us=(before + after) // 1000,
            status=self._status,
            error=error,
            error_message=message,
            attempts=0 if visit is not None and visit.hit else max(1, self._attempts),
            cache=noted,
        )

    def _own_fields(self, status: bytes = b"success") -> Headers:
        answer_id = self._directives.answer_id or as_text(self._id)
        return [
            (h.ANSWER_ID, answer_id.encode()),
            (h.ANSWER_STATUS, status),
            *(self._visit.fields() if self._visit else _NO_HIT),
        ]

    def _end(self, word: str, message: str, head: Head | None = None, body: bytes = b"") -> None:
        handoff = self._handoff or self._begin()
        handoff.end(self._ending(word, message), head, body)

    async def _refuse(self, refusal: Refusal) -> None:
        """Answer in the provider's stead, in the caller's dialect."""
        dialect = self._route.provider.dialect if self._route else "openai"
        body = error_reply(dialect, refusal.status, refusal.message, refusal.type, refusal.word)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *self._own_fields(b"failed" if refusal.word == "refused_door" else b"success"),
        ]
        if self._client.holds_back:
            # Whether its body still comes is open, so what follows on this connection could be anything. A body that
            # is on its way is read and thrown away: closing over it would reset the connection and lose the answer.
            headers.append((b"connection", b"close"))
        self._status = refusal.status
        self._end(refusal.word, refusal.message, Head(refusal.status, headers), body)
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
