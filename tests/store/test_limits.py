"""Stored limits: kept as they were given, one of each name."""

from __future__ import annotations

import pytest

from helicli.errors import NotFoundError, UsageError
from helicli.store import limits
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit


@pytest.fixture
def db(tmp_path):
    connection = open_writer(tmp_path / "db")
    yield connection
    connection.close()


def test_what_is_kept_comes_back(db):
    few = StoredLimit("few", "1;w=60;u=user", "user:ada model:gpt-*", 7)
    limits.add(db, few)
    limits.add(db, StoredLimit("all", "100;w=day"))
    assert [each.name for each in limits.load(db)] == ["all", "few"]
    assert limits.load(db)[1] == few
    assert few.limit().key == "few w=60;s=user user:ada model:gpt-*"


def test_one_of_each_name(db):
    limits.add(db, StoredLimit("few", "1;w=60"))
    with pytest.raises(UsageError):
        limits.add(db, StoredLimit("few", "2;w=60"))
    limits.remove(db, "few")
    with pytest.raises(NotFoundError):
        limits.remove(db, "few")
    assert limits.load(db) == []
