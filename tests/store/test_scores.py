"""Scores of calls, before and after their calls have rows."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from uuid import UUID

import pytest

from helicli.errors import NotFoundError, UsageError
from helicli.scores import Scored
from helicli.store import scores
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs

FIRST, SECOND = (str(UUID(bytes=logs.call(number).plain.id)) for number in (1, 2))


@pytest.fixture
def db(tmp_path):
    with closing(open_writer(tmp_path / "x.db")) as opened:
        yield opened


def kept(db):
    return [json.loads(row[0]) for row in db.execute("SELECT scores FROM requests ORDER BY seq")]


def waiting(db):
    return db.execute("SELECT count(*) FROM early_scores").fetchone()[0]


def test_a_call_is_known_by_its_id_and_by_its_callers(db):
    writer = CallWriter(db)
    for number in (1, 2, 3):
        writer.write(logs.call(number, request_id="order-1" if number > 1 else None))
    assert scores.keep(db, Scored(FIRST.upper(), {"a": 1, "b": 0.5}, 7)) == 1
    assert scores.keep(db, Scored("order-1", {"a": 3}, 7)) == 3, "the newest of them"
    assert scores.keep(db, Scored(FIRST, {"a": 2}, 8)) == 1, "a later score replaces the earlier one"
    assert kept(db) == [{"a": 2, "b": 0.5}, {}, {"a": 3}]
    assert scores.keep(db, Scored("nobody", {"a": 1}, 7)) is None
    with pytest.raises(NotFoundError, match="no call nobody"):
        scores.must_keep(db, Scored("nobody", {"a": 1}, 7))
    scores.must_keep(db, Scored(SECOND, {"c": 1}, 7))
    assert kept(db)[1] == {"c": 1} and not db.in_transaction


def test_they_go_with_their_call(db):
    writer = CallWriter(db)
    writer.write(logs.call(1))
    writer.score(Scored(FIRST, {"a": 1}, 7))
    db.execute("DELETE FROM calls")
    assert db.execute("SELECT count(*) FROM scores").fetchone()[0] == 0


@pytest.mark.parametrize("again", [False, True])
def test_one_that_comes_before_its_call_waits_for_it(db, again):
    writer = CallWriter(db)
    writer.score(Scored(FIRST.upper(), {"a": 1}, 7))
    writer.score(Scored(FIRST, {"a": 0.5, "b": 1}, 8))
    writer.score(Scored("order-1", {"c": 1}, 8))
    assert waiting(db) == 3
    if again:
        # Another recorder, or what a batch that failed has made doubtful.
        writer.forget()
        writer = CallWriter(db)
    writer.write(logs.call(1))
    writer.write(logs.call(2, request_id="order-1"))
    assert kept(db) == [{"a": 0.5, "b": 1}, {"c": 1}] and waiting(db) == 0


def test_nothing_waits_for_ever(db, monkeypatch):
    monkeypatch.setattr(scores, "WAITING_MAX", 2)
    writer = CallWriter(db)
    for number in range(4):
        writer.score(Scored(f"nobody-{number}", {"a": 1}, 7))
    assert waiting(db) == 2
    writer.score(Scored("nobody-4", {"a": 1}, 8 + scores.WAITS_MS))
    writer.score(Scored("nobody-5", {"a": 1}, 8 + scores.WAITS_MS))
    assert [row[0] for row in db.execute("SELECT ref FROM early_scores")] == ["nobody-4", "nobody-5"]


def test_a_call_has_so_many_scores_and_no_more(db, monkeypatch):
    monkeypatch.setattr(scores, "CALL_MAX", 2)
    monkeypatch.setattr(scores, "WAITING_ROWS_MAX", 3)
    writer = CallWriter(db)
    for at, name in enumerate("abca"):
        writer.score(Scored(FIRST, {name: at}, at))
    writer.score(Scored(SECOND, {"d": 1, "e": 2}, 7))
    assert waiting(db) == 3, "two of one call, three of all"
    writer.write(logs.call(1))
    writer.write(logs.call(2))
    assert kept(db) == [{"a": 3, "b": 1}, {"d": 1}]
    writer.score(Scored(SECOND, {"e": 2, "d": 3, "f": 4}, 8))
    assert kept(db)[1] == {"d": 3, "e": 2}
    assert db.execute("SELECT count(*) FROM words WHERE word IN ('c', 'f')").fetchone()[0] == 0
    with pytest.raises(UsageError, match="2 scores at most"):
        scores.must_keep(db, Scored(SECOND, {"d": 9, "g": 1}, 9))
    assert kept(db)[1] == {"d": 3, "e": 2} and not db.in_transaction


def test_what_waited_for_too_long_is_looked_for_once_a_minute(db):
    writer, asked = CallWriter(db), []
    db.set_trace_callback(lambda statement: asked.append("at <" in statement))
    for at in (0, 10, 59_999, 60_000, 60_001):
        writer.score(Scored("nobody", {"a": 1}, 7 + scores.PRUNE_MS + at))
    db.set_trace_callback(None)
    assert sum(asked) == 2


def test_a_batch_that_is_undone_takes_its_scores_along(db):
    writer = CallWriter(db)
    db.execute("BEGIN")
    writer.score(Scored(FIRST, {"a": 1}, 7))
    db.execute("ROLLBACK")
    writer.forget()
    writer.write(logs.call(1))
    assert kept(db) == [{}]


def test_a_score_needs_a_call(db):
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO words VALUES (1, 'a')")
        db.execute("INSERT INTO scores VALUES (99, 1, 1, 1)")
