"""A trial of prompts as people and programs see it: what each version and model came to, and what each answered.

Pure. The answers to one set of values stand side by side, or below one another where there is no room for that.
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
from helicli.view.text import cells, cut, left, wrap

TITLES = ("VERSION", "MODEL", "CALLS", "FAILED", "P50", "TOKENS", "COST")
NAMES = ("set", "version", "model", "status", "latency_ms", "output_tokens", "cost_usd", "seq", "answer", "error")
_LABEL = 24
_COLUMN = 34
"""An answer that stands beside others has so many cells, or more."""


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
    """The answers to each set of values."""
    for at, values in enumerate(_sets(trials), 1):
        yield painted("")
        yield style.accent(cut(safe(f"{at}  {json_line(dict(values))}"), width))
        found = [each for each in trials if each.values == values]
        room = (width - 2 * (len(found) - 1)) // len(found)
        yield from _beside(found, room, style) if len(found) > 1 and room >= _COLUMN else _below(found, width, style)


def _beside(found: Sequence[Trial], room: int, style: Style) -> Iterator[Painted]:
    yield style.dim("  ".join(left(_label(each), room) for each in found).rstrip())
    columns = [_text(each, room) for each in found]
    paints = [style.bad if each.error else painted for each in found]
    for at in range(max(map(len, columns))):
        row = [column[at] if at < len(column) else "" for column in columns]
        last = max(place for place, text in enumerate(row) if text or not place)
        line = painted("")
        for place, text in enumerate(row[: last + 1]):
            line = line + paints[place](text)
            if place < last:
                line = line + " " * (room - cells(text) + 2)
        yield line


def _below(found: Sequence[Trial], width: int, style: Style) -> Iterator[Painted]:
    for each in found:
        paint = style.bad if each.error else painted
        for at, line in enumerate(_text(each, max(20, width - _LABEL - 2))):
            yield style.dim(left("" if at else _label(each), _LABEL)) + "  " + paint(line)


def _label(each: Trial) -> str:
    return safe(f"v{each.number} {each.model}")


def _text(each: Trial, room: int) -> list[str]:
    return wrap(safe(each.error or each.answer or "(nothing)", newlines="\n"), room)


def _sets(trials: Sequence[Trial]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in trials:
        if each.values not in found:
            found.append(each.values)
    return found
