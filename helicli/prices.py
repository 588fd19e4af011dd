"""The grammar of `[prices]`: what a user says a model costs.

Owns the words of that table and their check. A user writes dollars per million tokens, as price lists do; what leaves
here is nano-dollars per thousand. A price is whole: nothing of another table's is mixed into it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from helicli.errors import UsageError
from helicli.rates import FALLS_UNDER, UserPrice, make_tier

_FEES: Final = frozenset({"request", "web_search"})
"""Priced in dollars each, not per million."""

_CHARGED: Final = frozenset({"input", "output", "request"})
"""One of these makes a price: the other classes only refine it."""

KEYS: Final = (*FALLS_UNDER, "context_window")
"""What may stand in the table of a model."""

_MOST: Final = 1_000_000
"""Dollars that no million of tokens costs; a larger figure is a slip, and would not fit the log."""

_EXAMPLE: Final = '[prices."openai/gpt-4o"]   input = 2.5   output = 10   (dollars per million tokens)'


def read_prices(table: Mapping[str, object]) -> tuple[UserPrice, ...]:
    """The prices of a parsed `[prices]`, one for each model or pattern named. Raises UsageError."""
    return tuple(_price(pattern, given) for pattern, given in table.items())


def _price(pattern: str, given: object) -> UserPrice:
    if not pattern.strip():
        raise UsageError("a price has no model", _EXAMPLE)
    if not isinstance(given, Mapping) or not given:
        raise UsageError(f"the price of {pattern!r} is no table of prices", _EXAMPLE)
    for key in given:
        if key not in KEYS:
            from difflib import get_close_matches

            near = get_close_matches(str(key), KEYS, 1, 0.4)
            fix = f"did you mean {near[0]}?" if near else f"use {', '.join(KEYS)}"
            raise UsageError(f"the price of {pattern!r} has a key {str(key)!r}, which helicli does not know", fix)
    window = given.get("context_window")
    if window is not None and (isinstance(window, bool) or not isinstance(window, int) or window <= 0):
        raise UsageError(f"the context_window of {pattern!r} is no number of tokens: {window!r}", "write it as 128000")
    nano = {key: _nano(pattern, key, value) for key, value in given.items() if key != "context_window"}
    if nano and not _CHARGED & nano.keys():
        raise UsageError(
            f"the price of {pattern!r} says neither input nor output", "add input = and output =, or leave it out"
        )
    return UserPrice(pattern, make_tier(-1, nano) if nano else None, window)


def _nano(pattern: str, key: str, value: object) -> int:
    """Nano-dollars per thousand."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise UsageError(f"{key} of {pattern!r} is no number: {value!r}", _EXAMPLE)
    if not 0 <= value <= _MOST:
        raise UsageError(f"{key} of {pattern!r} cannot be {value} dollars", _EXAMPLE)
    per = 1_000_000_000_000 if key in _FEES else 1_000_000
    return int((Decimal(repr(value)) * per).quantize(Decimal(1), ROUND_HALF_UP))
