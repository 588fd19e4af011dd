"""Connections to the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.errors import DatabaseError, NotFoundError
from helicli.store.connect import open_reader, open_writer
from helicli.store.migrations import SCHEMA_VERSION


def _pragma(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_file_is_private_and_set_up(tmp_path):
    path = tmp_path / "odd #%? name.db"
    writer = open_writer(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert _pragma(writer, "user_version") == SCHEMA_VERSION
    assert _pragma(writer, "journal_mode") == "wal"
    assert _pragma(writer, "auto_vacuum") == 2
    assert _pragma(writer, "foreign_keys") == 1
    assert _pragma(writer, "secure_delete") == 1
    reader = open_reader(path)
    assert reader.execute("SELECT count(*) FROM requests").fetchone() == (0,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM calls")
    reader.close()
    writer.close()


def test_opening_again_changes_nothing(tmp_path):
    open_writer(tmp_path / "db").close()
    before = (tmp_path / "db").read_bytes()
    open_writer(tmp_path / "db").close()
    assert (tmp_path / "db").read_bytes() == before


def test_no_database(tmp_path):
    with pytest.raises(NotFoundError, match="no database at") as caught:
        open_reader(tmp_path / "db")
    assert "helicli serve" in caught.value.fix
    assert not (tmp_path / "db").exists()


def test_an_empty_database(tmp_path):
    (tmp_path / "db").touch()
    with pytest.raises(NotFoundError, match="no calls"):
        open_reader(tmp_path / "db")


def test_another_programs_file(tmp_path):
    (tmp_path / "db").write_bytes(b"something else" * 99)
    with pytest.raises(DatabaseError, match="cannot read") as caught:
        open_reader(tmp_path / "db")
    assert caught.value.cause
    with pytest.raises(sqlite3.DatabaseError):
        open_writer(tmp_path / "db")
    assert (tmp_path / "db").read_bytes() == b"something else" * 99


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_file_of_a_newer_helicli(tmp_path, opener):
    writer = open_writer(tmp_path / "db")
    writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    writer.close()
    with pytest.raises(DatabaseError, match="newer helicli") as caught:
        opener(tmp_path / "db")
    assert "pip install -U" in caught.value.fix


def test_what_a_killed_writer_left_half_done_is_set_right(tmp_path):
    """A file with a hot rollback journal, as a recorder leaves it that is killed while it makes the tables."""
    path, left = tmp_path / "x.db", tmp_path / "left.db"
    with closing(open_writer(path)) as writer:
        writer.execute("INSERT INTO words (word) VALUES ('kept')")
        writer.execute("PRAGMA journal_mode = delete")
        writer.execute("PRAGMA cache_size = 5")
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany("INSERT INTO words (word) VALUES (?)", [(f"{n:0200}",) for n in range(2000)])
        for suffix in ("", "-journal"):
            (tmp_path / f"left.db{suffix}").write_bytes((tmp_path / f"x.db{suffix}").read_bytes())
        writer.execute("ROLLBACK")
    with closing(open_reader(left)) as reader:
        assert reader.execute("SELECT word FROM words").fetchall() == [("kept",)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM words")
