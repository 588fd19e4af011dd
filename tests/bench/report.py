"""The road bench's output: where it ran, the tables, and each figure of the house beside what was measured.

Pure: takes rounds and numbers, returns lines of text. Every ratio is taken within one run, never against another day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan, nan
from statistics import median

from load import Round

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Added:
    """Latency a lane adds to the direct one at one client, in microseconds: the median over rounds of lane - direct."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Figure:
    """One figure of the house: what was measured, the bound, and whether it is met."""

    name: str
    measured: float
    bound: float
    unit: str
    at_least: bool = False
    binding: bool = True

    @property
    def met(self) -> bool:
        """False also where there is no measure."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def verdict(self) -> str:
        if isnan(self.measured):
            return "no verdict: the machine is too busy, what a lane adds is lost in the noise"
        by = abs(self.measured - self.bound)
        of = f" ({by / self.bound:.0%})" if self.bound else ""
        return "met" if self.met else f"missed by {number(by)} {self.unit}{of}".rstrip()


def added(rounds: Iterable[Round], lane: str) -> Added:
    """What `lane` adds at one client; each round of it is compared with the direct round taken beside it."""
    alone = [one for one in rounds if one.phase == "latency"]
    pairs = list(zip(of(alone, lane), of(alone, "direct"), strict=True))
    return Added(*(median(getattr(a, p) - getattr(b, p) for a, b in pairs) for p in ("p50", "p95", "p99")))


def throughput(rounds: Iterable[Round], lane: str, clients: int) -> float:
    """Requests a second: the median over the lane's rounds with so many clients."""
    return median(one.per_second for one in of(rounds, lane) if one.clients == clients and one.phase != "warm-up")


def of(rounds: Iterable[Round], lane: str) -> list[Round]:
    return [one for one in rounds if one.lane == lane]


def latency_table(rounds: list[Round], lanes: list[str]) -> list[str]:
    """One client: percentiles of each lane, what it adds, and that beside the pump."""
    rows: Rows = [
        ("1 client, ms", "p50", "p95", "p99", "added p50", "p95", "p99", "x pump p50", "p99", "p50 over rounds")
    ]
    for lane in lanes:
        seen = [one for one in of(rounds, lane) if one.phase == "latency"]
        more = added(rounds, lane)
        cells = [ms(median(getattr(one, p) for one in seen)) for p in ("p50", "p95", "p99")]
        cells += ["-"] * 3 if lane == "direct" else [ms(more.p50), ms(more.p95), ms(more.p99)]
        if "pump" in lanes and lane != "direct":
            base = added(rounds, "pump")
            cells += [ratio(more.p50, base.p50), ratio(more.p99, base.p99)]
        else:
            cells += ["-", "-"]
        rows.append((lane, *cells, f"{ms(min(one.p50 for one in seen))} to {ms(max(one.p50 for one in seen))}"))
    return align(rows)


def load_table(rounds: list[Round], lanes: list[str], counts: Iterable[int]) -> list[str]:
    """Every client count: requests a second of each lane, percentiles, errors, and the CPU its processes used."""
    rows: Rows = [("clients  lane", "req/s", "x pump", "p50 ms", "p95", "p99", "errors", "CPU of one core", "")]
    for clients in counts:
        for lane in lanes:
            seen = [one for one in of(rounds, lane) if one.clients == clients and one.phase != "warm-up"]
            rate = throughput(rounds, lane, clients)
            beside = ratio(rate, throughput(rounds, "pump", clients)) if "pump" in lanes else "-"
            bound = "mock-bound" if lane != "direct" and rate >= 0.9 * throughput(rounds, "direct", clients) else ""
            cells = [ms(median(getattr(one, p) for one in seen)) for p in ("p50", "p95", "p99")]
            failed = str(sum(one.failed for one in seen))
            cpu = ", ".join(f"{name} {median(one.cpu[name] for one in seen):.0%}" for name in seen[0].cpu) or "-"
            rows.append((f"{clients:>7}  {lane}", f"{rate:,.0f}", beside, *cells, failed, cpu, bound))
    return align(rows)


def figures(rounds: list[Round], drain: float, memory: dict[str, dict[str, float]]) -> list[Figure]:
    """The figures the house must hold, and after them the aims."""
    own, base = added(rounds, "helicli"), added(rounds, "pump")
    rate, pump_rate = throughput(rounds, "helicli", 64), throughput(rounds, "pump", 64)
    return [
        Figure("added p50, 1 client", times(own.p50, base.p50), 1.35, "x the pump's"),
        Figure("added p99, 1 client", times(own.p99, base.p99), 2.0, "x the pump's"),
        Figure("throughput, 64 clients", 100 * rate / pump_rate, 80, "% of the pump's", at_least=True),
        Figure("journal empty after the load", drain, 60, "s"),
        Figure("proxy, peak resident", memory["proxy"]["peak"], 70, "MB"),
        Figure("recorder, peak resident", memory["recorder"]["peak"], 90, "MB"),
        Figure("aim: added p50, 1 client", own.p50 / 1000, 0.25, "ms", binding=False),
        Figure("aim: added p99, 1 client", own.p99 / 1000, 1.0, "ms", binding=False),
        Figure("aim: throughput, 64 clients", rate, 6000, "req/s", at_least=True, binding=False),
    ]


def figure_table(held: Iterable[Figure]) -> list[str]:
    rows: Rows = [("figure", "measured", "bound", "", "")]
    for one in held:
        sign = ">=" if one.at_least else "<="
        rows.append((one.name, number(one.measured), f"{sign} {number(one.bound)}", one.unit, one.verdict))
    return align(rows)


def align(rows: Rows) -> list[str]:
    """Columns as wide as their widest cell; the first and the last two to the left, the rest to the right."""
    last = len(rows[0]) - 2
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    pad = [str.ljust if i == 0 or i >= last else str.rjust for i in range(len(widths))]
    return ["  ".join(pad[i](cell, widths[i]) for i, cell in enumerate(row)).rstrip() for row in rows]


def ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.3f}"


def times(part: float, whole: float) -> float:
    """part / whole, or NaN where one of them is not above zero: noise larger than what was to be measured."""
    return part / whole if part > 0 and whole > 0 else nan


def ratio(part: float, whole: float) -> str:
    found = times(part, whole)
    return "-" if isnan(found) else f"{found:.2f}"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
