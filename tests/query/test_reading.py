"""Opening a log, and SQLite's errors told as helicli's."""

from __future__ import annotations

import pytest

from helicli.errors import DatabaseError, NotFoundError
from helicli.query.reading import opened
from tests.query import logs


def test_a_log_is_read_only(tmp_path):
    with pytest.raises(DatabaseError) as caught, opened(logs.sample(tmp_path / "x.db")) as db:
        db.execute("DELETE FROM calls")
    assert "readonly" in caught.value.cause


def test_no_database(tmp_path):
    with pytest.raises(NotFoundError, match="no database at"), opened(tmp_path / "x.db"):
        pass
