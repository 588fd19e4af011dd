"""The database file as a thing."""

from __future__ import annotations

import pytest

from helicli import journal
from helicli.errors import DatabaseError
from helicli.journal import Position
from helicli.query.file import Span, size, span, waiting
from helicli.query.reading import opened
from tests.query import logs


def test_span(log):
    assert span(log) == Span(5, 1, 0, logs.T0, logs.T0 + 240_000)


def test_span_of_an_empty_log(tmp_path):
    with opened(logs.write(tmp_path / "x.db")) as db:
        assert span(db) == Span(0, 1, 0, None, None)


HEADER = journal.SEGMENT_HEADER.size


def test_all_of_the_journal_waits_where_there_is_no_database(tmp_path):
    database = tmp_path / "x.db"
    assert waiting(database) == 0
    logs.segment(database, 1, 0, b"12345")
    (tmp_path / "x.db.calls" / "live").write_bytes(b"x" * 99)
    (tmp_path / "x.db.calls" / journal.carry_name(1, 0)).write_bytes(b"x" * 99)
    assert waiting(database) == 5


def test_all_of_the_journal_waits_where_nothing_was_committed_yet(tmp_path):
    database = logs.write(tmp_path / "x.db")
    logs.segment(database, 1, 0, b"12345")
    assert waiting(database) == 5


@pytest.mark.parametrize(
    ("high", "left"),
    [
        ((1, 1, HEADER), 10 + 5 + 3),
        ((1, 1, HEADER + 4), 6 + 5 + 3),
        ((1, 1, HEADER + 10), 5 + 3),
        ((1, 2, HEADER + 5), 3),
        ((2, 0, HEADER + 3), 0),
        ((2, 0, HEADER + 9), 0),
        ((3, 0, HEADER), 0),
    ],
)
def test_what_waits_is_what_stands_after_the_last_call_with_a_row(tmp_path, high, left):
    database = logs.write(tmp_path / "x.db", reached=Position(*high))
    logs.segment(database, 1, 0, b"done")
    logs.segment(database, 1, 1, b"0123456789")
    logs.segment(database, 1, 2, b"01234")
    logs.segment(database, 2, 0, b"012")
    assert waiting(database) == left


def test_what_waits_beside_a_file_that_cannot_be_read_is_not_known(tmp_path):
    database = tmp_path / "x.db"
    database.write_bytes(b"no database at all" * 1000)
    assert waiting(database) == 0
    logs.segment(database, 1, 0, b"12345")
    with pytest.raises(DatabaseError):
        waiting(database)


def test_a_missing_file_has_no_size(tmp_path):
    assert size(tmp_path / "none") == 0
