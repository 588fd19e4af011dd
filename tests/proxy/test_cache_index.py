"""The index of the cache: its bounds one by one, and any course of events against a plain reference."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from helicli.caching import Clearing, Entry
from helicli.proxy import cache_index
from helicli.proxy.cache_index import Index
from tests.proxy.cache_reference import Reference


def b(name):
    """Bytes of the length that ids and keys have; the keys all point to one place, and are in each other's way."""
    return name.encode().rjust(16, b"-")


def entry(name, key="k", *, slot=0, seed="s", at=0, until=1000, size=1):
    return Entry(b(name), b(key), slot, "local", seed, at, until, "json", "x", False, size, 5)


def clear(index, clearing):
    return [each for step in index.clear(clearing) for each in step]


def find(index, key="k", now=0, variants=None, max_age=None):
    found = index.find(b(key), now, variants=variants, max_age_ms=max_age)
    return found and found.id.decode().lstrip("-")


def test_what_was_put_is_found():
    index = Index(10, 100)
    assert find(index) is None
    assert index.put(entry("a"), 0, None) == ()
    assert (find(index), find(index, "other"), len(index), index.bytes) == ("a", None, 1, 1)


def test_a_bucket_of_two_lets_the_least_recently_used_go():
    index = Index(10, 100)
    index.put(entry("a", "1"), 0, 2)
    index.put(entry("b", "2"), 0, 2)
    assert find(index, "1") == "a"
    assert index.put(entry("c", "3"), 0, 2) == (b("b"),)
    assert [find(index, key) for key in "123"] == ["a", None, "c"]


def test_buckets_do_not_count_one_another():
    index = Index(10, 100)
    index.put(entry("a", "1", seed="red"), 0, 1)
    assert index.put(entry("b", "2", seed="blue"), 0, 1) == ()
    assert index.put(entry("c", "3", seed="blue"), 0, 1) == (b("b"),)
    assert find(index, "1") == "a"


def test_the_size_counts_when_a_call_stores():
    index = Index(10, 100)
    for name in "abc":
        index.put(entry(name, name), 0, None)
    assert [find(index, name) for name in "abc"] == ["a", "b", "c"]
    assert index.put(entry("d", "d"), 0, 2) == (b("a"), b("b"))


def test_an_answer_lives_until_it_expires():
    index = Index(10, 100)
    index.put(entry("a", at=100, until=1100), 100, None)
    assert find(index, now=1099) == "a"
    assert find(index, now=1100) is None


def test_a_clock_that_is_set_back_makes_no_answer_live_for_years():
    index = Index(10, 100)
    index.put(entry("a", at=1000, until=1100), 1000, None)
    assert [find(index, now=now) for now in (899, 900, 901, 1099)] == [None, None, "a", "a"]
    assert [find(index, now=now, max_age=10) for now in (990, 991, 1009, 1010)] == [None, "a", "a", None]
    assert [index.free_slot(b("k"), now, 2) for now in (900, 901)] == [0, 1]


def test_a_reader_may_want_it_younger():
    index = Index(10, 100)
    index.put(entry("a", at=100, until=1100), 100, None)
    assert find(index, now=149, max_age=50) == "a"
    assert find(index, now=150, max_age=50) is None


def test_a_new_answer_takes_the_place_of_the_old():
    index = Index(10, 100)
    index.put(entry("a"), 0, None)
    assert index.put(entry("b"), 0, None) == (b("a"),)
    assert (find(index), len(index)) == ("b", 1)


def test_variants_are_served_once_all_are_there():
    chosen = [1, 0]
    index = Index(10, 100, lambda count: chosen.pop(0))
    assert index.free_slot(b("k"), 0, 2) == 0
    index.put(entry("a", slot=0), 0, None)
    assert find(index, variants=2) is None
    assert index.free_slot(b("k"), 0, 2) == 1
    index.put(entry("b", slot=1, at=5), 5, None)
    assert [find(index, variants=2), find(index, variants=2)] == ["b", "a"]
    assert index.free_slot(b("k"), 0, 2) == 0
    assert index.free_slot(b("k"), 0, 3) == 2


