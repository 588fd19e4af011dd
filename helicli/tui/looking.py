"""What analytics looks at: a filter, and a window of time that is live or stands still.

Owns how it is moved in time, and how it is told: as a filter, as options of a command, in words; all of them mean the
same calls.
"""

from __future__ import annotations

import shlex
from datetime import datetime, tzinfo
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.filters import Filter
from helicli.filters.terms import FIELDS, Check, text
from helicli.filters.values import Range
from helicli.tui import commands
from helicli.tui.asking import chosen
from helicli.tui.setup import Setup
from helicli.units import rfc3339
from helicli.view.window import window

_MINUTE: Final = 60_000


class Look(Struct, frozen=True):
    """A filter as it was typed, and a time: `since` in words, counted from now, unless `until_ms` ends it."""

    typed: str = ""
    since: str = "24h"
    since_ms: int = 0
    until_ms: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether it reaches until now."""
        return self.until_ms is None

    def chosen(self, setup: Setup) -> Filter:
        """The calls. Raises UsageError."""
        found = chosen(setup, self.typed, "all" if self.until_ms is not None else self.since)
        return found if self.is_live else replace(found, since_ms=self.since_ms, until_ms=self.until_ms)

    def told(self, zone: tzinfo | None) -> str:
        """The time in words."""
        if self.until_ms is None:
            return window(self.since)
        return stretch(self.since_ms, self.until_ms, zone)

    def moved(self, first: int, last: int, now: int, *, back: bool) -> Look:
        """Half a window on or back; live again where that would reach now."""
        if self.since == "all":
            return self
        # Whole minutes: they are to be read and typed.
        first, last = first // _MINUTE * _MINUTE, last // _MINUTE * _MINUTE
        step = (last - first) // 2 // _MINUTE * _MINUTE
        begin, end = (first - step, last - step) if back else (first + step, last + step)
        if end > now - _MINUTE:
            return self.live()
        return replace(self, since_ms=begin, until_ms=end)

    def live(self) -> Look:
        """Until now."""
        return replace(self, since_ms=0, until_ms=None)

    def options(self) -> str:
        """The time as options of a command."""
        if self.until_ms is None:
            return f"--since {shlex.quote(self.since)}"
        return f"--since {_typed(self.since_ms)} --until {_typed(self.until_ms)}"

    def narrowed(self, setup: Setup, more: str, between: tuple[int, int] | None = None) -> tuple[str, str]:
        """The filter and the time, in words, of the calls behind a figure; `between` is a stretch of the window."""
        typed = commands.joined(setup, self.typed, more)
        if between is None and self.until_ms is None:
            return typed, self.since
        first, last = between or (self.since_ms, self.until_ms or 0)
        stretch = Check(FIELDS["created_at"], (Range(low=first, high=last - 1),))
        return commands.joined(setup, typed, text(stretch)), "all"


def instant(millis: int, zone: tzinfo | None) -> str:
    """An instant as a clock shows it, with its day."""
    local: Any = datetime.fromtimestamp(millis / 1000, zone)
    return f"{local.day} {local.strftime('%b %H:%M')}"


def stretch(first: int, last: int, zone: tzinfo | None) -> str:
    """From when until when, with no more of the days than must be told."""
    begin, end = (datetime.fromtimestamp(each / 1000, zone) for each in (first, last))
    if begin.time() == end.time() == datetime.min.time():
        before = datetime.fromtimestamp((last - 1) / 1000, zone)
        return _day(begin) if begin.date() == before.date() else f"{_day(begin)} – {_day(before)}"
    if begin.date() == end.date():
        return f"{instant(first, zone)}–{end.strftime('%H:%M')}"
    return f"{instant(first, zone)} – {instant(last, zone)}"


def _typed(millis: int) -> str:
    """A whole minute as short as it can be typed."""
    return rfc3339(millis).replace(":00.000Z", "Z") if millis % _MINUTE == 0 else rfc3339(millis)


def _day(local: datetime) -> str:
    return f"{local.day} {local.strftime('%b')}"
