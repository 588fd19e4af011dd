"""The figures of analytics: what each is called, in what it is counted, and what some calls come to in it.

Owns the list of them. A rate of no calls is not known, it is not nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from helicli.query.totals import Totals
from helicli.tui.axes import COUNT, SHARE, TIME, USD
from helicli.units import count, dollars, seconds

PERCENTS: Final = (50, 95, 99)
"""The percentiles that are told of times."""

_LINES: Final = ("first", "second", "third")


class Spent(Struct, frozen=True):
    """How long some calls took, in microseconds: a figure for each of PERCENTS, None where there is no call."""

    latency: tuple[int | None, ...] = (None,) * len(PERCENTS)
    first_token: tuple[int | None, ...] = (None,) * len(PERCENTS)


Figure = Callable[[Totals, Spent], int | None]
"""A figure of some calls, in the unit that axes count in."""


class Part(Struct, frozen=True):
    """One series of a measure; `name` is empty where there is but one."""

    name: str
    role: str
    of: Figure


class Measure(Struct, frozen=True):
    """A figure over time. `narrowing` is what a filter says of the calls behind it, `short` its
    name where there is little room."""

    name: str
    title: str
    unit: str
    parts: tuple[Part, ...]
    is_area: bool = True
    narrowing: str = ""
    needs_times: bool = False
    short: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether it tells how calls were and not how many."""
        return self.unit == SHARE or self.needs_times

    def figures(self, total: Totals, spent: Spent) -> tuple[str, ...]:
        """What some calls come to, for each series."""
        return tuple(figure(part.of(total, spent), self.unit) for part in self.parts)


class Ranking(Struct, frozen=True):
    """A figure by which groups are put in order."""

    name: str
    unit: str
    of: Callable[[Totals], int]


def figure(value: int | None, unit: str) -> str:
    """A figure for people."""
    if value is None:
        return "–"
    if unit == USD:
        return dollars(value)
    if unit == TIME:
        return seconds(value)
    if unit == SHARE:
        return f"{value / 100:.1f}%"
    return f"{value:,}" if value < 100_000 else count(value)


def tokens(total: Totals) -> int:
    """All that was read and written."""
    return total.read_tokens + total.output_tokens


def share(part: int, whole: int) -> int | None:
    """Hundredths of a percent; None of nothing."""
    return part * 10_000 // whole if whole else None


def _latency(at: int) -> Figure:
    return lambda _, spent: spent.latency[at]


def _first_token(at: int) -> Figure:
    return lambda _, spent: spent.first_token[at]


def _percentiles(of: Callable[[int], Figure]) -> tuple[Part, ...]:
    return tuple(Part(f"p{percent}", _LINES[at], of(at)) for at, percent in enumerate(PERCENTS))


MEASURES: Final = (
    Measure("calls", "calls", COUNT, (Part("", "first", lambda total, _: total.calls),)),
    Measure("latency", "latency", TIME, _percentiles(_latency), is_area=False, needs_times=True),
    Measure("cost", "cost", USD, (Part("", "second", lambda total, _: total.cost_nano),)),
    Measure(
        "errors",
        "error rate",
        SHARE,
        (Part("", "third", lambda total, _: share(total.errors, total.calls)),),
        narrowing="status:error",
    ),
    Measure(
        "first",
        "first token",
        TIME,
        _percentiles(_first_token),
        is_area=False,
        narrowing="has:ttft",
        short="ttft",
        needs_times=True,
    ),
    Measure(
        "cache",
        "cache hit rate",
        SHARE,
        (Part("", "ok", lambda total, _: share(total.hits, total.hits + total.misses)),),
        narrowing="cache:hit,semantic",
    ),
    Measure("tokens", "tokens", COUNT, (Part("", "first", lambda total, _: tokens(total)),)),
)
"""In the order in which panels show them; the last has no panel until one is turned to it."""

RANKINGS: Final = (
    Ranking("cost", USD, lambda total: total.cost_nano),
    Ranking("calls", COUNT, lambda total: total.calls),
    Ranking("errors", COUNT, lambda total: total.errors),
    Ranking("tokens", COUNT, tokens),
)

BY_NAME: Final[Mapping[str, Measure]] = {each.name: each for each in MEASURES}
