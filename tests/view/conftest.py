"""Calls as the log gives them."""

from __future__ import annotations

import pytest

from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.query.wire import conversation, wire
from tests.query import logs


@pytest.fixture
def read(tmp_path):
    """Write a call and read it back: the call, its sides, what was said."""

    def again(new):
        with opened(logs.write(tmp_path / "x.db", new)) as db:
            call = find(db, "last")
            sides = wire(db, call.seq)
            return call, sides, conversation(call, sides)

    return again
