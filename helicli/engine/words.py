"""What supervisor, proxy and recorder say to one another, and how it is framed.

Owns the words on the links: four bytes of length (big endian), then JSON with the word's name in `word`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.caching import CacheSettings, Clearing
from helicli.call import Run
from helicli.engine.change_words import (
    ChangePrompts,
    DropLimit,
    KeepLimit,
    KeepScores,
    LimitKept,
    LimitsRead,
    PromptsKept,
    PromptsRead,
    ReadLimits,
    ReadPrompts,
    ScoresKept,
)
from helicli.limits import LimitSettings
from helicli.providers.registry import Given
from helicli.rates import Rate, UserPrice
from helicli.retrying import RetrySettings, Timeouts

LENGTH_BYTES: Final = 4
WORD_MAX: Final = 64 * 1024 * 1024


class ProxySettings(Struct, frozen=True, tag_field="word", tag="proxy"):
    """What a proxy is told when it starts; nothing of it stands in its arguments or environment."""

    database: str
    journal: str
    generation: int
    address: str
    host: str
    allowed_hosts: list[str]
    upstreams: dict[str, str]
    proxies: dict[str, str]
    ca_file: str
    timeouts: Timeouts
    journal_max: int
    engine_pid: int
    durability: str = "batch"
    runs: list[Run] = []
    prices: tuple[UserPrice, ...] = ()
    configured: dict[str, Given] = {}
    cache: CacheSettings = CacheSettings()
    limits: LimitSettings = LimitSettings()
    retry: RetrySettings = RetrySettings()


class RecorderSettings(Struct, frozen=True, tag_field="word", tag="recorder"):
    """What a recorder is told when it starts."""

    database: str
    journal: str
    machine: str
    bodies: str = "full"
    prices: tuple[UserPrice, ...] = ()


class RecorderState(Struct, frozen=True, tag_field="word", tag="state"):
    """How the recorder fares: `state` is ok, starting, restarting, locked, readonly, full or failing.

    `high` is (generation, segment, offset) up to which all ended calls have rows. `last_rate` changes when there are
    new rates in the database, which the proxy then reads again.
    """

    state: str
    message: str = ""
    high: tuple[int, int, int] = (0, 0, 0)
    waiting_bytes: int = 0
    rows: int = 0
    bad_records: int = 0
    pid: int = 0
    last_rate: int = 0


class Ready(Struct, frozen=True, tag_field="word", tag="ready"):
    """The proxy answers; `health` is what /healthcheck says."""

    health: dict[str, Any]


class AskHealth(Struct, frozen=True, tag_field="word", tag="ask_health"):
    """Asks the proxy for its health."""


class Health(Struct, frozen=True, tag_field="word", tag="health"):
    """The proxy's health, asked for."""

    health: dict[str, Any]


class Notice(Struct, frozen=True, tag_field="word", tag="notice"):
    """A sentence for whoever watches the engine."""

    text: str


class Live(Struct, frozen=True, tag_field="word", tag="live"):
    """The runs that live now, all of them; `serial` grows with each change and is answered by `Known`."""

    serial: int
    runs: list[Run]


class Known(Struct, frozen=True, tag_field="word", tag="known"):
    """The proxy knows the runs of that serial."""

    serial: int


class Settle(Struct, frozen=True, tag_field="word", tag="settle"):
    """Asks the proxy for `Settled` once no call of a run is on the road."""

    token: str


class Settled(Struct, frozen=True, tag_field="word", tag="settled"):
    """A run was quiet: how many calls of it this proxy has seen, and the place in the journal that all stand before."""

    token: str
    calls: int
    place: tuple[int, int, int]


class AskUsage(Struct, frozen=True, tag_field="word", tag="ask_usage"):
    """Asks the proxy how the limits stand, or those of a name, a run or a policy; answered by `LimitUsage`."""

    number: int
    name: str = ""


class SegmentUsage(Struct, frozen=True):
    """How one segment of one limit stands. `wait_ms` is until one more call is allowed, None where that is never."""

    name: str
    policy: str
    segment: str
    used: int
    limit: int
    wait_ms: int | None


class LimitUsage(Struct, frozen=True, tag_field="word", tag="usage"):
    """How the limits stand, the fullest segments first."""

    number: int
    standings: list[SegmentUsage]


class AskPrice(Struct, frozen=True, tag_field="word", tag="ask_price"):
    """The proxy asks the recorder what a model costs; answered by `Price`."""

    provider: str
    model: str


class Price(Struct, frozen=True, tag_field="word", tag="price"):
    """All rates of a model; none where it has no price."""

    provider: str
    model: str
    rates: tuple[Rate, ...]


class Hurry(Struct, frozen=True, tag_field="word", tag="hurry"):
    """Asks the recorder for its state now."""


class ClearCache(Struct, frozen=True, tag_field="word", tag="clear_cache"):
    """Asks the proxy to clear its cache; `number` stands in its answer."""

    number: int
    clearing: Clearing


class CacheCleared(Struct, frozen=True, tag_field="word", tag="cache_cleared"):
    """The cache is cleared in memory; on disk once the recorder has come past `place` (None: it could not be told)."""

    number: int
    entries: int
    place: tuple[int, int, int] | None


class Drain(Struct, frozen=True, tag_field="word", tag="drain"):
    """Finish what runs, then leave."""


Word = (
    ProxySettings
    | RecorderSettings
    | RecorderState
    | Ready
    | AskHealth
    | Health
    | Notice
    | Live
    | Known
    | Settle
    | Settled
    | KeepLimit
    | DropLimit
    | LimitKept
    | ReadLimits
    | LimitsRead
    | AskUsage
    | LimitUsage
    | AskPrice
    | Price
    | ChangePrompts
    | PromptsKept
    | KeepScores
    | ScoresKept
    | ReadPrompts
    | PromptsRead
    | Hurry
    | ClearCache
    | CacheCleared
    | Drain
)

_decoder: Final[msgspec.json.Decoder[Word]] = msgspec.json.Decoder(Word)


def pack(word: Struct) -> bytes:
    """A word as it goes over a link."""
    body = msgspec.json.encode(word)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unpack(body: bytes) -> Word:
    """The word in a frame, its length taken off."""
    return _decoder.decode(body)
