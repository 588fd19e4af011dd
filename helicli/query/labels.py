"""Users and properties: what they did, in lists and one by one.

Owns which questions make such a list. Sums come from cells where they can; what cells do not hold is read of the newest
calls by index, a bounded number for each line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from msgspec import Struct

from helicli.filters import Filter, one_of
from helicli.grouping import By, by
from helicli.query import said
from helicli.query.groups import snapshot, sums, times
from helicli.query.names import listed
from helicli.query.reading import Log
from helicli.query.totals import Times, Totals
from helicli.query.where import where

_NEWEST = 100
"""Of so many calls of a user the model most asked for is told."""

_EXAMPLES = 5
USER_SUMS = ("calls", "errors", "cost_nano", "unpriced")
"""The sums that are told of a user."""


class User(Struct, frozen=True):
    """What a user did; of its times, the latency. `top_model` is the model of most of the newest hundred calls."""

    name: str
    total: Totals
    times: Times
    top_model: str | None


class Property(Struct, frozen=True):
    """A property: how many values and calls it has, and the values that most calls have."""

    name: str
    values: int
    calls: int
    examples: tuple[str, ...]


def user_sums(db: Log, chosen: Filter) -> dict[str, Totals]:
    """The sums of every user, those of USER_SUMS."""
    found = sums(db, chosen, (by("user"),), UTC, known=True, only=USER_SUMS)
    return {str(key[0]): total for key, total in found.items()}


def users(db: Log, chosen: Filter, found: dict[str, Totals], names: Iterable[str]) -> list[User]:
    """Some of these users, with what only they are asked for."""
    some = list(names)
    with snapshot(db), said.asked(db, chosen):
        # Told in the filter too: else the times of all others are read at the edges of the window.
        took = times(db, chosen.both(one_of("user", some)), (by("user"),), UTC, only=("latency",))
        return [User(name, found[name], took.get((name,), Times({})), _top_model(db, chosen, name)) for name in some]


def _top_model(db: Log, chosen: Filter, user: str) -> str | None:
    condition, values = where(chosen.both(one_of("user", [user])))
    rows = db.execute(
        "SELECT (SELECT word FROM words WHERE id = c.requested_model), (SELECT word FROM words WHERE id = c.model),"
        " c.fallback_index FROM calls c"
        f" WHERE {condition} ORDER BY c.created_at DESC LIMIT ?",
        [*values, _NEWEST],
    )
    counts: dict[str, int] = {}
    for asked, answered, fallback in rows:
        model = listed(asked, answered, fell=bool(fallback))
        if model is not None:
            counts[model] = counts.get(model, 0) + 1
    return max(sorted(counts), key=counts.__getitem__, default=None)


def property_names(db: Log) -> list[str]:
    """The names of all properties that the log has."""
    # From one name to the next in the index: there are few names and very many rows.
    rows = db.execute(
        "WITH RECURSIVE up (name) AS (SELECT min(name) FROM properties UNION ALL"
        " SELECT (SELECT min(name) FROM properties WHERE name > up.name) FROM up WHERE up.name IS NOT NULL)"
        " SELECT w.word FROM up JOIN words w ON w.id = up.name ORDER BY w.word"
    )
    return [row[0] for row in rows]


def properties(db: Log, chosen: Filter) -> list[Property]:
    """Every property that the chosen calls have."""
    found: list[Property] = []
    with snapshot(db):
        for name in property_names(db):
            values = property_sums(db, chosen, name)
            if values:
                most = sorted(values, key=lambda value: (-values[value].calls, value))
                calls = sum(total.calls for total in values.values())
                found.append(Property(name, len(values), calls, tuple(most[:_EXAMPLES])))
    return sorted(found, key=lambda each: (-each.calls, each.name))


def property_sums(db: Log, chosen: Filter, name: str) -> dict[str, Totals]:
    """The sums of every value of a property."""
    return {
        str(key[0]): total
        for key, total in sums(db, chosen, (By(label=name.lower()),), UTC, known=True, only=USER_SUMS).items()
    }
