"""What calls are grouped by: a column, a property, or a stretch of time by somebody's clock.

Owns the words of --by and the beginning of every stretch, which is that of the zone, so a day may have 23 or 25 hours.
Pure: the zone is an argument.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from helicli.columns import COLUMNS, Kind
from helicli.errors import UsageError
from helicli.guess import guess

TIMES: Final = ("hour", "day", "week", "month")
QUARTER_MS: Final = 900_000
DAY_MS: Final = 86_400_000
_PREFIXES: Final = ("prop.", "property.", "properties.")
_COUNTS: Final = ("status", "prompt_version", "attempts", "fallback_index", "cached_from")
_ALONE: Final = ("error_message", "id", "request_id")
_COLUMNS: Final = {each.name: each for each in COLUMNS if each.kind in (Kind.WORD, Kind.FLAG) or each.name in _COUNTS}

Value = str | int | None
"""What a group has in common: text, a number, or the milliseconds UTC at which its stretch of time begins."""


class By(Struct, frozen=True):
    """One thing to group by. `column` is a column's name, `label` a property's, `every` a word of TIMES or, with
    `every_ms`, a stretch of so many milliseconds."""

    column: str = ""
    label: str = ""
    every: str = ""
    every_ms: int = 0

    @property
    def name(self) -> str:
        """Its word, the key in JSON."""
        return self.column or (f"prop.{self.label}" if self.label else self.every or "time")

    @property
    def title(self) -> str:
        """Its heading."""
        return self.label.upper() if self.label else self.name.replace("_", " ").upper()

    @property
    def is_time(self) -> bool:
        """Whether it is a stretch of time."""
        return bool(self.every or self.every_ms)

    @property
    def grain_ms(self) -> int:
        """A stretch that never crosses the border of two of these."""
        if not self.every_ms:
            return QUARTER_MS
        return QUARTER_MS if self.every_ms % QUARTER_MS == 0 else _divisor(self.every_ms, QUARTER_MS)


def by(word: str) -> By:
    """What a word of --by means. Raises UsageError."""
    lower = word.strip().lower()
    if lower in TIMES:
        return By(every=lower)
    for prefix in _PREFIXES:
        if lower.startswith(prefix) and len(lower) > len(prefix):
            return By(label=lower[len(prefix) :])
    if lower in _COLUMNS:
        return By(column=lower)
    near = guess(lower, [*TIMES, *_COLUMNS])
    if lower in _ALONE or any(lower in (each.name, each.name.rpartition("_")[0]) for each in COLUMNS):
        raise UsageError(f"calls cannot be grouped by {lower}", "write --by model, user, prop.NAME, day, …")
    raise UsageError(
        f'cannot group by "{word}"', f"did you mean {near}?" if near else f"--by prop.{lower}, if that is a property"
    )


def every(milliseconds: int) -> By:
    """Stretches of so many milliseconds; whole days are those of the zone."""
    return By(every="day") if milliseconds == DAY_MS else By(every_ms=milliseconds)


def begin(what: By, millis: int, zone: tzinfo | None) -> int:
    """When the stretch that an instant lies in begins."""
    local = datetime.fromtimestamp(millis / 1000, zone).astimezone(zone)
    if what.every in ("", "hour"):
        stretch = what.every_ms or 3_600_000
        # Of the clock on the wall: the first stretch after it was moved began by the old time.
        wall = round(local.replace(tzinfo=UTC).timestamp() * 1000) // stretch * stretch
        begun = datetime.fromtimestamp(wall / 1000, UTC).replace(tzinfo=zone, fold=local.fold)
        return round(begun.timestamp() * 1000)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if what.every == "week":
        day -= timedelta(days=day.weekday())
    elif what.every == "month":
        day = day.replace(day=1)
    if zone is None:
        day = day.replace(tzinfo=None)
    return round(day.timestamp() * 1000)


def _divisor(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return one
