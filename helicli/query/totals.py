"""What a group of calls comes to: its sums, and how long its calls took.

Owns these two values and how those of several groups become those of one. Sums are exact; percentiles come from the
buckets of `histogram`, whoever held them.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from helicli.grouping import Value
from helicli.histogram import Histogram, percentile
from helicli.store.dimensions import FIRST, OVERHEAD, SUMS

Key = tuple[Value, ...]
"""What the calls of a group have in common, a value for each thing they are grouped by."""


class Totals(Struct):
    """What some calls come to. `cost_nano` leaves out the `unpriced` ones; `last_at` is the latest begin."""

    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_nano: int = 0
    unpriced: int = 0
    saved_nano: int = 0
    saved_us: int = 0
    hits: int = 0
    misses: int = 0
    latency_max_us: int = 0
    last_at: int = 0

    @property
    def read_tokens(self) -> int:
        """All tokens that were read, from the provider's cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def error_rate(self) -> float:
        """The share of calls that failed."""
        return self.errors / self.calls if self.calls else 0.0


class Times(Struct):
    """How long some calls took: histograms of latency, first token and overhead in one."""

    buckets: Histogram

    def latency(self, percent: float) -> int | None:
        """A percentile of the latency, in microseconds; None where there is no call."""
        return percentile(_part(self.buckets, 0), percent)

    def first_token(self, percent: float) -> int | None:
        """The same of the time to the first token; None where nothing was streamed."""
        return percentile(_part(self.buckets, FIRST), percent)

    def overhead(self, percent: float) -> int | None:
        """The same of what was helicli's."""
        return percentile(_part(self.buckets, OVERHEAD), percent)


def added_up(totals: Iterable[Totals]) -> Totals:
    """What several groups come to together."""
    whole = Totals()
    for total in totals:
        whole = joined(whole, total)
    return whole


def joined(one: Totals, other: Totals) -> Totals:
    """What two groups come to together."""
    added = {name: getattr(one, name) + getattr(other, name) for name in SUMS}
    longest, latest = max(one.latency_max_us, other.latency_max_us), max(one.last_at, other.last_at)
    return Totals(**added, latency_max_us=longest, last_at=latest)


def _part(buckets: Histogram, shift: int) -> Histogram:
    return {number - shift: count for number, count in buckets.items() if shift <= number < shift + FIRST}
