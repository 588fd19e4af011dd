"""How quantities are written and read: durations, instants, money, counts.

Pure: text in, numbers out, and back. Instants are integer milliseconds UTC, durations integer microseconds, money
integer nano-dollars. The clock and the zone are arguments, never looked up.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from helicli.errors import UsageError

SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = ("today", "yesterday")
_WHEN_FIX: Final = "write 30s, 15m, 1h, 2d, today, yesterday, monday, week, month, 2026-11-20 or 2026-11-20T14:00"


def duration(text: str) -> float:
    """Seconds of `10s`, `1h30m`, `500ms`; a bare number is seconds. Raises UsageError."""
    words = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", words):
        return float(words)
    found = _DURATION.findall(words)
    if not found or "".join(f"{n}{u}" for n, u in found) != re.sub(r"\s", "", words):
        raise UsageError(f'"{text}" is not a duration', "write 500ms, 10s, 5m, 1h30m or 2d")
    return sum(float(number) * SECONDS[unit] for number, unit in found)


def instant(text: str, now: datetime) -> int:
    """Milliseconds UTC of a time in words, local to `now`'s zone: a duration means that long ago. Raises UsageError.

    A day, a week or a month is meant by its beginning; `all` is before every call.
    """
    return 0 if text.strip().lower() == "all" else span(text, now)[0]


def span(text: str, now: datetime) -> tuple[int, int]:
    """The milliseconds UTC from which and before which a time in words is: a whole day for one. Raises UsageError."""
    words = text.strip().lower()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if words == "week":
        monday = today - timedelta(days=today.weekday())
        return _millis(monday), _millis(monday + timedelta(days=7))
    if words == "month":
        first = today.replace(day=1)
        return _millis(first), _millis((first + timedelta(days=31)).replace(day=1))
    if words in _WEEKDAYS:
        return _day(today - timedelta(days=(now.weekday() - _WEEKDAYS.index(words)) % 7))
    if words in _DAYS:
        return _day(today - timedelta(days=_DAYS.index(words)))
    try:
        if re.match(r"\d{4}-\d\d", words):
            moment = datetime.fromisoformat(text.strip().upper().replace(" ", "T"))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
            if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
                return _day(moment)
        else:
            # In UTC: the difference of two clock times of a zone is an hour off where its clock was changed between.
            moment = now.astimezone(UTC) - timedelta(seconds=duration(words))
        millis = _millis(moment)
    except (UsageError, OverflowError, ValueError):
        raise UsageError(f'"{text}" is not a time', _WHEN_FIX) from None
    return millis, millis + 1


def _day(midnight: datetime) -> tuple[int, int]:
    """From one midnight to the next, by the clock of the zone: 23 or 25 hours where that is changed."""
    return _millis(midnight), _millis(midnight + timedelta(days=1))


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def rfc3339(millis: int) -> str:
    """`2026-11-21T14:03:11.204Z`."""
    moment = datetime.fromtimestamp(millis / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"


def clock(millis: int, zone: tzinfo | None) -> str:
    """`14:03:11` in a zone (None is the machine's)."""
    return datetime.fromtimestamp(millis / 1000, zone).strftime("%H:%M:%S")


def ago(millis: int, now: int) -> str:
    """`12m ago`; the largest unit only."""
    seconds = max(0, now - millis) // 1000
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit} ago"
    return f"{seconds}s ago"


def seconds(micros: int | None) -> str:
    """A duration for people: `0.31ms`, `310ms`, `1.24s`, `4m 10s`."""
    if micros is None:
        return "–"
    if micros < 1000:
        return f"{micros / 1000:.2f}ms"
    if micros < 999_500:
        return f"{micros / 1000:.0f}ms"
    if micros < 119_995_000:
        return f"{micros / 1e6:.2f}s"
    whole = micros // 1_000_000
    if whole < 7200:
        return f"{whole // 60}m {whole % 60}s"
    return f"{whole // 3600}h {whole % 3600 // 60}m"


def dollars(nano: int | None) -> str:
    """Money for people: `$0.0020`, `$13.27`, `$0.00000010`; at least two figures that count, `–` for unknown."""
    if nano is None:
        return "–"
    value = nano / 1e9
    if value == 0:
        return "$0"
    if value >= 1:
        return f"${value:,.2f}"
    digits = 4
    while digits < 9 and value < 10.0 ** (1 - digits):
        digits += 1
    return f"${value:.{digits}f}"


def count(number: int | None) -> str:
    """A count for people: `412`, `3.1k`, `402k`, `1.9M`."""
    if number is None:
        return "–"
    if number < 1000:
        return str(number)
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.1f}{unit}" if scaled < 9.95 else f"{scaled:.0f}{unit}"
    return str(number)


def figure(value: float) -> str:
    """`0.81`, `1`, `3.3333`: four places at most."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if value else "0"


def size(number: int) -> str:
    """Bytes for people: `812 B`, `4.1 MB` (decimal)."""
    if number < 1000:
        return f"{number} B"
    value, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value >= 999.5:
            value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
