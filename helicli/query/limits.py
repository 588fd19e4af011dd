"""What limits ask of the log: those that are stored, and what a policy would have refused.

Owns the replay: every call of the log, in the order in which they came, taken by the very counters of the proxy. Calls
that never reach a limit, such as cache hits, are left out; what a call takes is what it used in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Final

import msgspec
from msgspec import Struct

from helicli.counters import Counters, Moment, Want
from helicli.filters import Filter
from helicli.limits import segment
from helicli.policy import CENTS, TOKENS, Policy
from helicli.query import said
from helicli.query.reading import Log
from helicli.query.where import where
from helicli.store import limits
from helicli.store.limits import StoredLimit

_WORD: Final = "(SELECT word FROM words WHERE id = c.{})"
_WORDS: Final = ("user", "session", "provider_key", "requested_model", "model", "provider", "run", "name")
_PROPERTIES: Final = (
    "(SELECT json_group_object(n.word, v.word) FROM properties p JOIN words n ON n.id = p.name "
    "JOIN words v ON v.id = p.value WHERE p.seq = c.seq)"
)
_TOKENS: Final = (
    "coalesce(c.input_tokens, 0) + coalesce(c.cache_read_tokens, 0) + coalesce(c.cache_write_tokens, 0) "
    "+ coalesce(c.output_tokens, 0)"
)
_BEFORE_LIMITS: Final = (
    "(c.error IS NULL OR c.error NOT IN (SELECT id FROM words WHERE word IN ('refused_door', 'bad_request'))) "
    "AND (c.cache IS NULL OR c.cache NOT IN (SELECT id FROM words WHERE word IN ('hit', 'semantic')))"
)


class Logged(Struct, frozen=True):
    """A call of the log, as limits see it."""

    at_ms: int
    tokens: int
    cost_nano: int
    user: str | None
    session: str | None
    key: str | None
    model: str | None
    provider: str | None
    run: str | None
    name: str | None
    properties: Mapping[str, str]


class Replayed(Struct, frozen=True):
    """What a policy would have done: of `calls` it would have refused some, so many of each segment."""

    calls: int
    refused: dict[str, int]
    first_at: int | None


def stored(db: Log) -> list[StoredLimit]:
    """The stored limits, by name."""
    return limits.load(db)


def replay(db: Log, policy: Policy, selection: Filter, zone: tzinfo | None) -> Replayed:
    """What a policy would have refused of the calls that are chosen."""
    counters, refused = Counters(zone), Counter[str]()
    calls, first_at = 0, None
    with said.asked(db, selection):
        for call in _calls(db, selection, policy):
            calls += 1
            amount = call.tokens if policy.unit == TOKENS else call.cost_nano if policy.unit == CENTS else 1
            whose = segment(policy, call)
            want = Want("", policy, whose, amount, amount)
            taken, _ = counters.take([want], Moment(call.at_ms, call.at_ms))
            if not taken:
                refused[whose] += 1
                first_at = call.at_ms if first_at is None else first_at
    return Replayed(calls, dict(refused.most_common()), first_at)


def _calls(db: Log, selection: Filter, policy: Policy) -> Iterator[Logged]:
    condition, values = where(selection)
    properties = _PROPERTIES if policy.named else "'{}'"
    words = ", ".join(_WORD.format(word) for word in _WORDS)
    statement = (
        f"SELECT c.created_at, {_TOKENS}, coalesce(c.cost_nano, 0), {words}, {properties} "
        f"FROM calls c WHERE {condition} AND {_BEFORE_LIMITS} ORDER BY c.created_at, c.seq"
    )
    for at, tokens, cost, user, session, key, asked, model, provider, run, name, held in db.execute(statement, values):
        yield Logged(
            at, tokens, cost, user, session, key, asked or model, provider, run, name, msgspec.json.decode(held)
        )
