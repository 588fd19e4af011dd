"""How costs look: groups with their tokens, their money and its share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final

from helicli.grouping import By
from helicli.query.totals import Key, Totals, added_up
from helicli.view.figures import Cell, Grid, Heading
from helicli.view.stretch import cell, heading

_FIGURES: Final = (
    Heading("calls", "CALLS", "count"),
    Heading("errors", "ERRORS", "count", "data"),
    Heading("read_tokens", "INPUT", "tokens", "table"),
    Heading("input_tokens", "INPUT", "tokens", "data"),
    Heading("cache_read_tokens", "CACHE READ", "tokens", "data"),
    Heading("cache_write_tokens", "CACHE WRITE", "tokens", "data"),
    Heading("output_tokens", "OUTPUT", "tokens"),
    Heading("reasoning_tokens", "REASONING", "tokens", "data"),
    Heading("cost_usd", "COST", "usd"),
)
_LAST: Final = (
    Heading("unpriced", "UNPRICED", "count", "data"),
    Heading("saved_usd", "SAVED", "usd", "data"),
    Heading("share", "SHARE", "bar"),
)


def cost_grid(
    by: Sequence[By],
    groups: Mapping[Key, Totals],
    zone: tzinfo | None = UTC,
    what_if: Mapping[Key, int | None] | None = None,
    model: str = "",
    top: int = 0,
) -> Grid:
    """The groups, the dearest first; those of one stretch of time stand together, in its order. `top` leaves all but
    the dearest out, not out of the total."""
    whole = added_up(groups.values())
    rows: list[tuple[Cell, ...]] = []
    told = sorted(groups.items(), key=lambda item: _order((), *item))[: top or None]
    for key, total in sorted(told, key=lambda item: _order(by, *item)):
        share = total.cost_nano / whole.cost_nano if whole.cost_nano else 0.0
        named = (cell(each, value, zone) for each, value in zip(by, key, strict=True))
        rows.append((*named, *_figures(total), *_maybe(what_if, key), *_rest(total, share)))
    asked = (Heading("as_usd", f"AS {model.upper()}", "usd"),) if what_if is not None else ()
    alone: tuple[Cell, ...] = ()
    if what_if is not None:
        known = [value for value in what_if.values() if value is not None]
        alone = (sum(known) if known else None,)
    total_row = ("total", *[None] * (len(by) - 1), *_figures(whole), *alone, None, None, None) if rows and by else None
    headings = (*map(heading, by), *_FIGURES, *asked, *_LAST)
    return Grid(headings, rows, total_row)


def _figures(total: Totals) -> tuple[Cell, ...]:
    # Where no call of a group is priced, its cost is not known.
    cost = None if total.unpriced == total.calls else total.cost_nano
    return (
        total.calls,
        total.errors,
        total.read_tokens,
        total.input_tokens,
        total.cache_read_tokens,
        total.cache_write_tokens,
        total.output_tokens,
        total.reasoning_tokens,
        cost,
    )


def _rest(total: Totals, share: float) -> tuple[Cell, ...]:
    return total.unpriced, total.saved_nano, share


def _maybe(what_if: Mapping[Key, int | None] | None, key: Key) -> tuple[Cell, ...]:
    return () if what_if is None else (what_if[key],)


def _order(by: Sequence[By], key: Key, total: Totals) -> tuple[object, ...]:
    times = [int(value or 0) for each, value in zip(by, key, strict=False) if each.is_time]
    return *times, -total.cost_nano, -total.calls, *(str(value or "") for value in key)
