"""The schema, step by step."""

from __future__ import annotations

import sqlite3

import pytest

from helicli.store import migrations
from helicli.store.calls import Plain, Words
from helicli.store.connect import open_writer


def _tables(path):
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}
    connection.close()
    return found


def test_every_column_that_is_written_is_there(tmp_path):
    connection = open_writer(tmp_path / "db")
    columns = {row[1] for row in connection.execute("PRAGMA table_info(calls)")}
    connection.close()
    assert set(Plain.__struct_fields__) | set(Words.__struct_fields__) <= columns
    assert {
        "calls",
        "words",
        "bodies",
        "parts",
        "chains",
        "dictionaries",
        "properties",
        "rates",
        "journal_position",
        "requests",
    } <= _tables(tmp_path / "db")


def test_a_step_that_fails_leaves_nothing(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_CALLS", migrations._CALLS + ";\nCREATE TABLE calls (x)")
        with pytest.raises(sqlite3.OperationalError):
            open_writer(tmp_path / "db")
    assert "calls" not in _tables(tmp_path / "db")
    open_writer(tmp_path / "db").close()
    assert "calls" in _tables(tmp_path / "db")


def test_a_death_before_the_version_was_written(tmp_path):
    connection = open_writer(tmp_path / "db")
    connection.execute("INSERT INTO words (word) VALUES ('kept')")
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    connection = open_writer(tmp_path / "db")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == migrations.SCHEMA_VERSION
    assert connection.execute("SELECT word FROM words").fetchall() == [("kept",)]
    connection.close()
