"""Scores of a command where no engine runs."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import pytest

from helicli.engine import scores
from helicli.errors import NotFoundError
from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.scores import Scored
from helicli.store.connect import open_writer
from tests.query import logs


def test_the_command_writes_and_leaves(tmp_path):
    path = logs.write(tmp_path / "x.db", logs.call(1))
    ref = str(UUID(bytes=logs.call(1).plain.id))
    scores.keep(path, Scored(ref, {"helpful": 0.5}, 7), print)
    with opened(path) as db:
        assert find(db, "1").scores == {"helpful": 0.5}
    with pytest.raises(NotFoundError):
        scores.keep(path, Scored("nobody", {"helpful": 0.5}, 7), print)
    with closing(open_writer(path)) as db:
        assert db.execute("SELECT count(*) FROM scores").fetchone()[0] == 1
