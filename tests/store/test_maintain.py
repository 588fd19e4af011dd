"""Copies, compaction and checks of a database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from helicli.errors import DatabaseError, NotFoundError
from helicli.query.reading import opened
from helicli.store import maintain
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs


def quiet(_: float) -> None:
    """No word on progress."""


def seqs(path):
    with opened(path) as db:
        return [row[0] for row in db.execute("SELECT seq FROM calls ORDER BY seq")]


def faults(path):
    with opened(path) as db:
        return maintain.check(db, quiet)


def break_it(path, statement):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = off")
        db.execute(statement)


def test_a_copy_is_one_whole_file_of_the_users_alone(tmp_path):
    source, target = logs.sample(tmp_path / "x.db"), tmp_path / "copy.db"
    assert maintain.backup(source, target, quiet) == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert seqs(target) == [1, 2, 3, 4, 5] and faults(target) == []
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


def test_a_copy_is_one_state_though_somebody_writes_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr(maintain, "PAGES", 1)
    source = logs.sample(tmp_path / "x.db")
    added = iter(range(6, 1000))

    def write(_: float) -> None:
        number = next(added)
        if number < 9:
            logs.write(source, logs.call(number))

    maintain.backup(source, tmp_path / "copy.db", write)
    assert seqs(tmp_path / "copy.db") == [1, 2, 3, 4, 5]
    assert len(seqs(source)) > 5


def test_a_copy_that_cannot_be_made_leaves_what_was_there(tmp_path):
    target = tmp_path / "copy.db"
    target.write_text("old")
    with pytest.raises(NotFoundError):
        maintain.backup(tmp_path / "none.db", target, quiet)
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_a_damaged_log_gives_no_copy(tmp_path):
    source = logs.sample(tmp_path / "x.db")
    with closing(sqlite3.connect(source)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'calls_user'").fetchone()[0]
    raw = bytearray(source.read_bytes())
    raw[(page - 1) * 4096 + 8 : page * 4096] = bytes(4096 - 8)
    source.write_bytes(raw)
    with pytest.raises((DatabaseError, sqlite3.DatabaseError)):
        maintain.backup(source, tmp_path / "copy.db", quiet)
    assert not (tmp_path / "copy.db").exists()
    assert faults(source)[0].startswith("file: ")


def test_vacuum_gives_back_what_was_deleted(tmp_path):
    path = logs.write(tmp_path / "x.db", *(logs.call(n, said=f"{n} " * 2000) for n in range(1, 60)))
    with closing(open_writer(path)) as db:
        db.execute("DELETE FROM bodies")
        db.execute("DELETE FROM parts")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size
    maintain.vacuum(path)
    assert path.stat().st_size < before and len(seqs(path)) == 59


def test_what_the_writer_wrote_is_whole(tmp_path):
    path = talk(logs.sample(tmp_path / "x.db"))
    assert faults(path) == []
    with closing(open_writer(path)) as db:
        db.execute("BEGIN")
        CallWriter(db).release(9)
        db.execute("COMMIT")
    assert faults(path) == []


def talk(path):
    """A conversation that is sent again with each turn."""
    turns = [{"role": "user", "content": f"turn {n} " * 30} for n in range(8)]
    bodies = [json.dumps({"model": "gpt-4o", "messages": turns[: n + 1]}).encode() for n in range(8)]
    return logs.write(path, *(logs.call(n + 10, request=body) for n, body in enumerate(bodies)))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE parts SET uses = uses + 1 WHERE id = 1", "part 1: counted"),
        ("UPDATE chains SET uses = 99 WHERE id = 1", "chain 1: counted 99 times"),
        ("DELETE FROM parts WHERE id = 1", "part 1: is not there"),
        ("UPDATE calls SET user = 9999 WHERE seq = 1", "table calls, row 1: names a row of words that is not there"),
        ("UPDATE bodies SET request = x'01' WHERE seq = 1", "bodies of call 1: cannot be read"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, statement, fault):
    path = talk(logs.sample(tmp_path / "x.db"))
    break_it(path, statement)
    assert any(found.startswith(fault) for found in faults(path))


def test_a_check_says_how_far_it_is_and_holds_nothing_open(tmp_path):
    shares = []
    with opened(logs.sample(tmp_path / "x.db")) as db:
        maintain.check(db, shares.append)
        assert not db.in_transaction
    assert shares == sorted(shares) and shares[-1] == 1.0
