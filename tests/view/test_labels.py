"""How users and properties look."""

from __future__ import annotations

from helicli.query.labels import Property, User
from helicli.query.totals import Times, Totals
from helicli.view.figures import objects
from helicli.view.labels import SORTS, property_grid, user_grid, value_grid


def test_users():
    user = User("ada", Totals(calls=4, errors=1, cost_nano=10**9, last_at=1_795_269_791_204), Times({}), None)
    row = objects(user_grid([user]))[0]
    assert (row["user"], row["cost_usd"], row["error_rate"], row["latency_p95_ms"]) == ("ada", 1.0, 0.25, None)
    assert row["last_at"] == "2026-11-21T14:03:11.204Z"
    assert objects(user_grid([User("x", Totals(calls=1, unpriced=1), Times({}), "m")]))[0]["cost_usd"] is None


def test_properties_and_values():
    assert objects(property_grid([Property("a", 2, 9, ("x", "y"))]))[0]["examples"] == "x, y"
    rows = objects(value_grid("a", {"x": Totals(calls=1), "y": Totals(calls=3), "w": Totals(calls=1)}))
    assert [row["prop.a"] for row in rows] == ["y", "w", "x"]


def test_what_users_are_sorted_by_is_a_sum():
    assert set(SORTS.values()) <= set(Totals.__struct_fields__)
