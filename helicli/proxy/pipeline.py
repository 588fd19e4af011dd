"""The road of a call, station by station.

Owns the order. Every exit, whichever station it leaves from, goes through the journal; nothing here waits for the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter_ns

from helicli import headers as h
from helicli.call import Begin, End, Head, Headers, Tags
from helicli.providers.dialects import spoken
from helicli.providers.registry import Provider
from helicli.providers.replies import error_reply
from helicli.proxy import cache, directives, masking, prompts, route
from helicli.proxy.admission import Admission, Permit
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.directives import Directives
from helicli.proxy.doors import Doors
from helicli.proxy.durability import LastEvent
from helicli.proxy.expense import Asked
from helicli.proxy.handoff import SMALL, Handoff, Journal, now_ms
from helicli.proxy.ids import as_text, new_id
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.proxy.runs import Runs, Traffic, split
from helicli.proxy.tee import Stream
from helicli.proxy.upstream import Answer, Upstream
from helicli.proxy.usage import UsageAsking
from helicli.rates import Rates
from helicli.store.encodings import content_encoding, decode

_NO_TAGS = Tags()
_NO_DIRECTIVES = Directives(_NO_TAGS)

_ECHO_MAX = 4 * 1024 * 1024
"""A compressed body is looked through for secrets where it unfolds to no more than this."""


class House:
    """What the stations share: the providers and the parts that do I/O or remember. One per proxy.

    `rates` is a snapshot, put in place whole when the recorder has met a model.
    """

    def __init__(self, providers: Mapping[str, Provider], doors: Doors, journal: Journal, upstream: Upstream) -> None:
        self.providers = providers
        self.doors = doors
        self.journal = journal
        self.upstream = upstream
        self.usage = UsageAsking()
        self.runs = Runs()
        self.rates = Rates({})
        self.admission = Admission(lambda: self.rates)


class Call:
    """One call on the road: its clocks, and what its exits need to know."""

    def __init__(self, house: House, client: Client) -> None:
        self._house = house
        self._client = client
        self._token, self._target = split(client.target)
        self._run: Traffic | None = None
        self._start_ns = perf_counter_ns()
        self._created_at = now_ms()
        self._id = new_id(self._created_at)
        self._directives = _NO_DIRECTIVES
        self._route: Route | None = None
        self._handoff: Handoff | None = None
        self._stream: Stream | None = None
        self._permit: Permit | None = None
        self._refusal: Refusal | None = None
        self._whole_ns: int | None = None  # the first byte of a stream that came whole
        self._away_ns = 0
        self._overhead_us: int | None = None
        self._attempts = 0
        self._status: int | None = None

    async def travel(self) -> None:
        """Take the call from the client to the provider and back."""
        client, house = self._client, self._house
        try:
            house.doors.check(client.headers, client.local_address)
            self._directives = directives.read(client.headers, self._enter_run())
            self._route = route.find(self._target, client.headers, house.providers, self._directives)
            refuse_upgrade(client.headers)
            handoff = self._begin()
            with self._away():
                body = await client.read()
            handoff.request(self._without_echo(client.headers, body))
            filled = prompts.fill(self._directives, body)
            cache.look(self._directives, filled)
            await self._admit(self._route, filled, handoff)
            answer, hide_usage = await self._ask(self._route, filled)
            try:
                await self._pass_on(answer, handoff, hide_usage)
            finally:
                answer.release()
        except Refusal as refusal:
            await self._refuse(refusal)
        except Gone:
            self._end("client_closed", "the client closed its connection before its request was complete")
        except asyncio.CancelledError:
            await self._cancelled()
        except Exception as error:
            await self._failed(error)
        finally:
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
        client, found = self._client, self._route
        begin = Begin(
            id=self._id,
            created_at=self._created_at,
            provider=found.provider.name if found else "",
            dialect=found.provider.dialect if found else "other",
            method=client.method,
            path=masking.mask_path(found.path if found else self._target),
            provider_key=masking.provider_key(client.headers),
            headers=masking.mask_headers(client.headers),
            tags=self._directives.tags,
        )
        self._handoff = Handoff(self._house.journal, begin, masking.secrets_of(client.headers, self._target))
        return self._handoff

    async def _admit(self, found: Route, body: bytes, handoff: Handoff) -> None:
        """Ask the limits, of which most calls have none. Raises Refusal."""
        admission, said = self._house.admission, self._directives
        if said.policies or admission.standing:
            asked = Asked(said.tags, found.provider, found.path, self._client.headers, body, self._created_at)
            self._permit = await admission.ask(asked, said.policies)
            if self._permit is not None:
                handoff.charge(self._permit.charges())

    async def _ask(self, found: Route, body: bytes) -> tuple[Answer, bool]:
        """The provider's answer, and whether a usage event in it is helicli's own affair."""
        client = self._client

        async def send(fields: Headers, body: bytes | AsyncIterator[bytes]) -> Answer:
            self._attempts += 1
            asked_ns = perf_counter_ns()
            try:
                answer = await self._house.upstream.send(client.method, found.url, fields, body)
            except BaseException:
                self._away_ns += perf_counter_ns() - asked_ns
                raise
            self._away_ns += answer.away_ns
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
        permit = self._permit
        if permit is not None:
            permit.answer(answer.status, answer.headers)
        copy = permit.copy if permit is not None else None
        if (answer.whole and not hide_usage) or (answer.status >= 400 and not answer.is_stream):
            with self._away():
                body, complete = await answer.read(SMALL)
            if complete:
                headers = answer.headers + self._own_fields()
                self._status = answer.status
                self._whole_ns = perf_counter_ns() if answer.is_stream else None
                head = Head(answer.status, masking.mask_headers(headers))
                if copy is not None:
                    copy(body)
                repeats = answer.status >= 400 or handoff.redacted
                handoff.end(self._ending(), head, self._without_echo(answer.headers, body) if repeats else body)
                await handoff.settled()
                await self._client.answer(answer.status, headers, body)
                return
            answer.unread(body)
        headers = answer.headers + self._own_fields()
        self._status = answer.status
        handoff.head(Head(answer.status, masking.mask_headers(headers)))
        if hide_usage:
            headers = [field for field in headers if field[0] != b"content-length"]
        self._stream = stream = Stream(
            answer, self._client.send, handoff, hide_usage, self._last_event(answer, handoff), copy
        )
        await stream.pass_on(headers, lambda: handoff.end(self._ending()))
        if stream.cut is not None:
            # Returning now makes the server close the connection without the mark of a clean end.
            handoff.end(self._ending(stream.cut.word, stream.cut.message))

    def _last_event(self, answer: Answer, handoff: Handoff) -> LastEvent | None:
        """What tells a stream's last event, where that is to be on the disk before it goes."""
        found = self._route
        if found is None or not handoff.settles or not answer.is_stream or content_encoding(answer.headers):
            return None
        lines = answer.header(b"content-type").startswith(b"application/x-ndjson")
        return LastEvent(found.provider.dialect, found.path, lines=lines)

    def _without_echo(self, fields: Headers, body: bytes) -> bytes:
        """The copy of a compressed body that is kept: decoded where it repeats one of the call's secrets."""
        encoding = content_encoding(fields)
        if not encoding or self._handoff is None:
            return body
        plain = decode(encoding, body, _ECHO_MAX)
        return plain if plain is not None and self._handoff.repeats_secret(plain) else body

    def _ending(self, error: str | None = None, message: str | None = None) -> End:
        now, stream = perf_counter_ns(), self._stream
        first = stream.first_byte_ns if stream is not None and stream.answer.is_stream else self._whole_ns
        permit, refusal = self._permit, self._refusal
        return End(
            ended_at=self._created_at + (now - self._start_ns) // 1_000_000,
            latency_us=(now - self._start_ns) // 1000,
            ttft_us=(first - self._start_ns) // 1000 if first is not None else None,
            overhead_us=self._overhead(),
            status=self._status,
            error=error,
            error_message=message,
            attempts=max(1, self._attempts),
            charges=permit.close(left=error == "client_closed" and self._attempts > 0) if permit is not None else (),
            policy=refusal.policy if refusal is not None else None,
            segment=refusal.segment if refusal is not None else None,
        )

    @contextmanager
    def _away(self) -> Iterator[None]:
        """Wait for client or provider: that time is theirs."""
        asked_ns = perf_counter_ns()
        try:
            yield
        finally:
            self._away_ns += perf_counter_ns() - asked_ns

    def _overhead(self) -> int:
        """Microseconds spent here until the head of the answer was made, and not with client or provider."""
        if self._overhead_us is None:
            self._overhead_us = max(0, perf_counter_ns() - self._start_ns - self._away_ns) // 1000
        return self._overhead_us

    def _own_fields(self, status: bytes = b"success") -> Headers:
        answer_id = self._directives.answer_id or as_text(self._id)
        limits = self._permit.fields if self._permit is not None else []
        return [
            (h.ANSWER_ID, answer_id.encode()),
            (h.ANSWER_STATUS, status),
            (h.ANSWER_CACHE_HIT, b"false"),
            (h.ANSWER_OVERHEAD, b"%.3f" % (self._overhead() / 1000)),
            *limits,
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
            # Whether its body still comes is open, so what follows on this connection could be anything. A body that
            # is on its way is read and thrown away: closing over it would reset the connection and lose the answer.
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
