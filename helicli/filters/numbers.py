"""Numbers of a filter, read: `>2s`, `1..5`, `<=$0.01`, `3.1k`, `>=monday`.

Owns their units. What is read is exact: a number between two that can be stored bounds them, and is never rounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from helicli.errors import UsageError
from helicli.filters.values import Kind, Range
from helicli.units import span

MOST: Final = 2**62
"""The largest number of a filter."""

_DURATIONS: Final = {
    "": 1000,
    "us": 1,
    "µs": 1,
    "ms": 1000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_MONEY: Final = {"": 10**9, "¢": 10**7, "k": 10**12}
_COUNTS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_NUMBER: Final = re.compile(r"(\d{1,15})(?:\.(\d{1,12}))?\s*([^\d.\s]*)", re.ASCII)


def interval(text: str, kind: Kind, sign: str, now: datetime) -> Range:
    """The numbers a comparison leaves: `sign` is `=` (also for `a..b`), `<`, `<=`, `>` or `>=`. Raises UsageError."""
    if sign == "=" and ".." in text:
        low, _, high = text.partition("..")
        if not low and not high:
            raise UsageError("a range needs one end at least", "write 1..5, 1.. or ..5")
        least = _compared(low, kind, ">=", now) if low else Range()
        most = _compared(high, kind, "<=", now) if high else Range()
        if least.low is not None and most.high is not None and _empty(least, most):
            raise UsageError(f"there is nothing from {low} to {high}", f"write {high}..{low}")
        return _closed(Range(least.low, most.high, least.above, most.below)) if low and high else _one(least, most)
    return _compared(text, kind, sign, now)


def _one(least: Range, most: Range) -> Range:
    return least if least.low is not None else most


def _empty(least: Range, most: Range) -> bool:
    both = _closed(Range(least.low, most.high, least.above, most.below))
    return both.low is not None and both.high is not None and both.low > both.high


def _closed(given: Range) -> Range:
    """A range of whole numbers with both its ends in it."""
    low, high = given.low, given.high
    if isinstance(low, int) and given.above:
        low += 1
    if isinstance(high, int) and given.below:
        high -= 1
    return Range(low, high)


def _compared(text: str, kind: Kind, sign: str, now: datetime) -> Range:
    if kind is Kind.INSTANT:
        begin, end = span(text, now)
        return {
            "=": Range(begin, end - 1),
            ">": Range(low=end - 1, above=True),
            ">=": Range(low=begin),
            "<": Range(high=begin, below=True),
            "<=": Range(high=end - 1),
        }[sign]
    if kind is Kind.SCORE:
        score = _score(text)
        whole, exact = score, True
    else:
        whole, exact = number(text, kind)
    if sign == "=":
        if not exact:
            raise UsageError(f'"{text}" is finer than what is kept', "write a range, such as 1..2")
        return Range(whole, whole)
    if exact:
        return {
            ">": Range(low=whole, above=True),
            ">=": Range(low=whole),
            "<": Range(high=whole, below=True),
            "<=": Range(high=whole),
        }[sign]
    # Between two whole numbers: above it begins after the lower, below it ends before the upper.
    return Range(low=whole, above=True) if sign[0] == ">" else Range(high=whole + 1, below=True)


def number(text: str, kind: Kind) -> tuple[int, bool]:
    """A quantity in the unit that is stored, rounded down, and whether that is exact. Raises UsageError."""
    units = {Kind.MS: _DURATIONS, Kind.USD: _MONEY}.get(kind, _COUNTS)
    words = text.strip().lower()
    sign = -1 if words.startswith("-") else 1
    words = words.removeprefix("-")
    if kind is Kind.USD:
        words = words.removeprefix("$").removesuffix("$").removesuffix("usd")
    found = [] if not words else _NUMBER.findall(words)
    known = all(unit in units for _, _, unit in found)
    if not found or not known or _NUMBER.sub("", words).strip() or (len(found) > 1 and kind is not Kind.MS):
        raise UsageError(f'"{text}" is not {_WHAT[kind]}', _HOW[kind])
    if len(found) > 1 and not all(unit for _, _, unit in found):
        raise UsageError(f'"{text}" is not {_WHAT[kind]}', _HOW[kind])
    fine = 10**12
    total = sum(int(whole + fraction.ljust(12, "0")) * units[unit] for whole, fraction, unit in found) * sign
    floor, rest = divmod(total, fine)
    if abs(floor) > MOST:
        raise UsageError(f'"{text}" is too large', _HOW[kind])
    return floor, rest == 0


def _score(text: str) -> float:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text.strip(), re.ASCII):
        raise UsageError(f'"{text}" is not a number', "write a number, such as 0.5")
    return float(text)


_WHAT: Final[Mapping[Kind, str]] = {
    Kind.MS: "a duration",
    Kind.USD: "an amount of money",
    Kind.COUNT: "a number",
    Kind.STATUS: "a status",
}
_HOW: Final[Mapping[Kind, str]] = {
    Kind.MS: "write 500ms, 2s, 1m30s or 1h",
    Kind.USD: "write $0.01, 0.01 or 5¢",
    Kind.COUNT: "write 412, 3.1k or 2M",
    Kind.STATUS: "write 200, 4xx, ok, error or >=400",
}
