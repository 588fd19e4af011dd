"""What a command changes where no engine runs; where one does stands in the end-to-end tests."""

from __future__ import annotations

import pytest

from helicli import paths
from helicli.engine.changing import change
from helicli.engine.lock import Lock
from helicli.errors import DatabaseError


def test_it_is_written_by_its_own_hand_and_the_lock_given_back(tmp_path):
    path = tmp_path / "deep" / "x.db"

    def write(db):
        assert Lock.try_take(paths.lock_file(path)) is None
        return db.execute("SELECT count(*) FROM calls").fetchone()[0]

    assert change(path, "x", {}, write, print) == (False, 0)
    held = Lock.try_take(paths.lock_file(path))
    assert held is not None
    held.release()


def test_what_cannot_be_written(tmp_path):
    (tmp_path / "x.db").mkdir()
    with pytest.raises(DatabaseError, match="cannot be written"):
        change(tmp_path / "x.db", "x", {}, lambda db: None, print)
