"""The response cache's words and values, on which proxy, recorder and commands agree.

Owns what is configured, what one call says of the cache, and what a clearing takes. The proxy alone decides what is
stored and what goes; whoever applies its word decides nothing. Instants are integer milliseconds UTC.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

DAY_SECONDS: Final = 86_400
TTL_SECONDS: Final = 7 * DAY_SECONDS
"""How long an answer is served where nobody says otherwise."""
TTL_MAX_SECONDS: Final = 365 * DAY_SECONDS
ENTRY_MAX: Final = 1024 * 1024
"""Bytes of a decoded answer beyond which it is not stored."""
MAX_ENTRIES: Final = 200_000
SEED_MAX: Final = 1000
"""Characters of a seed: all of them are held in memory."""
CONTENT_TYPE_MAX: Final = 200
KEY_BYTES: Final = 16
"""Of a SHA-256: two of a billion questions share a key with a chance below one in 10^20."""

HIT: Final = "hit"
MISS: Final = "miss"

JSON: Final = "json"
EVENTS: Final = "events"
ARRAY: Final = "array"
"""The forms of an answer: one JSON value, server-sent events, Google's array of chunks."""

ENTRIES: Final = "entries"
VARIANTS: Final = "variants"
MODES: Final = (ENTRIES, VARIANTS)
"""What the size of a bucket bounds: the entries of an org and seed, or the different answers to one question."""


class CacheSettings(Struct, frozen=True):
    """The section `[cache]`: defaults for what callers do not say by header, and the bounds of all entries together.

    `read` and `save` are as `enabled` where they are None. `memory` is how many bytes of answers are held in memory.
    """

    enabled: bool = False
    read: bool | None = None
    save: bool | None = None
    seed: str = ""
    bucket_max_size: int | None = None
    bucket_mode: str = ENTRIES
    ignore_keys: tuple[str, ...] = ()
    ttl_seconds: int = TTL_SECONDS
    max_entries: int = MAX_ENTRIES
    max_bytes: int = 1_000_000_000
    max_age_seconds: int = TTL_MAX_SECONDS
    memory: int = 16 * 1024 * 1024


class NewEntry(Struct, array_like=True, frozen=True):
    """An answer to be stored: under which key, in which bucket, until when. Its bytes are the call's own answer.

    `usage_asked` says that a stream of OpenAI's shape holds the usage event.
    """

    key: bytes
    slot: int
    org: str
    seed: str
    expires_at: int
    form: str
    content_type: str
    usage_asked: bool
    size: int


class Noted(Struct, array_like=True, frozen=True):
    """What a call did with the cache: `word` is hit or miss, `source` the call a hit was answered from.

    Entries are known by the id of the call that stored them; `evicted` are those that went because of this call.
    """

    word: str
    source: bytes | None = None
    put: NewEntry | None = None
    evicted: tuple[bytes, ...] = ()


class Clearing(Struct, array_like=True, frozen=True):
    """Which entries go: those that every term that is given applies to; all where none is."""

    seed: str | None = None
    before_ms: int | None = None
    ids: tuple[bytes, ...] | None = None


class Entry(Struct, frozen=True, gc=False):
    """A stored answer as the proxy's memory holds it: everything but its bytes."""

    id: bytes
    key: bytes
    slot: int
    org: str
    seed: str
    stored_at: int
    expires_at: int
    form: str
    content_type: str
    usage_asked: bool
    size: int
    latency_us: int

    def cleared_by(self, clearing: Clearing) -> bool:
        """Whether a clearing takes it."""
        return (
            (clearing.seed is None or self.seed == clearing.seed)
            and (clearing.before_ms is None or self.stored_at < clearing.before_ms)
            and (clearing.ids is None or self.id in clearing.ids)
        )
