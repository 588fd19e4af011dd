"""The database file as a thing."""

from __future__ import annotations

from helicli import journal
from helicli.query.file import Span, size, span, waiting
from helicli.query.reading import opened
from tests.query import logs


def test_span(log):
    assert span(log) == Span(5, 1, logs.T0, logs.T0 + 240_000)


def test_span_of_an_empty_log(tmp_path):
    with opened(logs.write(tmp_path / "x.db")) as db:
        assert span(db) == Span(0, 1, None, None)


def test_what_waits_is_the_records_of_the_journal(tmp_path):
    database = tmp_path / "x.db"
    assert waiting(database) == 0
    folder = tmp_path / "x.db.calls"
    folder.mkdir()
    (folder / journal.segment_name(1, 0)).write_bytes(journal.segment_header(1, 0) + b"12345")
    (folder / "live").write_bytes(b"x" * 99)
    assert waiting(database) == 5


def test_a_missing_file_has_no_size(tmp_path):
    assert size(tmp_path / "none") == 0
