"""A call: one request to a model and what came back.

Two forms of the one noun. An `Exchange` is what the proxy hands over: headers and bytes, with secrets masked, nothing
read out of them. A `Call` is what the recorder makes of it and what every question is answered with. Neither is changed
after it was made. Instants are integer milliseconds UTC, durations integer microseconds, money integer nano-dollars.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from helicli.caching import Noted

Headers = list[tuple[bytes, bytes]]
"""Header fields as they stood on the wire, names in lower case, duplicates and order kept."""

ERROR_WORDS: Final = (
    "client_closed",
    "upstream_cut",
    "idle_timeout",
    "timeout",
    "connect",
    "dns",
    "tls",
    "refused_limit",
    "refused_budget",
    "refused_door",
    "bad_request",
    "shutdown",
    "engine_killed",
    "provider_error",
)
"""The closed list of what can stand in the column `error`."""

UNTOLD: Final = frozenset({"client_closed", "upstream_cut", "idle_timeout", "timeout", "shutdown", "engine_killed"})
"""Errors after which a provider may have worked on a call, and charged it, before it could tell."""


MISSING_WORDS: Final = ("middle", "omitted", "switched_off", "journal_full")
"""Why bytes of a side are not kept: it was too large, its caller or its user said so, the journal had no room."""

BODIES_WORDS: Final = ("full", "meta", "off")
"""What is kept of the two sides: all, headers and sizes, nothing."""


class Tags(Struct, array_like=True, frozen=True, omit_defaults=True):
    """What the caller says about a call; every field as it came, property names in lower case.

    `omit_*` says that the body of that side is not to be kept, `model_override` by which model the call is priced,
    `run` which run of `helicli run` it belongs to.
    """

    user: str | None = None
    session: str | None = None
    session_path: str | None = None
    session_name: str | None = None
    name: str | None = None
    prompt: str | None = None
    request_id: str | None = None
    properties: dict[str, str] = {}
    omit_request: bool = False
    omit_response: bool = False
    model_override: str | None = None
    run: str | None = None


NO_TAGS: Final = Tags()
"""What is said of most calls: the very object, so that nobody needs to look into it."""


class Run(Struct, frozen=True):
    """A live run of `helicli run`: its token, what its calls are tagged with where they do not say otherwise, and the
    policies they are limited by."""

    token: str
    tags: Tags
    policies: tuple[str, ...] = ()


class Charge(Struct, array_like=True, frozen=True):
    """What a call has taken of one segment of one policy.

    `policy` is the key under which it is counted, `amount` in the policy's unit (nano-dollars for cents). It counts for
    `at` and until `expires_at`.
    """

    policy: str
    segment: str
    amount: int
    at: int
    expires_at: int


class Prompted(Struct, array_like=True, frozen=True):
    """Which version of a stored prompt a call was made from, both None where of none, and the values of its variables
    as JSON."""

    name: str | None
    version: int | None
    inputs: bytes | None = None


class Begin(Struct, array_like=True, frozen=True):
    """What is known when a call's headers have been read. `path` holds the query too; secrets are masked in all."""

    id: bytes
    created_at: int
    provider: str
    dialect: str
    method: str
    path: str
    provider_key: str | None
    headers: Headers
    tags: Tags


class Head(Struct, array_like=True, frozen=True):
    """The status and headers the client was answered with, before its body."""

    status: int
    headers: Headers


class Try(Struct, array_like=True, frozen=True):
    """One attempt at a provider. `started_us` is counted from the begin of the call, `place` says which target it was.

    `model` is the one asked for; `status` is None where there was no answer, and `error` then says why. `body` is what
    an attempt that did not count was answered with, decoded, or its beginning; with it its `content_type`.
    """

    started_us: int
    took_us: int
    provider: str
    dialect: str
    path: str
    model: str
    place: int = 0
    status: int | None = None
    error: str | None = None
    message: str | None = None
    upstream_id: str | None = None
    content_type: str = ""
    body: bytes = b""
    provider_key: str | None = None


class End(Struct, array_like=True, frozen=True):
    """How a call ended. Small calls carry their bodies and head here, larger ones had records of their own.

    `status` is what the client was sent, None where nothing was. `ttft_us` is set for streams only. `redacted` says
    that a credential of the call was masked inside a body, `spread` that bodies and head had records of their own,
    `dropped` that the journal was too full for some or all of the bodies, `cache` what it did with the response cache.
    `charges` is what limits have counted; `policy` and `segment` are those of the limit that refused it. `tries` are
    all attempts where they say more than the call itself, `answered` which of them brought the answer, `fallback_index`
    the target of that where there were fallbacks. `labels` are properties that helicli gives the call itself.
    `prompted` says which stored prompt the request was made from.
    """

    ended_at: int
    latency_us: int
    ttft_us: int | None
    overhead_us: int
    status: int | None
    error: str | None
    error_message: str | None
    attempts: int
    redacted: bool = False
    head: Head | None = None
    request: bytes | None = None
    response: bytes | None = None
    spread: bool = False
    dropped: bool = False
    cache: Noted | None = None
    charges: tuple[Charge, ...] = ()
    policy: str | None = None
    segment: str | None = None
    tries: tuple[Try, ...] = ()
    answered: int | None = None
    fallback_index: int | None = None
    labels: dict[str, str] = {}
    prompted: Prompted | None = None


class Body(Struct, frozen=True):
    """One side's bytes. `size` is how many there were: more than are held where both ends only were kept.

    `held` is None where the body was dropped because the journal was full; `sha256` is that of all bytes where both
    ends only are held.
    """

    held: bytes | None
    size: int
    sha256: bytes | None = None

    @property
    def whole(self) -> bool:
        """Whether every byte is held."""
        return self.held is not None and len(self.held) == self.size


class Exchange(Struct, frozen=True):
    """One call as the proxy saw it, whole."""

    begin: Begin
    head: Head | None
    request: Body
    response: Body
    end: End


class Usage(Struct, frozen=True):
    """Token counts of one call in disjoint classes, and the provider's own usage object as JSON.

    input + cache_read + cache_write is all that was read. `reasoning`, `output_audio`, `output_image` and
    `output_video` are of-whiches of `output` and have no token in common; so `input_audio`, `input_image` and
    `input_video` of `input`, and `cache_read_audio` and `cache_read_image` of `cache_read`. `cache_write_1h` is an
    of-which of `cache_write` (the rest has the provider's default life). `web_searches` are charged one by one.
    `reported_cost_nano` is what the provider itself says the call cost, None where it does not.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0
    input_audio: int = 0
    input_image: int = 0
    input_video: int = 0
    cache_read_audio: int = 0
    cache_read_image: int = 0
    output_audio: int = 0
    output_image: int = 0
    output_video: int = 0
    web_searches: int = 0
    estimated: bool = False
    raw: bytes | None = None
    reported_cost_nano: int | None = None
