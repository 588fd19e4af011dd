"""Parts stored once, the lists made of them, and their counts."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.store import parts as module
from helicli.store.connect import open_writer
from helicli.store.parts import Parts, chain_of, part_of


@pytest.fixture
def db(tmp_path):
    opened = open_writer(tmp_path / "db")
    yield opened
    opened.close()


def memory():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE parts (id INTEGER PRIMARY KEY, hash BLOB UNIQUE, size INT, uses INT, data BLOB)")
    db.execute("CREATE TABLE chains (id INTEGER PRIMARY KEY, parent INT, part INT, uses INT, UNIQUE (parent, part))")
    return db


def same(text):
    return text


def count(db, table):
    return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def check_counts(db, chains, parts):
    """Every count is what a look at all that needs it says."""
    wanted = {}
    for (node,) in db.execute("SELECT parent FROM chains WHERE parent > 0"):
        wanted[node] = wanted.get(node, 0) + 1
    for node in chains:
        wanted[node] = wanted.get(node, 0) + 1
    assert dict(db.execute("SELECT id, uses FROM chains")) == wanted
    wanted = {}
    for part in [*parts, *(row[0] for row in db.execute("SELECT part FROM chains"))]:
        wanted[part] = wanted.get(part, 0) + 1
    assert dict(db.execute("SELECT id, uses FROM parts")) == wanted


def test_a_part_stands_once(db):
    parts = Parts(db, lambda text: b"packed " + text)
    first = parts.use(b"one")
    assert parts.use(b"one") == first
    assert Parts(db, same).use(b"one") == first
    assert part_of(db, first) == b"packed one"
    assert db.execute("SELECT size, uses FROM parts").fetchall() == [(3, 3)]


def test_a_list_that_grows_costs_one_row_a_turn(db):
    parts = Parts(db, same)
    texts = [b"%d" % n for n in range(30)]
    chains = [parts.use_chain(texts[:n]) for n in range(1, 31)]
    assert (count(db, "chains"), count(db, "parts")) == (30, 30)
    assert [chain_of(db, chain) for chain in chains] == [texts[:n] for n in range(1, 31)]
    check_counts(db, chains, [])
    assert parts.use_chain(texts[:5]) == chains[4]
    assert Parts(db, same).use_chain(texts) == chains[-1]


def test_lists_that_part_ways_share_their_beginning(db):
    parts = Parts(db, same)
    chains = [parts.use_chain([b"a", b"b", end, b"z"]) for end in (b"c", b"d", b"a")]
    assert count(db, "chains") == 2 + 2 * 3
    check_counts(db, chains, [])


def test_a_text_becomes_a_part_when_it_is_met_again(db):
    parts = Parts(db, same)
    assert parts.use_if_sighted(b"literal") is None
    assert count(db, "parts") == 0
    part = parts.use_if_sighted(b"literal")
    assert parts.use_if_sighted(b"literal") == part
    assert Parts(db, same).use_if_sighted(b"literal") == part
    check_counts(db, [], [part] * 3)


def test_what_nobody_needs_goes(db):
    parts = Parts(db, same)
    short, long = parts.use_chain([b"a", b"b"]), parts.use_chain([b"a", b"b", b"c", b"a"])
    named = parts.use(b"c")
    parts.release_chain(long)
    assert chain_of(db, short) == [b"a", b"b"]
    assert count(db, "chains") == 2
    parts.release_chain(short)
    assert (count(db, "chains"), count(db, "parts")) == (0, 1)
    parts.release(named)
    assert count(db, "parts") == 0
    parts.release(named)
    parts.release_chain(short)


def test_what_is_missing_is_said(db):
    parts = Parts(db, same)
    chain = parts.use_chain([b"a", b"b", b"c"])
    db.execute("DELETE FROM chains WHERE parent = 0")
    for node in (chain, 4711):
        with pytest.raises(sqlite3.DatabaseError, match="missing"):
            chain_of(db, node)
    with pytest.raises(sqlite3.DatabaseError, match="missing"):
        part_of(db, 4711)
    other = parts.use_chain([b"x", b"y"])
    db.execute("DELETE FROM parts WHERE data = x'78'")
    with pytest.raises(sqlite3.DatabaseError, match="missing"):
        chain_of(db, other)


def test_a_transaction_that_was_undone(db):
    parts = Parts(db, same)
    db.execute("BEGIN")
    parts.use_chain([b"a", b"b"])
    parts.use(b"c")
    db.execute("ROLLBACK")
    parts.forget()
    chain, part = parts.use_chain([b"a", b"b", b"c"]), parts.use(b"c")
    assert chain_of(db, chain) == [b"a", b"b", b"c"]
    check_counts(db, [chain], [part])


def test_what_is_remembered_is_bounded(db, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 5)
    parts = Parts(db, same)
    chains = [parts.use_chain([b"%d" % (n * m % 17) for n in range(12)]) for m in range(9)]
    for number in range(20):
        parts.use_if_sighted(b"s%d" % number)
    assert max(len(parts._parts), len(parts._nodes), len(parts._sighted)) <= 5
    check_counts(db, chains, [])


letters = st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=1, max_size=5)


@given(st.lists(letters | st.integers(0, 20), max_size=30))
def test_counts_are_right_whatever_comes_and_goes(steps):
    """A list of letters is used; a number releases the chain used so many steps ago."""
    db = memory()
    parts = Parts(db, same)
    held = []
    for step in steps:
        if isinstance(step, list):
            held.append((parts.use_chain(step), step))
        elif held:
            parts.release_chain(held.pop(step % len(held))[0])
            parts.forget()
        assert [chain_of(db, chain) for chain, _ in held] == [texts for _, texts in held]
        check_counts(db, [chain for chain, _ in held], [])
    for chain, _ in held:
        parts.release_chain(chain)
    assert (count(db, "chains"), count(db, "parts")) == (0, 0)
    db.close()


def test_counts_of_what_was_gathered_are_those_of_what_was_not(db):
    texts = [b"%d" % number for number in range(6)]
    parts = Parts(db, same)
    with parts.gathering():
        chains = [parts.use_chain(texts[: 1 + number % 5]) for number in range(12)]
        named = [parts.use(texts[number % 6]) for number in range(9)]
    check_counts(db, chains, named)
    chains.append(parts.use_chain(texts))
    check_counts(db, chains, named)


def test_what_failed_is_not_counted_later(db):
    parts = Parts(db, same)
    part = parts.use(b"one")
    with pytest.raises(ValueError), parts.gathering():
        parts.use(b"one")
        raise ValueError
    parts.use(b"one")
    assert db.execute("SELECT uses FROM parts WHERE id = ?", (part,)).fetchone() == (2,)
