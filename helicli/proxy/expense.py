"""What a call may use before it is made, and what it has used: tokens, and their price.

Owns the reading of both for limits that count them; calls under no such limit never come here. Nothing waits for a
provider's word: where a price or a usage cannot be known it is None, and never 0.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from msgspec import Struct

from helicli import rates
from helicli.call import Headers, Tags, Usage
from helicli.policy import CENTS, TOKENS
from helicli.providers import ceiling, read
from helicli.providers.facts import RequestFacts
from helicli.providers.registry import Provider
from helicli.proxy.masking import provider_key
from helicli.rates import Rate, Rates
from helicli.store.encodings import content_encoding, decode

UNBOUND: Final = 1024
"""Tokens set aside for the answer of a request that sets no bound, as far as so many are left."""
COPY_MAX: Final = 16 * 1024 * 1024
"""An answer larger than this is not read; what was set aside for it stands."""

_FORM_MODEL: Final = re.compile(rb'name="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{1,200})\r\n')


class Asked(Struct, frozen=True, dict=True):
    """One attempt at a call, as limits see it: where it goes, and its body, or the beginning of a large one."""

    tags: Tags
    at: Provider
    path: str
    headers: Headers
    body: bytes
    at_ms: int
    method: str = "POST"

    @property
    def provider(self) -> str:
        """Who is asked."""
        return self.at.name

    @property
    def dialect(self) -> str:
        """What is spoken there."""
        return self.at.dialect

    @cached_property
    def plain(self) -> bytes:
        """The body without its content encoding, b"" where that cannot be undone."""
        encoding = content_encoding(self.headers)
        return (decode(encoding, self.body) or b"") if encoding else self.body

    @cached_property
    def facts(self) -> RequestFacts:
        """What the body says."""
        return read.read_request(self.dialect, self.path.partition("?")[0], self.plain) if self.plain else _NOTHING

    @cached_property
    def user(self) -> str | None:
        """The user the caller names, in a header or else in the body."""
        return self.tags.user or self.facts.user

    @cached_property
    def model(self) -> str | None:
        """The model that is asked for: in the body, a form, or the path."""
        return self.facts.model or self._in_form() or read.model_in_path(self.path)

    @cached_property
    def uses_tokens(self) -> bool:
        """Whether it can use tokens of its own."""
        return read.asks_a_model(self.method, self.path.partition("?")[0])

    @property
    def key(self) -> str | None:
        """Whose key it is."""
        return provider_key(self.headers)

    @property
    def session(self) -> str | None:
        """The session the caller names."""
        return self.tags.session

    @property
    def session_path(self) -> str | None:
        """The place of the call in its session."""
        return self.tags.session_path

    @property
    def session_name(self) -> str | None:
        """What the session is called."""
        return self.tags.session_name

    @property
    def requested_model(self) -> str | None:
        """The model, by the name it has in the log."""
        return self.model

    @property
    def provider_key(self) -> str | None:
        """The key, by the name it has in the log."""
        return self.key

    @property
    def run(self) -> str | None:
        """The run it is part of."""
        return self.tags.run

    @property
    def name(self) -> str | None:
        """What the caller calls it."""
        return self.tags.name

    @property
    def properties(self) -> dict[str, str]:
        """The caller's own labels."""
        return self.tags.properties

    @property
    def priced_as(self) -> str | None:
        """The model whose price counts."""
        return self.tags.model_override or self.model

    def _in_form(self) -> str | None:
        found = _FORM_MODEL.search(self.plain) if b"form-data" in self.plain[:4096] else None
        return found[1].decode("utf-8", "replace") if found else None


_NOTHING: Final = RequestFacts()


class Bounds(Struct, frozen=True):
    """What a call may use of a unit: `most`; no less than `least` will do. `read` is what its request alone uses."""

    least: int
    most: int
    read: int


_NOTHING_USED: Final = Bounds(0, 0, 0)


def before(asked: Asked, rate: Rate | None) -> dict[str, Bounds]:
    """What to set aside, by unit; no cents where there is no rate.

    Where the request bounds its answer, nothing less than all of it will do.
    """
    if not asked.uses_tokens:
        return {TOKENS: _NOTHING_USED, CENTS: _NOTHING_USED}
    read_tokens = ceiling.estimated_input(asked.dialect, asked.path, asked.plain)
    bound = ceiling.most_output(asked.dialect, asked.path, asked.plain)
    if not asked.plain and asked.model is None:
        bound = 0
    most = UNBOUND if bound is None else bound
    whole = read_tokens + most
    found = {TOKENS: Bounds(read_tokens if bound is None else whole, whole, read_tokens)}
    if rate is not None:
        whole = rates.cost(rate, Usage(input=read_tokens, output=most))
        part = rates.cost(rate, Usage(input=read_tokens))
        found[CENTS] = Bounds(part if bound is None else whole, whole, part)
    return found


class Answered:
    """The answer of one attempt, copied as it comes, to be read once at its end."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._status: int | None = None
        self._headers: Headers = []
        self._pieces: list[bytes] = []
        self._size = 0

    def begin(self, status: int, headers: Headers) -> None:
        """Take the head."""
        self._status, self._headers = status, headers

    def copy(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._size += len(piece)
        if self._size <= COPY_MAX:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    @property
    def status(self) -> int | None:
        """What the provider answered with, None where it did not."""
        return self._status

    def used(self, known: Rates) -> dict[str, int | None]:
        """What was used, by unit; None for what cannot be known."""
        if self._status is None or not self._asked.uses_tokens:
            return {TOKENS: 0, CENTS: 0}
        asked, good = self._asked, self._status < 400
        body, path = b"".join(self._pieces), asked.path.partition("?")[0]
        content_type = next((value.decode("latin-1") for name, value in self._headers if name == b"content-type"), "")
        encoding = content_encoding(self._headers)
        plain = decode(encoding, body) if encoding else body
        if plain is None or self._size > COPY_MAX:
            return {TOKENS: None, CENTS: None}
        told = read.read_response(asked.dialect, path, content_type, plain)
        usage = told.usage
        if good and plain and not told.complete:
            usage = read.estimate_usage(asked.dialect, path, asked.plain, content_type, plain)
        if usage is None:
            unknown = None if good and (told.model or asked.model) else 0
            return {TOKENS: unknown, CENTS: unknown}
        tokens = usage.input + usage.cache_read + usage.cache_write + usage.output
        return {TOKENS: tokens, CENTS: self._cost(usage, known, told.model, told.mode) if tokens else 0}

    def _cost(self, usage: Usage, known: Rates, model: str | None, mode: str) -> int | None:
        if usage.reported_cost_nano is not None:
            return usage.reported_cost_nano
        asked = self._asked
        named = [name for name in (model, asked.model, read.model_in_path(asked.path)) if name]
        names = [asked.tags.model_override] if asked.tags.model_override else named
        given = known.given(asked.provider, names)
        for name in [given] if given else names:
            rate = known.rate(asked.provider, name, asked.at_ms, mode)
            if rate is not None:
                return rates.cost(rate, usage)
        return None
