"""How far into the journal the database has come."""

from __future__ import annotations

from helicli.journal import Position
from helicli.store import position
from helicli.store.connect import open_writer
from helicli.store.position import Reached


def test_the_last_one_saved_is_the_one(tmp_path):
    connection = open_writer(tmp_path / "db")
    assert position.load(connection) == Reached(position.START, position.START, None)
    for reached in (
        Reached(Position(1, 2, 3), Position(1, 1, 24)),
        Reached(Position(1_763_700_000, 0xFFFFFFFF, 1 << 33), Position(4, 5, 6), "x.carry"),
        Reached(Position(2, 1, 1), Position(2, 1, 1), None),
    ):
        position.save(connection, reached)
        assert position.load(connection) == reached
    assert connection.execute("SELECT count(*) FROM journal_position").fetchone()[0] == 1
    connection.close()


def test_it_is_undone_with_its_transaction(tmp_path):
    connection = open_writer(tmp_path / "db")
    connection.execute("BEGIN")
    position.save(connection, Reached(Position(1, 2, 3)))
    connection.execute("ROLLBACK")
    assert position.load(connection) == Reached()
    connection.close()
