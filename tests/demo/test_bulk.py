"""Large logs: whole, the same each time, and never over somebody's calls."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import pytest

from helicli import paths
from helicli.demo import bulk
from helicli.demo.bulk import DAYS, build
from helicli.engine.lock import Lock
from helicli.errors import DatabaseError
from helicli.filters import Filter, parse
from helicli.grouping import by
from helicli.query.calls import find
from helicli.query.groups import sums, times
from helicli.query.reading import opened
from helicli.query.wire import wire
from helicli.store.cell_mark import mark
from helicli.store.connect import open_reader
from helicli.store.maintain import check
from helicli.store.side_cells import TABLES
from tests.query import logs

CALLS, UNTIL = 9_000, 1_795_269_791_204


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "demo.db"
    shares = []
    build(path, CALLS, 7, UNTIL, shares.append)
    assert shares == sorted(shares)
    return path


def test_nothing_is_wrong_with_it(large):
    with closing(open_reader(large)) as db:
        assert check(db, lambda share: None) == []
        assert db.execute("SELECT count(*), min(seq), max(seq) FROM calls").fetchone() == (CALLS, 1, CALLS)
    assert large.stat().st_mode & 0o777 == 0o600


def test_it_has_what_a_log_has(large):
    with opened(large) as db:
        whole = sums(db, Filter())[()]
        assert whole.calls == CALLS
        assert 0.02 < whole.error_rate < 0.2
        assert 0.05 < whole.hits / CALLS < 0.2
        assert whole.saved_nano > 0
        assert len(sums(db, Filter(), (by("user"),))) > 500
        assert len(sums(db, Filter(), (by("model"),))) == 9
        assert 80 < len(sums(db, Filter(), (by("day"),))) <= DAYS + 1
        names = db.execute("SELECT count(DISTINCT name), count(DISTINCT value) FROM properties").fetchone()
        assert names[0] == 6
        assert names[1] > 150


@pytest.mark.parametrize(
    "text", ["", "user:user-0000", "prop.feature:search", "model:gpt*", "cache:hit", "status:error"]
)
def test_cells_tell_what_rows_do(large, text):
    with opened(large) as db:
        assert mark(db) == 5_000
        chosen = parse(text)
        one, other = sums(db, chosen, (by("model"),)), sums(db, chosen, (by("model"),), rows_only=True)
        assert {key: total.cost_nano for key, total in one.items()} == {
            key: total.cost_nano for key, total in other.items()
        }
        assert times(db, chosen) == times(db, chosen, rows_only=True)


def test_calls_can_be_read_whole(large):
    with opened(large) as db:
        for number in (1, 1500, 2500, CALLS):
            call = find(db, str(number))
            sides = wire(db, call.seq)
            assert call.requested_model.encode() in sides.request.body
            assert len(sides.response.body) == sides.response.size
            assert call.created_at <= call.ended_at <= UNTIL
        assert find(db, "-1").ended_at > UNTIL - 86_400_000


def test_the_same_each_time(large, tmp_path):
    build(tmp_path / "again.db", CALLS, 7, UNTIL, lambda share: None)
    dumps = []
    for path in (large, tmp_path / "again.db"):
        with closing(sqlite3.connect(path)) as db:
            dumps.append(
                [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("calls", "properties", "cells", "parts")]
            )
    assert dumps[0] == dumps[1]


@pytest.mark.parametrize("works", [True, False])
def test_with_a_second_process_it_is_the_same(large, tmp_path, monkeypatch, works):
    monkeypatch.setattr(bulk, "TOGETHER", 1)
    if not works:
        monkeypatch.setattr(sys, "executable", "/bin/false")
    build(tmp_path / "x.db", CALLS, 7, UNTIL, lambda share: None)
    dumps = []
    for path in (large, tmp_path / "x.db"):
        with closing(sqlite3.connect(path)) as db:
            dumps.append([db.execute(f"SELECT * FROM {table}").fetchall() for table in ("calls", *TABLES)])
    assert dumps[0] == dumps[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.db", "x.db.lock"]


def test_a_small_one_is_of_as_many_days(tmp_path):
    build(tmp_path / "x.db", 1_000, 7, UNTIL, lambda share: None)
    with closing(open_reader(tmp_path / "x.db")) as db:
        days, users = db.execute(
            "SELECT count(DISTINCT created_at / 86400000), count(DISTINCT user) FROM calls"
        ).fetchone()
    assert days > DAYS // 2
    assert users > 10


@pytest.mark.parametrize("calls", [1, 40, 2_001])
def test_small_ones_too(tmp_path, calls):
    build(tmp_path / "x.db", calls, 7, UNTIL, lambda share: None)
    with closing(open_reader(tmp_path / "x.db")) as db:
        assert db.execute("SELECT count(*) FROM calls").fetchone() == (calls,)
        assert check(db, lambda share: None) == []


def test_somebodys_calls_are_left_alone(tmp_path):
    path = logs.sample(tmp_path / "x.db")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="holds 5 calls already"):
        build(path, 10, 7, UNTIL, lambda share: None)
    assert path.read_bytes() == before
    lock = Lock.try_take(paths.lock_file(tmp_path / "y.db"))
    with pytest.raises(DatabaseError, match="in use"):
        build(tmp_path / "y.db", 10, 7, UNTIL, lambda share: None)
    lock.release()


def test_what_is_stopped_leaves_nothing(tmp_path):
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "x.db", 5_000, 7, UNTIL, stop)
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.lock"]