def test_the_bounds_of_all():
    by_count, by_bytes = Index(2, 100), Index(100, 10)
    for index in (by_count, by_bytes):
        index.put(entry("a", "1", size=5), 0, None)
        index.put(entry("b", "2", size=5, seed="t"), 0, None)
        assert index.put(entry("c", "3", size=5), 0, None) == (b("a"),)
    assert by_bytes.bytes == 10
    assert by_bytes.put(entry("huge", "4", size=11), 0, None) == (b("b"), b("c"), b("huge"))
    assert (len(by_bytes), by_bytes.bytes) == (0, 0)


def test_what_has_expired_goes_before_what_has_not():
    index = Index(2, 100)
    index.put(entry("old", "1", until=10**6), 0, None)
    index.put(entry("dead", "2", until=10), 0, None)
    assert index.put(entry("new", "3", until=10**6), 70_000, None) == (b("dead"),)


def test_clear_takes_what_the_terms_say():
    index = Index(10, 100)
    index.put(entry("a", "1", seed="red"), 0, None)
    index.put(entry("b", "2", seed="blue"), 0, None)
    index.put(entry("c", "3", seed="blue", at=9), 0, None)
    assert clear(index, Clearing(seed="blue", before_ms=9)) == [b("b")]
    assert clear(index, Clearing(ids=(b("c"), b("nobody")))) == [b("c")]
    assert clear(index, Clearing()) == [b("a")]
    assert len(index) == 0


def test_a_bound_that_is_new_is_reached_in_steps(monkeypatch):
    """A pause that is felt, and a record of megabytes, where a bound meets a hundred thousand entries."""
    monkeypatch.setattr(cache_index, "_STEP", 2)
    index = Index(3, 100)
    index.restore([entry(name, name) for name in "hgfedcba"], 0)
    assert len(index.put(entry("i", "i"), 0, None)) == 2
    assert len(index.put(entry("j", "j"), 0, 1)) == 4
    while len(index) > 1:
        assert 0 < len(index.put(entry("j", "j"), 0, 1)) <= 5
    assert find(index, "j") == "j"


def test_a_clearing_in_steps_leaves_what_is_stored_meanwhile(monkeypatch):
    monkeypatch.setattr(cache_index, "_STEP", 2)
    index = Index(10, 100)
    for name in "abcd":
        index.put(entry(name, name, at=5), 5, None)
    steps = index.clear(Clearing(seed="s"))
    assert next(steps) == [b("a"), b("b")]
    index.drop(entry("c", "c"))
    index.put(entry("x", "x", at=5), 5, None)
    assert list(steps) == [[b("d")]]
    assert [each.id for each in index.entries()] == [b("x")]
    steps = index.clear(Clearing(seed="s"))
    assert next(steps) == []
    assert clear(index, Clearing()) == [b("x")]
    for name in "tuvw":
        index.put(entry(name, name, at=5), 5, None)
    assert [each for step in steps for each in step] == []


def test_what_comes_back_is_less_used_than_what_is_here():
    index = Index(3, 100)
    index.put(entry("here", "1"), 0, None)
    index.restore([entry("late", "4", until=5), entry("mine", "1"), entry("b", "3"), entry("a", "2")], 10)
    assert len(index) == 3 and find(index, "1") == "here"
    assert index.put(entry("x", "5"), 0, None) == (b("a"),)
    assert index.put(entry("y", "6"), 0, 1) == (b("b"), b("here"), b("x"))


KEYS = st.sampled_from(["k1", "k2", "k3", "k4"])
"""A key belongs to one seed, as it does in life: the seed is part of it."""
VARIANTS = st.sampled_from([None, None, 1, 2, 3])


