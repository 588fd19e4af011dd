"""How statistics look: latency, volume, errors and cache of some calls, or of groups of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Final

from msgspec import Struct

from helicli.grouping import By
from helicli.query.totals import Key, Times, Totals
from helicli.units import dollars, rfc3339, seconds
from helicli.view.figures import Cell, Grid, Heading
from helicli.view.safe import safe
from helicli.view.stretch import cell, heading, spark
from helicli.view.style import Style
from helicli.view.summary import many
from helicli.view.text import cells, cut

_PERCENTS: Final = (50, 90, 95, 99)
_NAME: Final = 13


class Stats(Struct, frozen=True):
    """What is told of some calls. `hours` is how long their window is, `volume` calls in stretches of it, `kinds` how
    many calls failed in which way, the most frequent first."""

    total: Totals
    times: Times
    hours: float
    volume: tuple[int, ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()

    @property
    def hit_rate(self) -> float | None:
        """The share of calls that the cache answered, of those it was asked for."""
        asked = self.total.hits + self.total.misses
        return self.total.hits / asked if asked else None


def as_object(stats: Stats, since_ms: int | None, until_ms: int | None) -> dict[str, Any]:
    """The figures by their names, for programs."""
    total, times = stats.total, stats.times
    told: dict[str, Any] = {
        "since": rfc3339(since_ms) if since_ms else None,
        "until": rfc3339(until_ms) if until_ms is not None else None,
        "calls": total.calls,
        "calls_per_hour": round(total.calls / stats.hours, 3),
    }
    for name, percentile in (
        ("latency", times.latency), ("ttft", times.first_token), ("overhead", times.overhead)
    ):  # fmt: skip
        told |= {f"{name}_p{percent}_ms": _ms(percentile(percent)) for percent in _PERCENTS}
        if name == "latency":
            told["latency_max_ms"] = _ms(total.latency_max_us if total.calls else None)
    return told | {
        "errors": total.errors,
        "error_rate": round(total.error_rate, 6),
        "error_kinds": dict(stats.kinds),
        "cache_hits": total.hits,
        "cache_misses": total.misses,
        "cache_hit_rate": None if stats.hit_rate is None else round(stats.hit_rate, 6),
        "saved_usd": total.saved_nano / 1e9,
        "saved_ms": total.saved_us / 1000,
        "cost_usd": total.cost_nano / 1e9,
        "unpriced": total.unpriced,
    }


def as_lines(stats: Stats, window: str, style: Style, width: int) -> list[str]:
    """The figures for people."""
    total, times = stats.total, stats.times
    volume = f" · {many(total.calls, 'call')} · {_rate(total.calls / stats.hours)}"
    head = cut(window, max(20, width - cells(volume))) + volume
    line = spark(stats.volume)
    room = width - cells(head) - 2
    if line and room >= 8:
        head = f"{head}  {line[-room:]:>{room}}"
    if not total.calls:
        return [head]
    most = f"   max {seconds(total.latency_max_us)}"
    told = [head, _row(style, "latency", _percents(times.latency, _PERCENTS) + most)]
    if times.first_token(50) is not None:
        told.append(_row(style, "first token", _percents(times.first_token, (50, 90, 95, 99))))
    kinds = " · ".join(f"{safe(kind)} ×{count:,}" for kind, count in stats.kinds)
    share = f"{total.error_rate:.1%}"
    told.append(_row(style, "errors", f"{share}  ({kinds})" if kinds else share))
    if stats.hit_rate is not None:
        saved = f" · saved {seconds(total.saved_us)} and {dollars(total.saved_nano)}" if total.hits else ""
        told.append(_row(style, "cache", f"{stats.hit_rate:.0%} hit{saved}"))
    if times.overhead(50) is not None:
        told.append(_row(style, "overhead", _percents(times.overhead, (50, 95, 99)) + "   (helicli's own time)"))
    return told


def stats_grid(
    by: Sequence[By], groups: Mapping[Key, Totals], times: Mapping[Key, Times], zone: tzinfo | None = UTC
) -> Grid:
    """Groups of calls: how many, how long, how many failed; the largest first, stretches of time in their order."""
    rows: list[tuple[Cell, ...]] = []
    for key, total in sorted(groups.items(), key=lambda item: _order(by, *item)):
        took = times.get(key, Times({}))
        named = (cell(each, value, zone) for each, value in zip(by, key, strict=True))
        rows.append(
            (
                *named,
                total.calls,
                total.errors,
                total.error_rate,
                *(took.latency(percent) for percent in _PERCENTS),
                took.first_token(50),
                took.first_token(95),
                took.overhead(50),
                took.overhead(95),
                total.hits,
            )
        )
    return Grid((*map(heading, by), *_HEADINGS), rows)


_HEADINGS: Final = (
    Heading("calls", "CALLS", "count"),
    Heading("errors", "ERRORS", "count"),
    Heading("error_rate", "RATE", "share"),
    *(Heading(f"latency_p{percent}_ms", f"P{percent}", "ms") for percent in _PERCENTS),
    Heading("ttft_p50_ms", "FIRST P50", "ms"),
    Heading("ttft_p95_ms", "P95", "ms"),
    Heading("overhead_p50_ms", "OVERHEAD P50", "ms", "data"),
    Heading("overhead_p95_ms", "OVERHEAD P95", "ms", "data"),
    Heading("cache_hits", "CACHED", "count"),
)


def _order(by: Sequence[By], key: Key, total: Totals) -> tuple[object, ...]:
    stretches = [int(value or 0) for each, value in zip(by, key, strict=True) if each.is_time]
    return *stretches, -total.calls, *(str(value or "") for value in key)


def _ms(micros: int | None) -> float | None:
    return None if micros is None else micros / 1000


def _percents(percentile: Any, percents: Sequence[int]) -> str:
    return "   ".join(f"p{percent} {seconds(percentile(percent))}" for percent in percents)


def _row(style: Style, name: str, text: str) -> str:
    return style.dim(f"{name:<{_NAME}}") + text


def _rate(hourly: float) -> str:
    return f"{hourly:,.0f}/h" if hourly >= 10 else f"{hourly:.1f}/h"
