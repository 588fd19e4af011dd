"""Rows without the columns that hold nothing."""

from __future__ import annotations

import sqlite3

import pytest

from helicli.store import inserting
from helicli.store.inserting import Insert


@pytest.fixture
def db():
    opened = sqlite3.connect(":memory:")
    opened.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT, d INTEGER)")
    yield opened
    opened.close()


def test_what_is_not_there_is_null(db):
    insert = Insert("t", ("a", "b", "c", "d"), "ON CONFLICT (a) DO NOTHING")
    rows = [(1, None, "one", None), (2, bytearray(b"two"), None, 0), (3, None, None, None), (4, None, "", 9)]
    assert [insert.run(db, row).lastrowid for row in rows] == [1, 2, 3, 4]
    assert insert.run(db, (1, None, "again", None)).rowcount == 0
    assert db.execute("SELECT * FROM t").fetchall() == [
        (1, None, "one", None),
        (2, b"two", None, 0),
        (3, None, None, None),
        (4, None, "", 9),
    ]
    assert [kind for (kind,) in db.execute("SELECT typeof(b) FROM t")] == ["null", "blob", "null", "null"]


def test_only_so_many_statements_are_kept(db, monkeypatch):
    monkeypatch.setattr(inserting, "_KEPT", 2)
    insert = Insert("t", ("a", "b", "c", "d"))
    for row in ((1, None, "x", None), (2, None, None, 2), (3, None, "x", 2), (4, None, "x", None)):
        insert.run(db, row)
    assert db.execute("SELECT a, c, d FROM t").fetchall() == [(1, "x", None), (2, None, 2), (3, "x", 2), (4, "x", None)]
