"""Lists of users and properties."""

from __future__ import annotations

from msgspec.structs import replace

from helicli.filters import Filter, parse
from helicli.query.labels import properties, property_names, property_sums, user_sums, users
from helicli.query.reading import opened
from tests.query import logs


def test_users_and_what_they_called(log):
    found = user_sums(log, Filter())
    assert {name: total.calls for name, total in found.items()} == {"ada": 3, "linus": 1}
    ada, linus = users(log, Filter(), found, ["ada", "linus"])
    assert (ada.top_model, ada.total.errors) == ("gpt-4o", 1)
    assert ada.total.last_at == logs.T0 + 180_000
    assert abs(linus.times.latency(95) - 1_240_000) < 12_400


def test_the_model_of_a_user_is_that_of_the_window(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        *(logs.call(n, user="ada", requested_model="old") for n in (1, 2)),
        *(logs.call(n, user="ada", requested_model="new", at=logs.T0 + 5000) for n in (3, 4, 5)),
    )
    with opened(path) as db:
        early = Filter(until_ms=logs.T0 + 1)
        assert users(db, early, user_sums(db, early), ["ada"])[0].top_model == "old"
        assert users(db, Filter(), user_sums(db, Filter()), ["ada"])[0].top_model == "new"


def test_the_model_of_a_fallback_is_that_which_answered(tmp_path):
    fell = {"requested_model": "gpt-4o", "model": "gpt-4o-mini-2024-07-18", "fallback_index": 1}
    path = logs.write(tmp_path / "x.db", *(logs.call(n, user="ada", **fell) for n in (1, 2)), logs.call(3, user="ada"))
    with opened(path) as db:
        assert users(db, Filter(), user_sums(db, Filter()), ["ada"])[0].top_model == "gpt-4o-mini"


def test_properties_and_their_values(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        *(logs.call(n, properties={"a": f"v{n % 2}", **({"b": "x"} if n == 3 else {})}) for n in range(1, 6)),
        logs.call(6),
    )
    with opened(path) as db:
        assert property_names(db) == ["a", "b"]
        told = [(each.name, each.values, each.calls, each.examples) for each in properties(db, Filter())]
        assert told == [("a", 2, 5, ("v1", "v0")), ("b", 1, 1, ("x",))]
        assert [each.name for each in properties(db, replace(parse("prop.b:x"), since_ms=1))] == ["a", "b"]
        assert properties(db, parse("user:nobody")) == []
        assert {value: total.calls for value, total in property_sums(db, Filter(), "A").items()} == {"v0": 2, "v1": 3}


def test_a_log_without_properties(tmp_path):
    with opened(logs.write(tmp_path / "x.db", logs.call(1))) as db:
        assert property_names(db) == []
