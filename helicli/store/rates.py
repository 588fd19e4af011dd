"""Rates as they were when calls were priced by them, written and read by key.

Owns the table `rates`: one row for each tier of each rate. A row is never changed and never written twice, so a call
that was priced by it can always be explained; another version of a price list is other rows.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from msgspec.structs import astuple, replace

from helicli.rates import CONFIG, FOREVER, Rate, Tier

_RATE: Final = tuple(name for name in Rate.__struct_fields__ if name != "tiers")
_TIER: Final = Tier.__struct_fields__
_COLUMNS: Final = ", ".join((*_RATE, *_TIER))
_INSERT: Final = f"INSERT INTO rates ({_COLUMNS}) VALUES ({', '.join('?' * len((*_RATE, *_TIER)))})"
_FIND: Final = f"SELECT id FROM rates WHERE {' AND '.join(f'{name} IS ?' for name in (*_RATE, *_TIER))}"
_UNTIL: Final = _RATE.index("valid_until")
_KEPT: Final = 50_000


class RateWriter:
    """Writes rates through the one writing connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._ids: dict[tuple[Rate, Tier], int] = {}
        self.last_id = int(connection.execute("SELECT coalesce(max(id), 0) FROM rates").fetchone()[0])

    def forget(self) -> None:
        """Drop what is remembered: it may have been written in a transaction that was undone."""
        self._ids.clear()

    def keep(self, rate: Rate, tier: Tier, rates: tuple[Rate, ...]) -> int:
        """The id of a tier, written with all `rates` of its model where it is not there yet."""
        known = self._ids.get((rate, tier))
        if known is None:
            if len(self._ids) >= _KEPT:
                self._ids.clear()
            for each in rates:
                for one in each.tiers:
                    self._ids[each, one] = self._find_or_add(each, one)
            known = self._ids[rate, tier]
        return known

    def _find_or_add(self, rate: Rate, tier: Tier) -> int:
        values = [*_values(rate), *astuple(tier)]
        found = self._db.execute(_FIND, values).fetchone()
        if found:
            return int(found[0])
        cursor = self._db.execute(_INSERT, values)
        assert cursor.lastrowid is not None
        self.last_id = cursor.lastrowid
        return cursor.lastrowid


def load(db: sqlite3.Connection) -> dict[tuple[str, str], tuple[Rate, ...]]:
    """The rates of every model, of the price list it was last met under; those of the user are not among them."""
    found: dict[tuple[str, str], list[Rate]] = {}
    for row in db.execute(f"SELECT {_COLUMNS} FROM rates WHERE source <> ? ORDER BY id", (CONFIG,)):
        rate, tier = _rate(row)
        rates = found.setdefault((rate.provider, rate.model), [])
        if rates and rates[-1].source != rate.source:
            rates.clear()
        if rates and replace(rates[-1], tiers=()) == rate:
            rates[-1] = replace(rate, tiers=(*rates[-1].tiers, tier))
        else:
            rates.append(replace(rate, tiers=(tier,)))
    return {key: tuple(rates) for key, rates in found.items()}


def tier_of(db: sqlite3.Connection, rate_id: int) -> Tier | None:
    """The tier of a row."""
    row = db.execute(f"SELECT {', '.join(_TIER)} FROM rates WHERE id = ?", (rate_id,)).fetchone()
    return Tier(*row) if row else None


def _values(rate: Rate) -> list[Any]:
    values = [getattr(rate, name) for name in _RATE]
    if rate.valid_until == FOREVER:
        values[_UNTIL] = None
    return values


def _rate(row: tuple[Any, ...]) -> tuple[Rate, Tier]:
    values = dict(zip(_RATE, row, strict=False))
    values["valid_until"] = FOREVER if values["valid_until"] is None else values["valid_until"]
    return Rate(tiers=(), **values), Tier(*row[len(_RATE) :])
