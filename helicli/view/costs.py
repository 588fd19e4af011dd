"""How costs look: a table with a bar for each share."""

from __future__ import annotations

from collections.abc import Sequence

from helicli import units
from helicli.query.costs import ModelCost
from helicli.view.safe import safe
from helicli.view.text import bar, cells, left, right

_BAR = 20


def cost_table(costs: Sequence[ModelCost]) -> list[str]:
    """The lines of a table, heading first and total last."""
    total = sum(cost.cost_nano or 0 for cost in costs)
    rows = [("MODEL", "CALLS", "ERRORS", "INPUT", "OUTPUT", "COST", "SHARE")]
    for cost in costs:
        share = (cost.cost_nano or 0) / total if total else 0.0
        rows.append((*_columns(cost), f"{left(bar(share, _BAR) if share else '', _BAR)} {share:4.0%}"))
    whole = ModelCost(
        "total",
        sum(cost.calls for cost in costs),
        sum(cost.errors for cost in costs),
        sum(cost.input_tokens for cost in costs),
        sum(cost.output_tokens for cost in costs),
        total,
    )
    rows.append((*_columns(whole), ""))
    widths = [max(cells(row[column]) for row in rows) for column in range(6)]
    return [_line(row, widths) for row in rows]


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
    numbers = "  ".join(right(cell, width) for cell, width in zip(row[1:6], widths[1:], strict=True))
    return f"{name}  {numbers}  {row[6]}".rstrip()
