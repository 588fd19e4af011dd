"""The rows of the cache: what is put in comes out as it was, and nothing is left of what has gone."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from helicli.caching import Entry
from helicli.proxy.cache_table import Table

FAR = st.integers(0, 2**53)


def entry(number, key=None, slot=0, **more):
    told = {"org": "local", "seed": "s", "stored_at": 1, "expires_at": 9, "form": "json", "content_type": "x"}
    told |= {"usage_asked": False, "size": 3, "latency_us": 4} | more
    return Entry(id=number.to_bytes(16, "big"), key=key or number.to_bytes(16, "little"), slot=slot, **told)


@given(
    st.builds(
        Entry,
        id=st.binary(min_size=16, max_size=16),
        key=st.binary(min_size=16, max_size=16),
        slot=st.integers(0, 2**32 - 1),
        org=st.text(),
        seed=st.text(),
        stored_at=FAR,
        expires_at=FAR,
        form=st.sampled_from(["json", "events", "array"]),
        content_type=st.text(),
        usage_asked=st.booleans(),
        size=st.integers(0, 2**32 - 1),
        latency_us=st.integers(0, 2**32 - 1),
    )
)
def test_an_entry_comes_out_as_it_went_in(whole):
    table = Table(4)
    table.add(whole)
    row = table.find(whole.key, whole.slot)
    assert table.entry(row) == whole and table.id(row) == whole.id
    assert not table.find(whole.key, (whole.slot + 1) % 2**32)
    assert table.remove(row) == whole.size


def test_a_latency_of_more_than_an_hour_is_told_as_such():
    table = Table(4)
    table.add(entry(1, latency_us=2**40))
    assert table.entry(table.find(entry(1).key, 0)).latency_us == 2**32 - 1


@pytest.mark.parametrize("count", [1, 5, 1000])
def test_it_holds_more_than_it_was_made_for(count):
    table = Table(3)
    for number in range(count):
        table.add(entry(number, seed=str(number % 7)))
    assert [table.entry(row).id for row in table.rows()] == [entry(number).id for number in range(count)]
    assert all(table.entry(table.find(entry(number).key, 0)).id == entry(number).id for number in range(count))
    assert sum(table.count("local", str(seed)) for seed in range(7)) == len(table) == count


def test_keys_that_point_to_one_place_are_told_apart_whichever_goes_first():
    keys = [bytes(8) + bytes((number,)) * 8 for number in range(4)]
    for gone in range(4):
        table = Table(8)
        for number, key in enumerate(keys):
            table.add(entry(number, key, slot=number % 2))
        table.remove(table.find(keys[gone], gone % 2))
        found = [number for number, key in enumerate(keys) if table.find(key, number % 2)]
        assert found == [number for number in range(4) if number != gone]


def test_nothing_is_left_of_what_has_gone():
    table = Table(1000)
    for _ in range(3):
        for number in range(100):
            table.add(entry(number, seed=str(number), content_type=str(number)))
        for number in range(100):
            table.remove(table.find(entry(number).key, 0))
    assert len(table) == 0 and not any(table._slots)
    assert not (table._buckets._values or table._shapes._values)
    assert len(table._expires) == 101


def test_what_has_expired():
    table = Table(10)
    for number in range(6):
        table.add(entry(number, expires_at=number + 1))
    table.remove(table.find(entry(0).key, 0))
    assert [table.entry(row).expires_at for row in table.expired(4, 10)] == [2, 3, 4]
    assert len(table.expired(4, 2)) == 2
