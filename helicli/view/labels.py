"""How users and properties look in lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from helicli.query.labels import Property, User
from helicli.query.totals import Totals
from helicli.view.figures import Cell, Grid, Heading

_USERS: Final = (
    Heading("user", "USER"),
    Heading("calls", "CALLS", "count"),
    Heading("cost_usd", "COST", "usd"),
    Heading("errors", "ERRORS", "count", "data"),
    Heading("error_rate", "ERRORS", "share"),
    Heading("latency_p95_ms", "P95", "ms"),
    Heading("last_at", "LAST SEEN", "instant"),
    Heading("top_model", "TOP MODEL"),
    Heading("unpriced", "UNPRICED", "count", "data"),
)
_PROPERTIES: Final = (
    Heading("name", "NAME"),
    Heading("values", "VALUES", "count"),
    Heading("calls", "CALLS", "count"),
    Heading("examples", "EXAMPLES"),
)
_VALUES: Final = (
    Heading("calls", "CALLS", "count"),
    Heading("errors", "ERRORS", "count", "data"),
    Heading("error_rate", "ERRORS", "share"),
    Heading("cost_usd", "COST", "usd"),
    Heading("last_at", "LAST SEEN", "instant"),
)

SORTS: Final = {
    "cost": "cost_nano",
    "cost_usd": "cost_nano",
    "calls": "calls",
    "errors": "errors",
    "last_at": "last_at",
}
"""By what users can be put in order before they are cut to a number, and the sum it is."""


def user_grid(users: Sequence[User]) -> Grid:
    """A line for each user."""
    return Grid(_USERS, [_user(each) for each in users])


def _user(user: User) -> tuple[Cell, ...]:
    total = user.total
    return (
        user.name,
        total.calls,
        _cost(total),
        total.errors,
        total.error_rate,
        user.times.latency(95),
        total.last_at or None,
        user.top_model,
        total.unpriced,
    )


def property_grid(properties: Sequence[Property]) -> Grid:
    """A line for each property."""
    return Grid(_PROPERTIES, [(each.name, each.values, each.calls, ", ".join(each.examples)) for each in properties])


def value_grid(name: str, values: Mapping[str, Totals]) -> Grid:
    """A line for each value of a property, the most frequent first."""
    rows: list[tuple[Cell, ...]] = [
        (value, total.calls, total.errors, total.error_rate, _cost(total), total.last_at or None)
        for value, total in sorted(values.items(), key=lambda item: (-item[1].calls, item[0]))
    ]
    return Grid((Heading(f"prop.{name}", name.upper()), *_VALUES), rows)


def _cost(total: Totals) -> int | None:
    return None if total.unpriced == total.calls else total.cost_nano