class Courses(RuleBasedStateMachine):
    """Any course of calls: the index serves, stores and lets go what the reference does."""

    def __init__(self):
        super().__init__()
        self.now = 1000
        self.count = 0
        self.choice = 0
        self.index = Index(4, 12, lambda count: self.choice % count)
        self.reference = Reference(4, 12)
        # Far from a sweep, which the reference does not have.
        self.index._swept_at = 1 << 60

    @rule(milliseconds=st.integers(-60, 60))
    def time_passes(self, milliseconds):
        self.now += milliseconds

    @rule(key=KEYS, variants=VARIANTS, max_age=st.sampled_from([None, None, 1, 40]), choice=st.integers(0, 5))
    def look(self, key, variants, max_age, choice):
        self.choice = choice
        found = self.index.find(b(key), self.now, variants=variants, max_age_ms=max_age)
        may = self.reference.find(key, self.now, variants, max_age)
        assert (found is not None) == bool(may)
        if found is not None:
            assert found.id.decode().lstrip("-") in may
            self.reference.used(found.id.decode().lstrip("-"))

    @rule(
        key=KEYS,
        variants=VARIANTS,
        life=st.integers(1, 100),
        size=st.sampled_from([1, 2, 5, 13]),
        bucket_max=st.sampled_from([None, None, 1, 2]),
    )
    def store(self, key, variants, life, size, bucket_max):
        self.count += 1
        name, seed = f"e{self.count}", "red" if key in ("k1", "k2") else "blue"
        slot = self.index.free_slot(b(key), self.now, variants)
        assert slot == self.reference.slot(key, self.now, variants)
        new = entry(name, key, slot=slot, seed=seed, at=self.now, until=self.now + life, size=size)
        gone = self.index.put(new, self.now, bucket_max)
        row = {"id": name, "key": key, "slot": slot, "seed": seed, "size": size}
        before = self.reference.put(row | {"stored_at": self.now, "expires_at": self.now + life}, self.now, bucket_max)
        while self.reference.over():
            self.reference.rows.pop(0)
        assert {each.decode().lstrip("-") for each in gone} == before - {row["id"] for row in self.reference.rows}
        assert len(set(gone)) == len(gone)

    @precondition(lambda self: self.reference.rows)
    @rule(data=st.data())
    def lose(self, data):
        row = data.draw(st.sampled_from(self.reference.rows))
        [lost] = [each for each in self.index.entries() if each.id.decode().lstrip("-") == row["id"]]
        assert self.index.drop(lost)
        assert not self.index.drop(lost)
        self.reference.rows.remove(row)

    @rule(seed=st.sampled_from([None, "red", "blue"]), age=st.sampled_from([None, 0, 30]))
    def clear(self, seed, age):
        before = None if age is None else self.now - age
        gone = clear(self.index, Clearing(seed, before))
        rows = self.reference.rows
        left = [
            row
            for row in rows
            if (seed is not None and row["seed"] != seed) or (before is not None and row["stored_at"] >= before)
        ]
        assert {each.decode().lstrip("-") for each in gone} == {row["id"] for row in rows} - {row["id"] for row in left}
        self.reference.rows = left

    @rule()
    def live_again(self):
        """A restart: what there was comes back, in its order."""
        entries = self.index.entries()
        self.index = Index(4, 12, lambda count: self.choice % count)
        self.index._swept_at = 1 << 60
        self.index.restore(reversed(entries), self.now)
        self.reference.rows = [row for row in self.reference.rows if row["expires_at"] > self.now]

    @invariant()
    def same_entries_in_the_same_order(self):
        assert [each.id.decode().lstrip("-") for each in self.index.entries()] == [
            row["id"] for row in self.reference.rows
        ]
        assert self.index.bytes == sum(row["size"] for row in self.reference.rows)
        for seed in ("red", "blue"):
            mine = [row["id"] for row in self.reference.rows if row["seed"] == seed]
            assert [each.id.decode().lstrip("-") for each in self.index.bucket("local", seed)] == mine


TestCourses = Courses.TestCase
TestCourses.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_what_has_expired_goes_in_steps(monkeypatch):
    monkeypatch.setattr(cache_index, "_SWEEP_MOST", 2)
    index = Index(4, 100)
    for name in "abcd":
        index.put(entry(name, name, until=10 if name in "bcd" else 10**6), 0, None)
    assert set(index.put(entry("e", "e", until=10**6), 70_000, None)) == {b("b"), b("c")}
    index.put(entry("f", "f", until=10**6), 70_000, None)
    assert index.put(entry("g", "g", until=10**6), 70_000, None) == (b("d"),)
