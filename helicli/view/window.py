"""A time that is asked about, in words.

Owns how --since and --until are called once they have been read: as they were typed, where that says it best.
"""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_AGO: Final = re.compile(r"(\d+)\s*([smhdw])")


def window(since: str | None, until: str | None = None) -> str:
    """`last 2 days`, `since monday`, `since 2026-11-20 until yesterday`, `all time`."""
    words = (since or "all").strip().lower()
    found = _AGO.fullmatch(words)
    if found and until is None:
        number = int(found[1])
        unit = _UNITS[found[2]]
        return f"last {unit}" if number == 1 else f"last {number} {unit}s"
    parts = [] if words == "all" else [f"since {words}" + (" ago" if found else "")]
    if until is not None:
        late = until.strip().lower()
        parts.append(f"until {late}" + (" ago" if _AGO.fullmatch(late) else ""))
    return " ".join(parts) or "all time"
