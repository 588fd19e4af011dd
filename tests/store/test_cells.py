"""Cells: made of rows a block at a time, moved with their mark, and given up where there are too many values."""

from __future__ import annotations

from contextlib import closing

import pytest

from helicli.histogram import unpack
from helicli.store import cells
from helicli.store.cell_mark import last_seq, mark
from helicli.store.cells import CellWriter, clear
from helicli.store.connect import open_writer
from helicli.store.dimensions import DIMENSIONS
from tests.query import logs

DAY = 86_400_000


@pytest.fixture
def db(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        *(
            logs.call(number, at=logs.T0 + number * 600_000, user=f"user-{number % 3}", properties={"a": str(number)})
            for number in range(1, 11)
        ),
    )
    with closing(open_writer(path)) as db:
        yield db


def advance(db, block: int) -> int:
    writer, blocks = CellWriter(db), 0
    while writer.advance(last_seq(db), block):
        blocks += 1
    return blocks


def whole(db, dimension: str) -> list[tuple[int, ...]]:
    return db.execute(
        "SELECT sum(calls), sum(cost_nano), sum(input_tokens) FROM cells x JOIN cell_keys k ON k.id = x.key"
        " WHERE dimension = ? GROUP BY x.key ORDER BY 1",
        (dimension,),
    ).fetchall()


def test_only_whole_blocks_are_taken(db):
    assert advance(db, 4) == 2
    assert mark(db) == 8
    assert whole(db, "total") == [(8, 8 * 1_990_000, 8 * 412)]
    assert not CellWriter(db).advance(11, 4)


@pytest.mark.parametrize("block", [1, 2, 5, 10])
def test_whatever_the_block_the_cells_are_the_same(db, block):
    advance(db, 10)
    before = everything(db)
    clear(db)
    assert mark(db) == 0
    assert not any(everything(db))
    advance(db, block)
    assert everything(db) == before
    assert all(before)


@pytest.mark.parametrize("long", [1, 40, 10**6])
def test_whatever_is_put_at_the_end_of_a_histogram_it_is_the_same(db, monkeypatch, long):
    advance(db, 10)
    before = everything(db)
    monkeypatch.setattr(cells, "LONG", long)
    clear(db)
    for _ in range(10):
        # Each a recorder that was started anew: what it knows of the cells stands in the database.
        assert CellWriter(db).advance(10, 1)
    assert everything(db) == before
    sizes = db.execute("SELECT max(length(latency)) FROM cell_histograms").fetchone()
    assert sizes == ({1: 4, 40: 40, 10**6: 40}[long],)


def everything(db) -> list[list[tuple[object, ...]]]:
    """All cells and histograms, by what they are of."""
    sums = db.execute("SELECT code, x.* FROM cells x JOIN cell_keys k ON k.id = x.key").fetchall()
    found = db.execute("SELECT code, x.* FROM cell_histograms x JOIN cell_keys k ON k.id = x.key").fetchall()
    wide = db.execute("SELECT code, x.* FROM wide_cells x JOIN cell_keys k ON k.id = x.key").fetchall()
    histograms = [(code, start, *(sorted(unpack(data).items()) for data in times)) for code, _, start, *times in found]
    return [*(sorted((row[0], *row[2:]) for row in rows) for rows in (sums, wide)), sorted(histograms)]


def test_what_has_no_value_has_no_cell(db):
    advance(db, 10)
    assert whole(db, "key") == whole(db, "cache") == whole(db, "prompt") == []
    assert [row[0] for row in whole(db, "user")] == [3, 3, 4]


def test_windows_begin_where_they_should(db):
    advance(db, 10)
    rows = db.execute("SELECT dimension, start FROM cells x JOIN cell_keys k ON k.id = x.key").fetchall()
    assert all(start % 900_000 == 0 for _, start in rows)
    assert all(start % (DAY // 4) == 0 for dimension, start in rows if dimension in ("user", "property"))


def test_a_wide_cell_is_the_sum_of_its_cells(db):
    db.execute("UPDATE calls SET created_at = created_at + seq * 86400000")
    advance(db, 3)
    each = "sum(calls), sum(cost_nano), max(latency_max_us), max(last_at)"
    for dimension in DIMENSIONS:
        query = f"SELECT x.key, x.start - x.start % {dimension.wide_ms}, {each}"
        query += " FROM {} x JOIN cell_keys k ON k.id = x.key WHERE dimension = ? GROUP BY 1, 2 ORDER BY 1, 2"
        cells, wide = (
            db.execute(query.format(table), (dimension.name,)).fetchall() for table in ("cells", "wide_cells")
        )
        assert cells == wide
    assert db.execute("SELECT count(*) FROM wide_cells WHERE start % 604800000 = 0").fetchone()[0] > 3


def test_a_dimension_with_too_many_values_goes(db, monkeypatch):
    monkeypatch.setattr(cells, "VALUES_MAX", 6)
    assert advance(db, 5) == 2
    assert whole(db, "property") == []
    assert len(whole(db, "user")) == 3
    gaps = db.execute("SELECT dimension, start FROM cell_gaps").fetchall()
    assert gaps == [("property", logs.T0 - logs.T0 % DAY)]


def test_it_does_not_come_again_on_that_day_whoever_writes(db, monkeypatch):
    monkeypatch.setattr(cells, "VALUES_MAX", 3)
    assert CellWriter(db).advance(10, 5)
    assert whole(db, "property") == []
    assert CellWriter(db).advance(10, 5)
    assert whole(db, "property") == []
    assert db.execute("SELECT count(*) FROM cell_gaps").fetchone() == (1,)


def test_its_values_get_no_numbers_any_more(db, monkeypatch):
    monkeypatch.setattr(cells, "VALUES_MAX", 3)
    assert CellWriter(db).advance(10, 5)
    numbered = "SELECT count(*) FROM cell_keys WHERE dimension = 'property'"
    before = db.execute(numbered).fetchone()
    db.execute("UPDATE properties SET value = (SELECT id FROM words WHERE word = 'gpt-4o') WHERE seq > 5")
    assert CellWriter(db).advance(10, 5)
    assert db.execute(numbered).fetchone() == before


def test_what_was_undone_is_not_remembered(db):
    writer = CellWriter(db)
    db.execute("BEGIN")
    assert writer.advance(10, 5)
    db.execute("ROLLBACK")
    writer.forget()
    assert writer.upto == 0
    assert writer.advance(10, 10)
    assert whole(db, "total")[0][0] == 10


@pytest.mark.parametrize("block", [1, 3])
def test_no_call_can_make_the_sums_overflow(tmp_path, block):
    huge = (1 << 63) - 1
    path = logs.write(
        tmp_path / "y.db",
        *(logs.call(n, cost_nano=huge, input_tokens=huge, output_tokens=-huge) for n in range(1, 4)),
    )
    with closing(open_writer(path)) as db:
        advance(db, block)
        assert db.execute("SELECT sum(output_tokens) FROM cells").fetchone() == (0,)
        assert whole(db, "total") == [(3, 3 << 46, 3 << 46)]
