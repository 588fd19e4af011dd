"""The ticks of a plot's axes: which figures and instants are written beside it.

Owns the steps and their labels. A label says exactly what its tick stands for, every axis of figures begins at nothing,
and instants are those of a clock: a day of 23 hours is as wide as it was long. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final

from msgspec import Struct

from helicli.grouping import By, begin

COUNT: Final = "count"
USD: Final = "usd"
TIME: Final = "time"
SHARE: Final = "share"

_USUAL: Final = {COUNT: 1, USD: 10_000_000, TIME: 1_000_000, SHARE: 1_000}
"""How far an axis reaches where there is nothing but nothing."""

_NANO: Final = 1_000_000_000
_SECOND: Final = 1_000_000
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_LONG: Final = (1, 2, 5, 10, 15, 30)
_CLOCK: Final = tuple(each * _MINUTE_MS for each in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720))
_DAYS: Final = (1, 2, 7, 14)
_MONTHS: Final = (1, 3, 6, 12, 24, 60)


class Tick(Struct, frozen=True):
    """A place on an axis and what is written there."""

    value: int
    label: str


class Scale(Struct, frozen=True):
    """An axis of figures: a tick every so many rows, each worth `step`; the lowest row begins at nothing."""

    step: int
    every: int
    rows: int
    labels: tuple[str, ...]

    @property
    def top(self) -> float:
        """The largest figure that the axis has room for."""
        return self.step * (self.rows - 1) / self.every

    @property
    def width(self) -> int:
        """The cells of the widest label."""
        return max(map(len, self.labels))

    def height(self, value: int, high: int) -> int:
        """How many dots a figure is above the bottom, where a row has `high` dots."""
        return round(value * high * self.every / self.step)

    def label(self, row: int) -> str:
        """What stands beside a row, the first being the uppermost; empty for most."""
        at, rest = divmod(self.rows - 1 - row, self.every)
        return "" if rest else self.labels[at]


def scale(largest: int, unit: str, rows: int) -> Scale:
    """The axis with the least room above the largest figure, its labels at least two rows apart.

    Figures are whole: calls or tokens, nano-dollars, microseconds, or hundredths of a percent.
    """
    rows, largest = max(2, rows), largest or _USUAL[unit]
    least = 2 if rows > 3 else 1
    most = max(least, (rows - 1) // 2)
    best: tuple[float, int, int] | None = None
    for step in _steps(unit):
        for every in range(least, most + 1):
            top = step * (rows - 1) / every
            if top >= largest and (best is None or top < best[0]):
                best = (top, step, every)
        if best is not None and step * (rows - 1) / most >= best[0]:
            break
    assert best is not None
    _, step, every = best
    count = (rows - 1) // every
    return Scale(step, every, rows, tuple(_label(at * step, step, count * step, unit) for at in range(count + 1)))


def _steps(unit: str) -> Iterator[int]:
    if unit == TIME:
        decades = _decades(10)
        for each in decades:
            if each > 30 * _SECOND:
                break
            # 15 s is better than 20 s, for what is counted in sixties.
            yield {20 * _SECOND: 15 * _SECOND, 50 * _SECOND: 30 * _SECOND}.get(each, each)
        yield 30 * _SECOND
        yield from (each * 60 * _SECOND for each in _LONG)
        yield from (each * 3600 * _SECOND for each in (1, 2, 3, 6, 12))
        yield from (each * 24 * 3600 * _SECOND for each in _decades(1))
        return
    # The smallest that is told: one call, a hundredth of a cent's hundredth, a hundredth of a percent.
    yield from _decades(1)


def _decades(first: int) -> Iterator[int]:
    while True:
        yield from (first, 2 * first, 5 * first)
        first *= 10


def _label(value: int, step: int, top: int, unit: str) -> str:
    if unit == USD:
        return "$0" if not value else "$" + _scaled(value, step, _NANO)
    if unit == SHARE:
        return f"{_exact(value, step, 100)}%"
    if unit == TIME:
        for size, name in ((24 * 3600, "d"), (3600, "h"), (60, "m")):
            if step >= size * _SECOND:
                return f"{value // (size * _SECOND)}{name}"
        return f"{_exact(value, step, _SECOND)}s" if top >= _SECOND else f"{_exact(value, step, 1000)}ms"
    return _scaled(value, step, 1)


def _scaled(value: int, step: int, one: int) -> str:
    """A figure with the sign of its size: `500`, `1k`, `1.5M`."""
    for size, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size * one:
            return _exact(value, value, size * one) + name
    return _exact(value, step, one)


def _exact(value: int, step: int, one: int) -> str:
    """The value in a unit, with as many figures after the point as the step has."""
    if not value:
        return "0"
    digits = 0
    while step * 10**digits % one:
        digits += 1
    scaled = value * 10**digits // one
    text = f"{scaled:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def time_ticks(first: int, last: int, zone: tzinfo | None, room: int) -> tuple[Tick, ...]:
    """Ticks at round times of a clock; as many as `room` cells have place for, each label with a space after it."""
    for instants, form in _candidates(first, last, zone):
        ticks = [Tick(at, _instant(at, form, zone)) for at in instants]
        if _fits(ticks, first, last, room):
            return tuple(ticks)
    return ()


def _candidates(first: int, last: int, zone: tzinfo | None) -> Iterator[tuple[list[int], str]]:
    """Instants of the window for each step, the finest first."""
    length = last - first
    for step in _CLOCK:
        if length / step <= 60:
            yield _within(By(every_ms=step), step, first, last, zone), "clock"
    for days in _DAYS:
        if length / (days * _DAY_MS) <= 60:
            yield _within(By(every="day"), _DAY_MS, first, last, zone, keep=days), "day"
    for months in _MONTHS:
        yield _within(By(every="month"), 31 * _DAY_MS, first, last, zone, keep=months), "month"


def _within(what: By, step: int, first: int, last: int, zone: tzinfo | None, keep: int = 1) -> list[int]:
    return [at for at in begins(what, step, first, last, zone) if at >= first and _kept(at, what, zone, keep)]


def _kept(at: int, what: By, zone: tzinfo | None, keep: int) -> bool:
    """Whether an instant is one of every so many, counted from where no window begins."""
    if keep == 1:
        return True
    local = datetime.fromtimestamp(at / 1000, zone)
    if what.every == "month":
        return (local.year * 12 + local.month - 1) % keep == 0
    # Counted from a Monday.
    return (local.toordinal() - 1) % keep == 0


def begins(what: By, step: int, first: int, last: int, zone: tzinfo | None) -> list[int]:
    """When the stretches of a window begin, the first of them before the window; `step` is about how long one is."""
    at = begin(what, first, zone)
    found = []
    while at < last:
        found.append(at)
        # Somewhere in the next one, however long this one was.
        after = begin(what, at + step + step // 2, zone) if what.every != "month" else begin(what, at + step, zone)
        at = after if after > at else at + step
    return found


def _instant(at: int, form: str, zone: tzinfo | None) -> str:
    local = datetime.fromtimestamp(at / 1000, zone)
    if form == "month":
        return local.strftime("%Y") if local.month == 1 else local.strftime("%b")
    if form == "day" or (local.hour == 0 and local.minute == 0):
        return f"{local.day} {local.strftime('%b')}"
    return local.strftime("%H:%M")


def _fits(ticks: Sequence[Tick], first: int, last: int, room: int) -> bool:
    end = 0
    for tick in ticks:
        at = place(tick.value, first, last, room)
        if at < end:
            return False
        # The tick's sign, its label, a space.
        end = at + len(tick.label) + 2
    return True


def place(at: int, first: int, last: int, room: int) -> int:
    """The cell of an instant."""
    return min(room - 1, (at - first) * room // max(1, last - first))
