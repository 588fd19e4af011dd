"""Charges: added up by the part of a window, live until they end, gone a day later."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from helicli.call import Charge
from helicli.store import charges
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query.logs import T0, call

DAY = 86_400_000


@pytest.fixture
def db(tmp_path):
    connection = open_writer(tmp_path / "db")
    connection.execute("INSERT INTO words (id, word) VALUES (1, '10;w=60;s=user'), (2, 'ada'), (3, '')")
    yield connection
    connection.close()


def test_charges_are_added_up(db):
    for segment, word in ((2, "ada"), (3, ""), (2, "ada")):
        charges.add(db, 1, segment, Charge("10;w=60;s=user", word, 2, 1000, 61_000))
    charges.add(db, 1, 2, Charge("10;w=60;s=user", "ada", 1, 2000, 62_000))
    charges.add(db, 1, 2, Charge("10;w=60;s=user", "ada", 0, 3000, 63_000))
    found = sorted(charges.live(db, 0), key=lambda each: (each.segment, each.at))
    assert [(each.segment, each.at, each.amount) for each in found] == [
        ("", 1000, 2),
        ("ada", 1000, 4),
        ("ada", 2000, 1),
    ]
    assert {each.policy for each in found} == {"10;w=60;s=user"}


def test_what_has_ended_is_not_live_and_goes(db):
    charges.add(db, 1, 2, Charge("10;w=60;s=user", "ada", 1, 1000, 61_000))
    assert list(charges.live(db, 61_000)) == [] and len(list(charges.live(db, 60_999))) == 1
    charges.prune(db, 61_000 + DAY)
    assert len(list(charges.live(db, 0))) == 1
    charges.prune(db, 61_001 + DAY)
    assert list(charges.live(db, 0)) == []


def test_what_has_ended_goes_with_the_calls_that_come(db):
    writer = CallWriter(db)

    def write(number, at):
        charge = Charge("10;w=60;s=user", "ada", 1, at, at + 60_000)
        writer.write(replace(call(number, at=at), charges=(charge,)))
        return [each.at for each in charges.live(db, 0)]

    assert write(1, T0) == [T0]
    assert write(2, T0 + 1000) == [T0, T0 + 1000]
    assert write(3, T0 + DAY + 120_000) == [T0 + DAY + 120_000]
    assert write(4, T0 - DAY) == [T0 - DAY, T0 + DAY + 120_000], "a clock that is set back deletes nothing"
