"""Station 4, the response cache: an answer that is already here, or is on its way for somebody else.

Owns the entries in memory and, within a bound, their bytes; decides what is stored and what goes. A miss touches no
disk; a hit whose bytes are not in memory has them read by `fetch`, elsewhere. Errors, cuts and limits are never stored.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any

from msgspec import Struct

from helicli import headers as h
from helicli.caching import (
    CONTENT_TYPE_MAX,
    ENTRY_MAX,
    EVENTS,
    HIT,
    MISS,
    CacheSettings,
    Clearing,
    Entry,
    NewEntry,
    Noted,
)
from helicli.call import Headers
from helicli.providers import replay
from helicli.proxy.cache_bodies import Bodies
from helicli.proxy.cache_flight import Flight, Stored
from helicli.proxy.cache_index import Index
from helicli.proxy.cache_key import Asked
from helicli.proxy.clocks import Clocks, now_ms
from helicli.store.encodings import content_encoding, decode

Fetch = Callable[[bytes], Awaitable[bytes | None]]


class Hit(Struct, frozen=True):
    """A stored answer to the same question, in the form that is wanted. `age_ms` is how long ago it was stored."""

    entry: Entry
    content_type: bytes
    body: bytes
    age_ms: int
    is_stream: bool


async def _nowhere(entry_id: bytes) -> bytes | None:
    return None


class Cache:
    """All entries. One per proxy."""

    def __init__(
        self,
        settings: CacheSettings | None = None,
        fetch: Fetch = _nowhere,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.settings = settings or CacheSettings()
        self.fetch = fetch
        self.clock = clock
        self.index = Index(self.settings.max_entries, self.settings.max_bytes)
        self.bodies = Bodies(self.settings.memory)
        self.flights: dict[bytes, Flight] = {}
        self.clearings = 0
        self._gone: set[bytes] | None = set()
        self._cleared: list[tuple[frozenset[bytes] | None, Clearing]] = []

    def restore(self, entries: Iterable[Entry], *, last: bool) -> None:
        """Take in entries of an earlier life, the most used first; several times until these are the `last`."""
        self.index.restore((entry for entry in entries if not self._has_gone(entry)), self.clock())
        if last:
            self._gone, self._cleared = None, []

    def clear(self, clearing: Clearing) -> int:
        """Forget what a clearing takes, and do not store what is under way; how many entries went."""
        return sum(self.clear_in_steps(clearing))

    def clear_in_steps(self, clearing: Clearing) -> Iterator[int]:
        """`clear`, so that others may go on between the steps; how many entries went in each."""
        self.clearings += 1
        if self._gone is not None:
            ids = None if clearing.ids is None else frozenset(clearing.ids)
            self._cleared.append((ids, Clearing(clearing.seed, clearing.before_ms)))
        self.flights.clear()
        for gone in self.index.clear(clearing):
            self.forget(gone)
            yield len(gone)

    def forget(self, ids: Iterable[bytes]) -> None:
        """Let go of the bytes of entries that have gone."""
        for entry_id in ids:
            self.bodies.drop(entry_id)
            if self._gone is not None:
                self._gone.add(entry_id)

    def _has_gone(self, entry: Entry) -> bool:
        """Whether an entry of the database has gone meanwhile. What was stored in this life is here, or has gone."""
        gone = self._gone is not None and entry.id in self._gone
        return gone or any((ids is None or entry.id in ids) and entry.cleared_by(rest) for ids, rest in self._cleared)


class Visit:
    """One call at this station: it looks, and where it finds nothing it may bring something."""

    def __init__(self, cache: Cache, asked: Asked, clocks: Clocks) -> None:
        self._cache = cache
        self._asked = asked
        self._clocks = clocks
        self._clearings = cache.clearings
        self._flight: Flight | None = None
        self._evicted: list[bytes] = []
        self._fields: Headers = []
        self._pieces: list[bytes] | None = None
        self._bytes = 0
        self._usage_asked = False
        self._noted: Noted | None = None
        self._stored: Stored | None = None
        self.hit: Hit | None = None

    async def look(self) -> Hit | None:
        """A stored answer, or the one that an identical call brings; None where the provider is to be asked."""
        cache, terms = self._cache, self._asked.terms
        if not terms.read:
            return None
        entry = cache.index.find(self._asked.key, cache.clock(), variants=self._variants, max_age_ms=terms.max_age_ms)
        if entry is not None:
            self.hit = self._told(entry, await self._body(entry))
        if self.hit is None and not terms.variants:
            flight = cache.flights.get(self._asked.key)
            if flight is not None:
                with self._clocks.away():
                    stored = await flight.follow()
                self.hit = self._told(stored.entry, stored.body) if stored else None
                if not flight.landed and cache.flights.get(self._asked.key) is flight:
                    # It stands still: whoever comes now is not to wait for it too.
                    del cache.flights[self._asked.key]
                    flight = None
            if flight is None and terms.save:
                self._flight = cache.flights[self._asked.key] = Flight()
        return self.hit

    async def lead(self, road: Coroutine[Any, Any, None]) -> None:
        """Go the road to the provider, for others too where this call is the first to ask."""
        await (road if self._flight is None else self._flight.lead(road))

    def answered(self, status: int, fields: Headers, usage_asked: bool) -> None:
        """Take the head of the provider's answer: from now on its bytes are collected, where it may be stored.

        `usage_asked` says that helicli has asked for the usage event of a stream.
        """
        if status != 200:
            self._give_up()
        elif self._asked.terms.save:
            self._fields, self._pieces = fields, []
            self._usage_asked = usage_asked or self._asked.question.usage

    def collect(self, piece: bytes) -> None:
        """Take a piece of the provider's answer."""
        if self._flight is not None:
            self._flight.moved()
        if self._pieces is not None:
            self._bytes += len(piece)
            self._pieces.append(piece)
            if self._bytes > ENTRY_MAX:
                self._pieces = None
                self._give_up()

    def noted(self, call_id: bytes, now: int, latency_us: int, may_keep: Callable[[bytes], bool] | None) -> Noted:
        """What the journal is told when the call has ended; its answer is stored, and told to all who wait for it.

        `may_keep` is asked about the decoded answer, None where the call did not end well.
        """
        if self._noted is None:
            put = self._store(call_id, now, latency_us, may_keep) if may_keep and not self.hit else None
            source = self.hit.entry.id if self.hit else None
            self._noted = Noted(HIT if self.hit else MISS, source, put, tuple(self._evicted))
            self.leave()
        return self._noted

    def _give_up(self) -> None:
        """Let nobody wait for an answer that will not be stored."""
        if self._flight is not None:
            self._flight.give_up()
        self.leave()

    def leave(self) -> None:
        """Let nobody wait any longer for what this call has brought, or would have."""
        flight = self._flight
        if flight is not None:
            if self._cache.flights.get(self._asked.key) is flight:
                del self._cache.flights[self._asked.key]
            flight.land(self._stored)

    def fields(self) -> Headers:
        """What an answer's header says of the cache."""
        hit = self.hit
        if hit is None:
            return [(h.ANSWER_CACHE_HIT, b"false"), *([(h.ANSWER_CACHE, b"MISS")] if self._asked.terms.read else [])]
        return [
            (h.ANSWER_CACHE_HIT, b"true"),
            (h.ANSWER_CACHE, b"HIT"),
            (h.ANSWER_CACHE_BUCKET_IDX, b"%d" % hit.entry.slot),
            (h.ANSWER_CACHE_LATENCY, b"%d" % (hit.entry.latency_us // 1000)),
            (h.AGE, b"%d" % (hit.age_ms // 1000)),
        ]

    @property
    def _variants(self) -> int | None:
        terms = self._asked.terms
        return (terms.bucket_max or 1) if terms.variants else None

    async def _body(self, entry: Entry) -> bytes | None:
        """The bytes of an entry; one whose bytes are lost is no entry."""
        cache = self._cache
        body = cache.bodies.find(entry.id)
        if body is None:
            body = await cache.fetch(entry.id)
            if body is not None and entry in cache.index:
                cache.bodies.add(entry.id, body)
            elif body is None and cache.index.drop(entry):
                self._evicted.append(entry.id)
                cache.forget((entry.id,))
        return body

    def _told(self, entry: Entry, body: bytes | None) -> Hit | None:
        put = self._asked.question
        told = replay.told(put.kind, body, entry.form, entry.usage_asked, put.form, put.usage) if body else None
        if told is None:
            return None
        same = put.form == entry.form
        content_type = entry.content_type.encode("latin-1") if same else replay.content_type(put.form)
        return Hit(entry, content_type, told, max(0, self._cache.clock() - entry.stored_at), put.form == EVENTS)

    def _store(self, call_id: bytes, now: int, latency_us: int, may_keep: Callable[[bytes], bool]) -> NewEntry | None:
        cache, asked, terms = self._cache, self._asked, self._asked.terms
        pieces, self._pieces = self._pieces, None
        if pieces is None or self._clearings != cache.clearings:
            return None
        body = decode(content_encoding(self._fields), b"".join(pieces), ENTRY_MAX)
        # The seed stands in the log as it is, where everything else a caller sends has its keys masked.
        if (
            not body
            or len(body) > ENTRY_MAX
            or not may_keep(body)
            or not may_keep(terms.seed.encode("utf-8", "replace"))
        ):
            return None
        form = replay.form_of(body)
        content_type = next((v.decode("latin-1") for n, v in self._fields if n == b"content-type"), "")
        if len(content_type) > CONTENT_TYPE_MAX or not replay.is_good(asked.question.kind, form, body):
            return None
        entry = Entry(
            id=call_id,
            key=asked.key,
            slot=cache.index.free_slot(asked.key, now, self._variants),
            org=asked.org,
            seed=terms.seed,
            stored_at=now,
            expires_at=now + terms.ttl_ms,
            form=form,
            content_type=sys.intern(content_type),
            usage_asked=self._usage_asked,
            size=len(body),
            latency_us=latency_us,
        )
        evicted = cache.index.put(entry, now, None if terms.variants else terms.bucket_max)
        cache.forget(evicted)
        self._evicted += evicted
        if entry in cache.index:
            cache.bodies.add(call_id, body)
        self._stored = Stored(entry, body)
        return NewEntry(
            key=entry.key,
            slot=entry.slot,
            org=entry.org,
            seed=entry.seed,
            expires_at=entry.expires_at,
            form=form,
            content_type=content_type,
            usage_asked=entry.usage_asked,
            size=entry.size,
        )
