"""Rates, written once and read back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from helicli.rates import CONFIG, Rate, make_tier
from helicli.store.connect import open_writer
from helicli.store.rates import RateWriter, load, tier_of

LOW = make_tier(-1, {"input": 2_500, "output": 10_000, "input_audio": 7})
HIGH = make_tier(200_000, {"input": 5_000, "output": 15_000, "request": 3})
OLD = Rate("openai", "gpt-4o", "list 1", (LOW, HIGH), valid_until=1000, context_window=128_000)
NEW = Rate("openai", "gpt-4o", "list 1", (LOW,), valid_from=1000, day_from=5, day_until=50)
FLEX = Rate("openai", "gpt-4o", "list 1", (HIGH,), mode="flex")
RATES = (OLD, NEW, FLEX)


@pytest.fixture
def db(tmp_path):
    opened = open_writer(tmp_path / "db")
    yield opened
    opened.close()


def count(db):
    return db.execute("SELECT count(*) FROM rates").fetchone()[0]


def test_they_come_back_as_they_went(db):
    writer = RateWriter(db)
    kept = writer.keep(OLD, HIGH, RATES)
    assert load(db) == {("openai", "gpt-4o"): RATES}
    assert tier_of(db, kept) == HIGH
    assert (count(db), writer.last_id) == (4, 4)


def test_a_row_is_written_once(db):
    first = RateWriter(db)
    ids = [first.keep(rate, tier, RATES) for rate in RATES for tier in rate.tiers]
    first.forget()
    again = RateWriter(db)
    assert again.last_id == 4
    assert [writer.keep(r, t, RATES) for writer in (first, again) for r in RATES for t in r.tiers] == ids * 2
    assert (len(set(ids)), count(db)) == (4, 4)


def test_another_version_is_other_rows(db):
    writer = RateWriter(db)
    before = writer.keep(FLEX, HIGH, RATES)
    newer = replace(FLEX, source="list 2")
    after = writer.keep(newer, HIGH, (newer,))
    assert before != after
    assert tier_of(db, before) == HIGH
    assert load(db) == {("openai", "gpt-4o"): (newer,)}


def test_a_users_prices_are_kept_and_not_loaded(db):
    writer = RateWriter(db)
    mine = Rate("openai", "gpt-4o", CONFIG, (LOW,))
    kept = writer.keep(mine, LOW, (mine,))
    assert tier_of(db, kept) == LOW
    assert load(db) == {}
    dearer = replace(mine, tiers=(make_tier(-1, {"input": 9}),))
    assert writer.keep(dearer, dearer.tiers[0], (dearer,)) != kept


def test_what_was_undone_is_written_again(db):
    writer = RateWriter(db)
    db.execute("BEGIN")
    writer.keep(OLD, LOW, RATES)
    writer.forget()
    db.execute("ROLLBACK")
    kept = writer.keep(OLD, LOW, RATES)
    assert tier_of(db, kept) == LOW
    assert count(db) == 4


def test_what_is_remembered_is_bounded(db, monkeypatch):
    monkeypatch.setattr("helicli.store.rates._KEPT", 3)
    writer = RateWriter(db)
    for at in range(20):
        rate = replace(FLEX, model=f"m{at}")
        assert tier_of(db, writer.keep(rate, HIGH, (rate,))) == HIGH
    assert len(writer._ids) <= 3


def test_no_row_no_tier(db):
    assert tier_of(db, 7) is None
