"""A trial of prompts as people and programs see it: what each version and model came to, and what each answered.

Pure. The answers to one set of values stand below one another, so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Protocol

from helicli.query.prompts import Recorded
from helicli.units import dollars, seconds
from helicli.view.rows import json_line
from helicli.view.safe import safe
from helicli.view.style import Painted, Style, painted
from helicli.view.table import aligned
from helicli.view.text import cut, wrap

TITLES = ("VERSION", "MODEL", "CALLS", "FAILED", "P50", "TOKENS", "COST")
NAMES = ("set", "version", "model", "status", "latency_ms", "output_tokens", "cost_usd", "seq", "answer", "error")
_LABEL = 24


class Trial(Protocol):
    """One call of a trial."""

    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def number(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def answer(self) -> str: ...
    @property
    def error(self) -> str: ...
    @property
    def recorded(self) -> Recorded | None: ...


def objects(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Every call for JSON."""
    sets = _sets(trials)
    return [
        {
            "set": sets.index(each.values) + 1,
            "inputs": dict(each.values),
            "version": each.number,
            "model": each.model,
            "status": each.status,
            "latency_ms": each.recorded.latency_us / 1000 if each.recorded else None,
            "output_tokens": each.recorded.output_tokens if each.recorded else None,
            "cost_usd": each.recorded.cost_nano / 1e9
            if each.recorded and each.recorded.cost_nano is not None
            else None,
            "seq": each.recorded.seq if each.recorded else None,
            "answer": each.answer,
            "error": each.error or None,
        }
        for each in trials
    ]


def sums(trials: Sequence[Trial]) -> list[str]:
    """A line for each version and model, titles first."""
    groups: dict[tuple[int, str], list[Trial]] = {}
    for each in trials:
        groups.setdefault((each.number, each.model), []).append(each)
    rows = [[f"v{number}", safe(model), *_summed(found)] for (number, model), found in groups.items()]
    return aligned([list(TITLES), *rows], frozenset({2, 3, 4, 5, 6}))


def _summed(found: Sequence[Trial]) -> list[str]:
    rows = [each.recorded for each in found if each.recorded]
    took = [row.latency_us for row in rows]
    costs = [row.cost_nano for row in rows]
    priced = [cost for cost in costs if cost is not None]
    return [
        str(len(found)),
        str(sum(bool(each.error) for each in found)),
        seconds(round(median(took))) if took else "–",
        f"{sum(row.output_tokens or 0 for row in rows):,}",
        dollars(sum(priced)) + ("" if len(priced) == len(found) else " ?") if priced else "–",
    ]


def answers(trials: Sequence[Trial], width: int, style: Style) -> Iterator[Painted]:
    """The answers to each set of values, one below the other."""
    for at, values in enumerate(_sets(trials), 1):
        yield painted("")
        yield style.accent(cut(safe(f"{at}  {json_line(dict(values))}"), width))
        for each in trials:
            if each.values != values:
                continue
            label = cut(safe(f"v{each.number} {each.model}"), _LABEL)
            text = each.error or each.answer or "(nothing)"
            paint = style.bad if each.error else painted
            for line_at, line in enumerate(wrap(safe(text, newlines="\n"), max(20, width - _LABEL - 2))):
                head = label.ljust(_LABEL) if not line_at else " " * _LABEL
                yield style.dim(head) + "  " + paint(line)


def _sets(trials: Sequence[Trial]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in trials:
        if each.values not in found:
            found.append(each.values)
    return found
