"""Asking again: what is configured of it, how long is waited before, and what one attempt came to.

Owns the settings `[retry]` and `[upstream]`, and the delay between attempts. Pure: the chance and the clock are given.
Delays are milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

from helicli.errors import UsageError

NUM_MAX: Final = 100
FACTOR_MAX: Final = 1000.0
DELAY_MAX_MS: Final = 3_600_000
PATIENT_SECONDS: Final = 1800.0
"""How long a call is waited for that asks for more time."""
_GRAIN_SECONDS: Final = 0.01


class RetrySettings(Struct, frozen=True):
    """The section `[retry]`: what holds where a call does not say, and the breaker.

    `num` is the most retries, each a call more. No attempt begins later than `deadline_seconds` after the first. After
    `breaker` failures in a row, 0 for never, a model with a fallback is left alone for `breaker_seconds`.
    """

    enabled: bool = False
    num: int = 5
    factor: float = 2.0
    min_ms: int = 1000
    max_ms: int = 10_000
    deadline_seconds: float = 600.0
    breaker: int = 5
    breaker_seconds: float = 30.0


class Timeouts(Struct, frozen=True):
    """The section `[upstream]`: how long a provider has, in seconds. `first_byte` is as `idle` where it is None.

    `connect` is for a connection, `first_byte` from the request to the first byte of its answer, `idle` between bytes,
    `total`, None for ever, from the request to the last byte.
    """

    connect: float = 15.0
    first_byte: float | None = None
    idle: float = 600.0
    total: float | None = None

    def check(self) -> None:
        """Raise UsageError for no time at all: nothing would ever be answered."""
        for name in self.__struct_fields__:
            if getattr(self, name) == 0:
                raise UsageError(f"upstream.{name} cannot be 0", "write a duration such as 500ms, or leave it out")

    @property
    def grain_seconds(self) -> float:
        """How often the clock is to be looked at: a tenth of the shortest time, at least once a second."""
        shortest = min(each for each in (self.first_byte, self.idle, self.total) if each is not None)
        return max(_GRAIN_SECONDS, min(1.0, shortest / 10))

    @property
    def patient(self) -> Timeouts:
        """The same for a call that asks for more time: nothing but the connection is given up sooner than that."""
        first = max(self.idle if self.first_byte is None else self.first_byte, PATIENT_SECONDS)
        total = None if self.total is None else max(self.total, PATIENT_SECONDS)
        return Timeouts(self.connect, first, max(self.idle, PATIENT_SECONDS), total)


def delay_ms(number: int, min_ms: int, max_ms: int, factor: float, chance: float) -> float:
    """The wait before retry `number`, from 0: min(max, min × factor^number) × (0.5 … 1), `chance` being from 0 to 1."""
    try:
        whole = min(float(max_ms), min_ms * math.pow(factor, number))
    except OverflowError:
        whole = float(max_ms)
    return whole * (0.5 + 0.5 * chance)


def asked_to_wait_ms(field: Callable[[bytes], bytes], now_ms: int) -> float | None:
    """How long an answer says to wait, None where it does not or not in words of the standard.

    `retry-after-ms` goes before `retry-after`, which is seconds, also with a fraction, or a date. `field` gives the
    value of a header field, b"" where it is missing.
    """
    told = _number(field(b"retry-after-ms"))
    if told is not None:
        return told
    value = field(b"retry-after")
    told = _number(value)
    if told is not None:
        return told * 1000
    try:
        return max(0.0, parsedate_to_datetime(value.decode("latin-1")).timestamp() * 1000 - now_ms)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _number(value: bytes) -> float | None:
    try:
        told = float(value)
    except ValueError:
        return None
    return told if math.isfinite(told) and told >= 0 else None
