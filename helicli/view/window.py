"""A time that is asked about, in words.

Owns how --since and --until are called once they have been read: as they were typed, where that says it best.
"""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_ONE: Final = re.compile(r"(\d+)\s*([smhdw])")
_AGO: Final = re.compile(r"(\d+(\.\d+)?\s*(ms|[smhdw])\s*)+")


def window(since: str | None, until: str | None = None) -> str:
    """`last 2 days`, `since monday`, `since 2026-11-20 until yesterday`, `all time`."""
    words, late = _word(since or "all"), _word(until or "")
    one = _ONE.fullmatch(words)
    if until is None and one:
        number, unit = int(one[1]), _UNITS[one[2]]
        return f"last {unit}" if number == 1 else f"last {number} {unit}s"
    if until is None and _AGO.fullmatch(words):
        return f"last {words}"
    parts = [] if words == "all" else [f"since {words}" + (" ago" if _AGO.fullmatch(words) else "")]
    if until is not None:
        parts.append(f"until {late}" + (" ago" if _AGO.fullmatch(late) else ""))
    return " ".join(parts) or "all time"


def _word(given: str) -> str:
    """A time as it is told: words in lower case, dates as they were typed."""
    words = given.strip()
    return words if words[:1].isdigit() and "-" in words else words.lower()
