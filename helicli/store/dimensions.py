"""What sums are kept by, and what a call adds to them.

Owns the dimensions and the measures of cells. Whoever sums up rows instead takes the same measures, so that both come
to the same.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

QUARTER_MS: Final = 900_000
DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS

SUMS: Final = (
    *("calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("reasoning_tokens", "cost_nano", "unpriced", "saved_nano", "saved_us", "hits", "misses"),
)
"""The columns of a cell that add up."""

_SANE: Final = 1 << 50
"""No call counts as more, so that sums stay whole numbers: a million dollars, or 10^15 tokens."""

_COUNTED: Final = (
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
    "cost_nano",
)
_CACHED: Final = "coalesce(c.cache IN (SELECT id FROM words WHERE word IN ('hit', 'semantic')), 0)"
_MISSED: Final = "coalesce(c.cache IN (SELECT id FROM words WHERE word = 'miss'), 0)"
MEASURES: Final = (
    "1",
    "(c.error IS NOT NULL OR coalesce(c.status >= 400, 0))",
    *(f"min(coalesce(c.{name}, 0), {_SANE})" for name in _COUNTED),
    "(c.cost_nano IS NULL)",
    f"min(coalesce(c.saved_nano, 0), {_SANE})",
    f"min(coalesce(c.saved_us, 0), {_SANE})",
    _CACHED,
    _MISSED,
)
"""What a row of `calls c` adds to each of SUMS."""


class Dimension(Struct, frozen=True):
    """What cells are kept by: columns of a call, or a property's name and value.

    `span_ms` is a cell's window, `wide_ms` that of a wide cell, which has its sums.
    """

    name: str
    columns: tuple[str, ...]
    span_ms: int
    wide_ms: int


DIMENSIONS: Final = (
    Dimension("total", (), QUARTER_MS, DAY_MS),
    Dimension("model", ("provider", "model", "requested_model", "fallback_index"), QUARTER_MS, DAY_MS),
    Dimension("status", ("status", "error"), QUARTER_MS, DAY_MS),
    Dimension("cache", ("cache",), QUARTER_MS, DAY_MS),
    Dimension("user", ("user",), DAY_MS, WEEK_MS),
    Dimension("key", ("key",), DAY_MS, WEEK_MS),
    Dimension("name", ("name",), DAY_MS, WEEK_MS),
    Dimension("prompt", ("prompt", "prompt_version"), DAY_MS, WEEK_MS),
    Dimension("property", ("property", "value"), DAY_MS, WEEK_MS),
)

FIRST: Final = 1 << 12
OVERHEAD: Final = 2 << 12
"""Where in the numbers of one histogram the buckets of first tokens and of overheads begin."""
