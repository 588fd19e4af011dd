"""What sums are kept by, and what a call adds to them.

Owns the dimensions and the measures of cells. Whoever sums up rows instead takes the same measures, so that both come
to the same.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from helicli.histogram import BUCKETS

QUARTER_MS: Final = 900_000
SIX_HOURS_MS: Final = 21_600_000
DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS

SUMS: Final = (
    *("calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("reasoning_tokens", "cost_nano", "unpriced", "saved_nano", "saved_us", "hits", "misses"),
)
"""The columns of a cell that add up."""

SANE: Final = 1 << 46
"""No call counts as more, nor for less than nothing, so that sums stay whole numbers: 70,000 dollars."""

TOGETHER: Final = 1 << 17
"""The sums of fewer calls than these are below 2^63, whatever the calls are."""

RAW_MEASURES: Final = (
    "1",
    "(c.error IS NOT NULL OR coalesce(c.status >= 400, 0))",
    "coalesce(c.input_tokens, 0)",
    "coalesce(c.output_tokens, 0)",
    "coalesce(c.cache_read_tokens, 0)",
    "coalesce(c.cache_write_tokens, 0)",
    "coalesce(c.reasoning_tokens, 0)",
    "coalesce(c.cost_nano, 0)",
    "(c.cost_nano IS NULL)",
    "coalesce(c.saved_nano, 0)",
    "coalesce(c.saved_us, 0)",
    "coalesce(c.cache IN (SELECT id FROM words WHERE word IN ('hit', 'semantic')), 0)",
    "coalesce(c.cache IN (SELECT id FROM words WHERE word = 'miss'), 0)",
)
"""What a row of `calls c` adds to each of SUMS, if it is sane."""

MEASURES: Final = tuple(
    f"max(0, min({each}, {SANE}))" if each.startswith("coalesce") and " IN " not in each else each
    for each in RAW_MEASURES
)
"""What it adds, sane or not."""


class Dimension(Struct, frozen=True):
    """What cells are kept by: columns of a call, or a property's name and value.

    `span_ms` is a cell's window, `wide_ms` that of a wide cell, which has its sums.
    """

    name: str
    columns: tuple[str, ...]
    span_ms: int
    wide_ms: int


OUTCOME: Final = ("provider", "model", "requested_model", "fallback_index", "status", "error", "cache")
"""What was asked for and what became of it: the columns of every dimension that every call has a cell of."""

DIMENSIONS: Final = (
    Dimension("total", (), QUARTER_MS, DAY_MS),
    Dimension("model", ("provider", "model", "requested_model", "fallback_index"), QUARTER_MS, DAY_MS),
    Dimension("status", ("status", "error"), QUARTER_MS, DAY_MS),
    Dimension("cache", ("cache",), QUARTER_MS, DAY_MS),
    Dimension("outcome", OUTCOME, SIX_HOURS_MS, WEEK_MS),
    Dimension("user", ("user",), SIX_HOURS_MS, WEEK_MS),
    Dimension("key", ("key",), SIX_HOURS_MS, WEEK_MS),
    Dimension("name", ("name",), SIX_HOURS_MS, WEEK_MS),
    Dimension("prompt", ("prompt", "prompt_version"), SIX_HOURS_MS, WEEK_MS),
    Dimension("property", ("property", "value"), SIX_HOURS_MS, WEEK_MS),
)

TIMES: Final = ("latency", "ttft", "overhead")
"""The histograms of a cell."""

FIRST: Final = BUCKETS
OVERHEAD: Final = 2 * BUCKETS
"""Where the buckets of first tokens and of overheads begin when all are told in one."""

SHIFTS: Final = dict(zip(TIMES, (0, FIRST, OVERHEAD), strict=True))
