"""Limits changed by a command where no engine runs; where one does stands in tests/e2e/test_limits.py."""

from __future__ import annotations

import pytest

from helicli import paths
from helicli.engine import limits
from helicli.engine.lock import Lock
from helicli.errors import DatabaseError, NetworkError, NotFoundError, UsageError
from helicli.query.limits import stored
from helicli.query.reading import opened
from helicli.store.limits import StoredLimit


def test_without_an_engine_it_is_written_at_once(tmp_path):
    path = tmp_path / "deep" / "x.db"
    assert limits.add(path, StoredLimit("few", "1;w=60"), print) is False
    with opened(path) as db:
        assert [each.name for each in stored(db)] == ["few"]
    with pytest.raises(UsageError):
        limits.add(path, StoredLimit("few", "1;w=60"), print)
    assert limits.remove(path, "few", print) is False
    with pytest.raises(NotFoundError):
        limits.remove(path, "few", print)
    held = Lock.try_take(paths.lock_file(path))
    assert held is not None, "the lock was given back"
    held.release()


def test_what_cannot_be_written(tmp_path):
    (tmp_path / "x.db").mkdir()
    with pytest.raises(DatabaseError):
        limits.add(tmp_path / "x.db", StoredLimit("few", "1;w=60"), print)


def test_usage_is_the_engines(tmp_path):
    with pytest.raises(NetworkError):
        limits.usage(tmp_path / "x.db")
