"""Cells made beside a log: the same as those made in it, and the log is held by nobody meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.store.cell_mark import last_seq
from helicli.store.cells import BLOCK, CellWriter, clear
from helicli.store.connect import open_writer
from helicli.store.side_cells import TABLES, SideCells, merge, reached
from tests.query import logs

DAY = 86_400_000


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "x.db"
    calls = (
        logs.call(n, at=logs.T0 + n * DAY // 4, user=f"user-{n % 3}", properties={"a": str(n % 5)})
        for n in range(1, 31)
    )
    logs.write(path, *calls)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode = delete").fetchone() == ("delete",)
    return path


def dumped(db) -> list[list[tuple[object, ...]]]:
    return [db.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES]


def test_they_are_those_of_the_log_itself(log, tmp_path):
    side = tmp_path / "side"
    cells = SideCells(log, side, 7)
    assert [cells.take(15) for _ in range(3)] == [True, True, False]
    assert reached(side) == 14
    assert side.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(log, timeout=0, isolation_level=None)) as db:
        # Between two blocks the log can be written, though it is one without a write-ahead log.
        db.execute("UPDATE calls SET name = NULL")
    cells.end(30)
    cells.close()
    assert reached(side) == 28
    with closing(open_writer(log)) as db:
        writer = CellWriter(db)
        while writer.advance(last_seq(db), 7):
            pass
        inside = dumped(db)
        clear(db)
        merge(db, side)
        assert dumped(db) == inside
        assert all(inside[:4])
        assert db.execute("PRAGMA database_list").fetchall()[1:] == []


def test_a_last_small_block_is_left_to_the_recorder(log, tmp_path):
    cells = SideCells(log, tmp_path / "side", 2 * BLOCK)
    cells.end(BLOCK - 1)
    cells.close()
    assert reached(tmp_path / "side") == 0


def test_of_a_file_that_is_not_there_yet_nothing_is_taken(tmp_path):
    assert reached(tmp_path / "none") == 0
