"""The circuit breaker: models that have failed again and again, and are left alone for a while.

Owns one count for each provider and model that has failed since it last answered, whoever asked. A breaker that has
been open for its time lets one call through: its outcome closes it, or opens it again. What a caller is refused for
its own fault, such as a wrong key, counts for nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

KEPT: Final = 1000
"""Models whose failures are counted at most; those that failed the longest time ago are forgotten."""
NAME_MAX: Final = 200
"""A name longer than this is no model's."""
FORGOTTEN_SECONDS: Final = 600.0
"""Failures that lie further apart than this are not in a row."""

Key = tuple[str, str]
"""A provider's name and a model's."""


def is_failure(status: int) -> bool:
    """Whether a status says that a provider is not well, and not that it was asked in a wrong way."""
    return status >= 500 or status in (408, 429)


class _Count:
    __slots__ = ("at", "failures", "until")

    def __init__(self) -> None:
        self.at = 0.0
        self.failures = 0
        self.until = 0.0


class Breaker:
    """All counts of one proxy. `limit` failures in a row open it, 0 never; it is open for `seconds`."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._forgotten = max(FORGOTTEN_SECONDS, seconds)
        self._clock = clock
        self.counts: OrderedDict[Key, _Count] = OrderedDict()

    def lets(self, key: Key) -> bool:
        """Whether a model is to be asked. The one call that is let through after a while holds the next ones back."""
        count = self.counts.get(key)
        if count is None or not count.until:
            return True
        now = self._clock()
        if now < count.until:
            return False
        count.until = now + self._seconds
        return True

    def failed(self, key: Key) -> None:
        """An attempt has failed; one that named no model is nobody's failure."""
        if not self._limit or not 0 < len(key[1]) <= NAME_MAX:
            return
        now = self._clock()
        self._forget(now)
        count = self.counts.setdefault(key, _Count())
        self.counts.move_to_end(key)
        count.at = now
        count.failures += 1
        if count.failures >= self._limit:
            count.until = now + self._seconds
        if len(self.counts) > KEPT:
            self.counts.popitem(last=False)

    def answered(self, key: Key) -> None:
        """An attempt has brought an answer."""
        if self.counts:
            self.counts.pop(key, None)
            self._forget(self._clock())

    def _forget(self, now: float) -> None:
        """Drop what failed long ago, so that calls which go well have nothing to look up."""
        while self.counts and next(iter(self.counts.values())).at + self._forgotten < now:
            self.counts.popitem(last=False)

    def open(self) -> list[dict[str, Any]]:
        """What is left alone now, for /healthcheck."""
        now = self._clock()
        return [
            {"provider": key[0], "model": key[1], "failures": count.failures, "seconds": round(count.until - now, 1)}
            for key, count in self.counts.items()
            if count.until > now
        ]
