"""The columns of a call, in their order.

Owns their names: filter field, JSON key and stored name are one word. How a kind is stored and how it is shown follow
from the kind; nothing here reads or writes a value.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from helicli.errors import UsageError
from helicli.guess import guess


class Kind(StrEnum):
    """What a column holds. A `word` is text that is stored once for all calls; `ms` is microseconds as stored, `usd`
    nano-dollars, `instant` milliseconds UTC."""

    ID = "id"
    INSTANT = "instant"
    WORD = "word"
    TEXT = "text"
    COUNT = "count"
    FLAG = "flag"
    MS = "ms"
    USD = "usd"
    MAP = "map"


class Column(NamedTuple):
    """One column: its name, the title of its table column, its kind and one sentence.

    A tuple, because a shell that completes names would else wait for msgspec.
    """

    name: str
    title: str
    kind: Kind
    doc: str

    @property
    def field(self) -> str:
        """The name with the unit it is stored in: `latency_us` for `latency_ms`."""
        if self.kind is Kind.MS:
            return self.name.removesuffix("ms") + "us"
        return self.name.removesuffix("usd") + "nano" if self.kind is Kind.USD else self.name

    @property
    def is_number(self) -> bool:
        """Whether it is read as a number, and stands at the right of its table column."""
        return self.kind in (Kind.COUNT, Kind.MS, Kind.USD)


COLUMNS: Final = (
    Column("seq", "SEQ", Kind.COUNT, "its number in this log, given when it ended"),
    Column("id", "ID", Kind.ID, "its own id, a UUIDv7"),
    Column("created_at", "WHEN", Kind.INSTANT, "when its request arrived"),
    Column("ended_at", "ENDED", Kind.INSTANT, "when its last byte had left"),
    Column("provider", "PROVIDER", Kind.WORD, "who was asked"),
    Column("model", "MODEL", Kind.WORD, "the model that answered, the requested one where it gives no name"),
    Column("requested_model", "REQUESTED", Kind.WORD, "the model the client asked for"),
    Column("path", "PATH", Kind.WORD, "the path at the provider"),
    Column("status", "STATUS", Kind.COUNT, "what the client was sent, null where nothing was"),
    Column("error", "ERROR", Kind.WORD, "what went wrong, one word of a closed list"),
    Column("error_message", "MESSAGE", Kind.TEXT, "what went wrong, in a sentence"),
    Column("finish_reason", "FINISH", Kind.WORD, "why the model stopped"),
    Column("user", "USER", Kind.WORD, "the user the caller named"),
    Column("session", "SESSION", Kind.WORD, "the session the caller named"),
    Column("session_path", "SESSION PATH", Kind.WORD, "the place of the call in its session"),
    Column("session_name", "SESSION NAME", Kind.WORD, "the name of the session"),
    Column("name", "NAME", Kind.WORD, "what the caller calls this kind of request"),
    Column("prompt", "PROMPT", Kind.WORD, "the prompt it was made from"),
    Column("prompt_version", "VERSION", Kind.COUNT, "the version of that prompt"),
    Column("stream", "STREAM", Kind.FLAG, "whether the answer was streamed"),
    Column("latency_ms", "LATENCY", Kind.MS, "from the first byte of the request to the last of the answer"),
    Column("ttft_ms", "FIRST TOKEN", Kind.MS, "from the request to the first token of a stream"),
    Column("overhead_ms", "OVERHEAD", Kind.MS, "what of the latency was helicli's"),
    Column("input_tokens", "INPUT", Kind.COUNT, "tokens read at the full price"),
    Column("output_tokens", "OUTPUT", Kind.COUNT, "tokens written, reasoning among them"),
    Column("cache_read_tokens", "CACHE READ", Kind.COUNT, "tokens read from the provider's cache"),
    Column("cache_write_tokens", "CACHE WRITE", Kind.COUNT, "tokens written to the provider's cache"),
    Column("reasoning_tokens", "REASONING", Kind.COUNT, "tokens of reasoning, an of-which of output"),
    Column("usage_estimated", "ESTIMATED", Kind.FLAG, "whether the tokens were estimated from the text"),
    Column("cost_usd", "COST", Kind.USD, "dollars, null where no price is known"),
    Column("price_source", "PRICE FROM", Kind.WORD, "the price table and its version"),
    Column("cache", "CACHE", Kind.WORD, "hit, semantic, miss, or null where the cache was off"),
    Column("saved_usd", "SAVED", Kind.USD, "dollars a cache hit saved"),
    Column("saved_ms", "SAVED TIME", Kind.MS, "time a cache hit saved"),
    Column("cached_from", "CACHED FROM", Kind.COUNT, "the seq of the call a hit was answered from"),
    Column("attempts", "ATTEMPTS", Kind.COUNT, "how often the provider was asked"),
    Column("fallback_index", "FALLBACK", Kind.COUNT, "which fallback answered"),
    Column("policy", "POLICY", Kind.WORD, "the limit that refused it"),
    Column("segment", "SEGMENT", Kind.WORD, "for whom that limit was counted"),
    Column("key", "KEY", Kind.WORD, "the access key's name"),
    Column("provider_key", "PROVIDER KEY", Kind.WORD, "a short hash of the provider's key"),
    Column("org", "ORG", Kind.WORD, "the organisation"),
    Column("run", "RUN", Kind.WORD, "the run it was part of"),
    Column("machine", "MACHINE", Kind.WORD, "the machine it went through"),
    Column("request_id", "REQUEST ID", Kind.TEXT, "the id the caller gave it"),
    Column("properties", "PROPERTIES", Kind.MAP, "the caller's own labels"),
    Column("scores", "SCORES", Kind.MAP, "what was thought of its answer, numbers by name"),
)

_BY_NAME: Final = {column.name: column for column in COLUMNS}


def column(name: str) -> Column:
    """The column of a name, which may lack its unit: `latency` for `latency_ms`. Raises UsageError."""
    word = name.strip().lower()
    found = _BY_NAME.get(word) or _BY_NAME.get(f"{word}_ms") or _BY_NAME.get(f"{word}_usd")
    if found is None:
        near = guess(word, _BY_NAME)
        raise UsageError(
            f'"{name}" is no column', f"did you mean {near}?   helicli help columns" if near else "helicli help columns"
        )
    return found
