"""A call with all that is kept of it."""

from __future__ import annotations

import json

import pytest

from helicli.errors import NotFoundError
from helicli.query.reading import opened
from helicli.tui import one_call
from tests.query import logs


def test_all_of_it(tmp_path):
    with opened(logs.write(tmp_path / "x.db", logs.call(1))) as db:
        one = next(one_call.read(db, 1))
        assert [turn.role for turn in one.turns] == ["system", "user", "assistant"]
        assert one.sides.request.body.startswith(b"{")
        assert next(one_call.copied(db, 1, "answer")) == "Open Settings → Security and choose Reset."
        assert json.loads(next(one_call.copied(db, 1, "request")))["model"] == "gpt-4o"
        assert json.loads(next(one_call.copied(db, 1, "json")))["seq"] == 1
        assert len(next(one_call.copied(db, 1, "id"))) == 36


def test_one_that_has_gone(tmp_path):
    with opened(logs.write(tmp_path / "x.db", logs.call(1))) as db, pytest.raises(NotFoundError) as caught:
        next(one_call.read(db, 2))
    assert "no longer in the log" in caught.value.message
