"""The table of stored answers: what goes in, what goes out, and what a restart finds."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from helicli.caching import Clearing, NewEntry, Noted
from helicli.errors import DatabaseError
from helicli.store.cache import CacheReader
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs

ANSWER = b'{"choices":[{"finish_reason":"stop"}]}' * 40


def put(key="k", *, slot=0, seed="s", until=logs.T0 + 10**9):
    return NewEntry(key.encode() * 16, slot, "local", seed, until, "json", "application/json", False, len(ANSWER))


def stored(number, noted=None, answer=ANSWER, **more):
    """A call that stores its answer."""
    call = logs.call(number, **more)
    noted = noted or Noted("miss", put=put(chr(96 + number)))
    return replace(call, noted=noted, answer=answer, words=replace(call.words, cache=noted.word))


def id_of(number):
    return number.to_bytes(2, "big") * 8


@pytest.fixture
def database(tmp_path):
    return tmp_path / "x.db"


@pytest.fixture
def writer(database):
    with closing(open_writer(database)) as connection:
        yield CallWriter(connection)


@pytest.fixture
def reader(database):
    with closing(CacheReader(database)) as reader:
        yield reader


def keys(reader, now=logs.T0):
    return [entry.id for batch in reader.batches(now) for entry in batch][::-1]


def test_what_was_put_is_there_whole(writer, reader):
    writer.write(stored(1))
    [[entry]] = reader.batches(logs.T0)
    assert (entry.id, entry.key, entry.slot, entry.org, entry.seed) == (id_of(1), b"a" * 16, 0, "local", "s")
    assert (entry.stored_at, entry.expires_at) == (logs.T0 + 1240, logs.T0 + 10**9)
    assert (entry.form, entry.content_type, entry.usage_asked, entry.size) == (
        "json",
        "application/json",
        False,
        len(ANSWER),
    )
    assert entry.latency_us == 1_240_000
    assert reader.body(entry.id) == ANSWER


def test_a_hit_says_what_it_saved(writer, database):
    writer.write(stored(1))
    hit = logs.call(2, cache="hit", cost_nano=0, latency_us=300)
    writer.write(replace(hit, noted=Noted("hit", source=id_of(1))))
    with closing(sqlite3.connect(database)) as db:
        row = db.execute("SELECT saved_nano, saved_us, cached_from, cost_nano FROM calls WHERE seq = 2").fetchone()
        assert row == (1_990_000, 1_239_700, 1, 0)
        assert db.execute("SELECT hits, used_at FROM cache").fetchone() == (1, logs.T0 + 1240)


def test_a_hit_on_what_nobody_knows(writer, database):
    writer.write(stored(1, Noted("hit", source=b"?" * 16), answer=None))
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT saved_nano, saved_us, cached_from FROM calls").fetchone() == (None, None, None)


def test_the_least_used_comes_first(writer, reader):
    for number in (1, 2, 3):
        writer.write(stored(number, at=logs.T0 + number))
    writer.write(replace(logs.call(4, at=logs.T0 + 9), noted=Noted("hit", source=id_of(1))))
    assert keys(reader) == [id_of(2), id_of(3), id_of(1)]


def test_evictions_follow_the_put(writer, reader):
    writer.write(stored(1))
    writer.write(stored(2, Noted("miss", None, put("b"), (id_of(1),))))
    assert keys(reader) == [id_of(2)]
    writer.write(stored(3, Noted("miss", None, put("c"), (id_of(3), b"nobody"))))
    assert keys(reader) == [id_of(2)]


def test_a_slot_holds_one(writer, reader):
    for number, slot in ((1, 0), (2, 1), (3, 0)):
        writer.write(stored(number, Noted("miss", put=put("k", slot=slot))))
    assert keys(reader) == [id_of(2), id_of(3)]


def test_what_has_expired_goes_with_the_next_put(writer, reader, database):
    writer.write(stored(1, Noted("miss", put=put("a", until=logs.T0 + 2000))))
    assert keys(reader, logs.T0 + 1999) == [id_of(1)]
    assert keys(reader, logs.T0 + 2000) == []
    writer.write(stored(2, at=logs.T0 + 5000))
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT id FROM cache").fetchall() == [(id_of(2),)]


def test_without_its_bytes_nothing_is_kept(writer, reader):
    writer.write(stored(1))
    writer.write(stored(2, Noted("miss", put=put("a")), answer=None))
    assert keys(reader) == []


def test_what_the_journal_tells_twice_is_written_once(writer, reader):
    writer.write(stored(1))
    writer.write(stored(1))
    assert keys(reader) == [id_of(1)]


@pytest.mark.parametrize(
    ("clearing", "left"),
    [
        (Clearing(), []),
        (Clearing(seed="s"), [3]),
        (Clearing(seed="nobody"), [1, 2, 3]),
        (Clearing(before_ms=logs.T0 + 1242), [2, 3]),
        (Clearing(ids=(id_of(1), id_of(3))), [2]),
        (Clearing(seed="s", ids=(id_of(1), id_of(3))), [2, 3]),
        (Clearing(ids=()), [1, 2, 3]),
    ],
)
def test_clear(writer, reader, clearing, left):
    writer.write(stored(1, at=logs.T0 + 1))
    writer.write(stored(2, at=logs.T0 + 2))
    writer.write(stored(3, Noted("miss", put=put("c", seed="t")), at=logs.T0 + 3))
    assert writer.clear_cache(clearing) == 3 - len(left)
    assert keys(reader) == [id_of(number) for number in left]


def test_a_call_that_goes_takes_its_answer_with_it(writer, reader, database):
    writer.write(stored(1))
    with closing(open_writer(database)) as db:
        db.execute("DELETE FROM bodies")
        db.execute("DELETE FROM calls")
    assert keys(reader) == [] and reader.body(id_of(1)) is None


def test_what_cannot_be_read(reader, database):
    assert (list(reader.batches(0)), reader.body(b"x"), reader.high()) == ([], None, (0, 0, 0))
    database.write_bytes(b"no database" * 1000)
    assert reader.body(b"x") is None
    for read in (reader.high, lambda: list(reader.batches(0))):
        with pytest.raises(DatabaseError, match="cannot read"):
            read()
    database.unlink()
    with closing(open_writer(database)) as db:
        CallWriter(db).write(stored(1))
    assert keys(reader) == [id_of(1)]


def test_a_database_that_is_replaced_is_read_anew(writer, reader, database):
    """SQLite would go on reading the file that was deleted, and nothing new would ever be found there."""
    writer.write(stored(1))
    assert reader.body(id_of(1)) == ANSWER
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    assert reader.body(id_of(1)) is None
    with closing(open_writer(database)) as db:
        CallWriter(db).write(stored(2))
    assert (reader.body(id_of(1)), reader.body(id_of(2))) == (None, ANSWER)
