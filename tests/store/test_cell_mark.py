"""The mark of cells, and the newest call."""

from __future__ import annotations

from contextlib import closing

from helicli.store.cell_mark import last_seq, mark
from helicli.store.cells import CellWriter
from helicli.store.connect import open_writer
from tests.query import logs


def test_how_far_cells_have_come(tmp_path):
    with closing(open_writer(tmp_path / "x.db")) as db:
        assert (mark(db), last_seq(db)) == (0, 0)
    with closing(open_writer(logs.sample(tmp_path / "x.db"))) as db:
        assert (mark(db), last_seq(db)) == (0, 5)
        CellWriter(db).advance(5, 4)
        assert (mark(db), last_seq(db)) == (4, 5)
