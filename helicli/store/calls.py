"""Rows of calls, written and read by key.

Owns the statement that inserts a call with its words, properties and bodies. A call whose `id` is already there is left
as it is: what the journal tells twice is written once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict, astuple, replace

from helicli.caching import Clearing, Noted
from helicli.call import Charge, Headers
from helicli.rates import Rate, Tier
from helicli.scores import Scored
from helicli.store import charges, scores
from helicli.store.bodies import BodyWriter
from helicli.store.cache import CacheWriter
from helicli.store.inserting import Insert
from helicli.store.rates import RateWriter


class Words(Struct, frozen=True, kw_only=True):
    """The columns of `calls` whose text stands once, in `words`."""

    provider: str | None = None
    model: str | None = None
    requested_model: str | None = None
    path: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    user: str | None = None
    session: str | None = None
    session_path: str | None = None
    session_name: str | None = None
    name: str | None = None
    prompt: str | None = None
    price_source: str | None = None
    provider_key: str | None = None
    org: str | None = None
    machine: str | None = None
    run: str | None = None
    cache: str | None = None
    policy: str | None = None
    segment: str | None = None


class Plain(Struct, frozen=True, kw_only=True):
    """The columns of `calls` that hold their value themselves."""

    id: bytes
    created_at: int
    ended_at: int
    status: int | None
    error_message: str | None
    stream: bool
    latency_us: int
    ttft_us: int | None
    overhead_us: int | None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    usage_estimated: bool = False
    usage: str | None = None
    cost_nano: int | None = None
    saved_nano: int | None = None
    saved_us: int | None = None
    cached_from: int | None = None
    prompt_version: int | None = None
    attempts: int = 1
    fallback_index: int | None = None
    request_id: str | None = None


_COLUMNS: Final = ("rate", *Plain.__struct_fields__, *Words.__struct_fields__)
_SIDES: Final = (
    *("seq", "request_headers", "request", "request_size", "request_missing", "request_sha256"),
    *("response_headers", "response", "response_size", "response_missing", "response_sha256"),
    *("redacted", "inputs"),
)
_INSERT_TRY: Final = f"INSERT INTO tries VALUES ({', '.join('?' * 14)})"
_ID: Final = _COLUMNS.index("id")
_USAGE: Final = _COLUMNS.index("usage")
_FLAGS: Final = (_COLUMNS.index("stream"), _COLUMNS.index("usage_estimated"))
_WORDS_KEPT: Final = 50_000


class Priced(Struct, frozen=True):
    """What a call was priced by: a tier of a rate, and all rates of that model."""

    rate: Rate
    tier: Tier
    rates: tuple[Rate, ...]


class NewTry(Struct, frozen=True, kw_only=True):
    """An attempt to be written; what it used is its own, also where it did not count."""

    fallback_index: int
    started_us: int
    latency_us: int
    provider: str
    model: str | None
    status: int | None
    error: str | None
    error_message: str | None
    upstream_id: str | None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nano: int | None = 0


class NewCall(Struct, frozen=True):
    """A row to be written, and what hangs on the row.

    Where `request_headers` is None nothing is kept of either side. `*_missing` says why bytes are not kept, in a word
    of `helicli.call.MISSING_WORDS`; `*_sha256` is that of the whole side where its middle is missing. `noted` is what
    the call did with the cache, `answer` the decoded bytes it has for it. `inputs` are the values of its prompt's
    variables, as JSON.
    """

    plain: Plain
    words: Words
    properties: Mapping[str, str]
    request_headers: Headers | None
    request: bytes | None
    request_size: int
    response_headers: Headers | None
    response: bytes | None
    response_size: int
    redacted: bool
    request_missing: str | None = None
    request_sha256: bytes | None = None
    response_missing: str | None = None
    response_sha256: bytes | None = None
    priced: Priced | None = None
    noted: Noted | None = None
    answer: bytes | None = None
    charges: tuple[Charge, ...] = ()
    tries: tuple[NewTry, ...] = ()
    inputs: bytes | None = None


class CallWriter:
    """Writes calls through the one writing connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._bodies = BodyWriter(connection)
        self._rates = RateWriter(connection)
        self._cache = CacheWriter(connection, self._bodies.pack, self._word)
        self._early = scores.EarlyScores(connection)
        self._insert = Insert("calls", _COLUMNS, "ON CONFLICT (id) DO NOTHING")
        self._insert_sides = Insert("bodies", _SIDES)
        self._words: dict[str, int] = {}
        self._pruned_at = 0

    def forget(self) -> None:
        """Drop what is remembered: it may have been written in a transaction that was undone."""
        self._words.clear()
        self._bodies.forget()
        self._rates.forget()
        self._early.forget()

    @property
    def last_rate(self) -> int:
        """The id of the newest row of `rates`: it changes when there are new ones."""
        return self._rates.last_id

    def release(self, seq: int) -> None:
        """Delete what is stored of a call's two sides, and every part of it that no other call needs."""
        self._bodies.release(seq)

    def gathering(self) -> AbstractContextManager[None]:
        """Calls that are written together cost less; the counts of their parts are right at the end of it."""
        return self._bodies.gathering()

    def write(self, call: NewCall) -> int | None:
        """Insert one call; its `seq`, or None where it was there already."""
        word = self._word
        plain = call.plain
        if call.noted is not None and call.noted.source is not None:
            plain = replace(plain, **asdict(self._cache.saved(call.noted.source, plain.latency_us)))
        priced = call.priced
        rate = self._rates.keep(priced.rate, priced.tier, priced.rates) if priced else None
        row = [rate, *astuple(plain), *[word(w) if w else None for w in astuple(call.words)]]
        usage = None if plain.usage is None else self._bodies.pack(plain.usage.encode())
        row[_ID], row[_USAGE] = bytearray(plain.id), _bytes(usage)
        for at in _FLAGS:
            row[at] = int(row[at])
        cursor = self._insert.run(self._db, row)
        if not cursor.rowcount:
            return None
        seq = cursor.lastrowid
        assert seq is not None
        for name, value in call.properties.items():
            self._db.execute("INSERT OR REPLACE INTO properties VALUES (?, ?, ?)", (seq, word(name), word(value)))
        if call.request_headers is not None:
            self._write_sides(seq, call)
        if call.noted is not None:
            self._cache.apply(seq, call.plain.id, call.plain.ended_at, call.noted, call.answer)
        for charge in call.charges:
            charges.add(self._db, word(charge.policy), word(charge.segment), charge)
        for number, each in enumerate(call.tries):
            self._write_try(seq, number, each)
        if call.charges and abs(call.plain.ended_at - self._pruned_at) >= charges.PRUNE_MS:
            self._pruned_at = call.plain.ended_at
            charges.prune(self._db, call.plain.ended_at)
        self._early.come(seq, plain.id, plain.request_id)
        return seq

    def clear_cache(self, clearing: Clearing) -> int:
        """Delete the stored answers that a clearing takes; how many."""
        return self._cache.clear(clearing)

    def score(self, given: Scored) -> None:
        """Keep scores; where their call has no row yet, until it has."""
        if scores.keep(self._db, given) is None:
            self._early.wait(given)

    def _write_try(self, seq: int, number: int, given: NewTry) -> None:
        words = [self._word(word) if word else None for word in (given.provider, given.model, given.error)]
        self._db.execute(
            _INSERT_TRY,
            (
                seq,
                number,
                given.fallback_index,
                given.started_us,
                given.latency_us,
                words[0],
                words[1],
                given.status,
                words[2],
                given.error_message,
                given.upstream_id,
                given.input_tokens,
                given.output_tokens,
                given.cost_nano,
            ),
        )

    def _write_sides(self, seq: int, call: NewCall) -> None:
        bodies = self._bodies
        self._insert_sides.run(
            self._db,
            (
                seq,
                None if call.request_headers is None else bytearray(bodies.headers(call.request_headers)),
                None if call.request is None else bytearray(bodies.body(call.request)),
                call.request_size,
                call.request_missing,
                _bytes(call.request_sha256),
                None if call.response_headers is None else bytearray(bodies.headers(call.response_headers)),
                None if call.response is None else bytearray(bodies.body(call.response)),
                call.response_size,
                call.response_missing,
                _bytes(call.response_sha256),
                int(call.redacted),
                None if call.inputs is None else bytearray(bodies.pack(call.inputs)),
            ),
        )
        bodies.learn(seq)

    def _word(self, word: str) -> int:
        known = self._words.get(word)
        if known is None:
            if len(self._words) >= _WORDS_KEPT:
                self._words.clear()
            known = self._words[word] = self._find_or_add(word)
        return known

    def _find_or_add(self, word: str) -> int:
        query = "INSERT INTO words (word) VALUES (?) ON CONFLICT (word) DO UPDATE SET word = word RETURNING id"
        return int(self._db.execute(query, (word,)).fetchone()[0])


def _bytes(value: bytes | None) -> bytearray | None:
    return None if value is None else bytearray(value)
