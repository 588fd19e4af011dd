"""How costs look: a table with a bar for each share."""

from __future__ import annotations

from collections.abc import Sequence

from helicli import units
from helicli.query.costs import ModelCost
from helicli.view.safe import safe
from helicli.view.text import bar, cells, left, right

_BAR, _LEAST = 20, 5
_PERCENT = len(" 100%")
_NAME = 12


def cost_table(costs: Sequence[ModelCost], width: int) -> list[str]:
    """The lines of a table, heading first and total last. The bars, then the names give way to `width` cells."""
    total = sum(cost.cost_nano or 0 for cost in costs)
    rows = [("MODEL", "CALLS", "ERRORS", "INPUT", "OUTPUT", "COST")]
    shares = []
    for cost in costs:
        share = (cost.cost_nano or 0) / total if total else 0.0
        shares.append(share)
        rows.append(_columns(cost))
    whole = ModelCost(
        "total",
        sum(cost.calls for cost in costs),
        sum(cost.errors for cost in costs),
        sum(cost.input_tokens for cost in costs),
        sum(cost.output_tokens for cost in costs),
        total,
    )
    rows.append(_columns(whole))
    widths = [max(cells(row[column]) for row in rows) for column in range(6)]
    room = width - sum(widths) - 2 * len(widths) - _PERCENT
    if room < _LEAST:
        widths[0] = max(min(_NAME, widths[0]), widths[0] + room - _LEAST)
    ends = ["SHARE", *(_share(share, max(_LEAST, min(_BAR, room))) for share in shares), ""]
    return [f"{_line(row, widths)}  {end}".rstrip() for row, end in zip(rows, ends, strict=True)]


def _share(share: float, width: int) -> str:
    return f"{left(bar(share, width) if share else '', width)} {share:4.0%}"


def _columns(cost: ModelCost) -> tuple[str, str, str, str, str, str]:
    return (
        safe(cost.model or "–"),
        f"{cost.calls:,}",
        f"{cost.errors:,}",
        units.count(cost.input_tokens),
        units.count(cost.output_tokens),
        units.dollars(cost.cost_nano),
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name = left(row[0], widths[0])
    numbers = "  ".join(right(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return f"{name}  {numbers}"
