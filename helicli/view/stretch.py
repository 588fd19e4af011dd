"""Groups as they are called: stretches of time by a clock, and sparklines of what was in them.

Owns the words for a stretch: a date for a day, a week or a month, an instant for anything shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from helicli.grouping import By, Value
from helicli.view.figures import Cell, Heading

_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def heading(by: By) -> Heading:
    """The column of what was grouped by."""
    kind = "instant" if by.is_time and by.every in ("", "hour") else "text"
    return Heading(by.name, by.title, kind)


def cell(by: By, value: Value, zone: tzinfo | None) -> Cell:
    """A group's value in that column."""
    if value is None or not by.is_time or by.every in ("", "hour"):
        return str(value) if isinstance(value, int) and not by.is_time else value
    day = datetime.fromtimestamp(int(value) / 1000, zone).strftime("%Y-%m-%d")
    return day[:7] if by.every == "month" else day


def spark(values: Sequence[int]) -> str:
    """A sign for each number, as high as it is beside the greatest."""
    most = max(values, default=0)
    if not most:
        return ""
    return "".join(_BLOCKS[0 if not value else min(7, value * 8 // (most + 1))] for value in values)
