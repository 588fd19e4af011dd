"""Rows of calls, written."""

from __future__ import annotations

import json
import sqlite3

import pytest
from msgspec.structs import replace

from helicli.store import calls
from helicli.store.bodies import BodyReader
from helicli.store.calls import CallWriter, NewCall, Plain, Words
from helicli.store.connect import open_writer

CALL = NewCall(
    plain=Plain(
        id=bytes(range(16)),
        created_at=1_763_733_791_204,
        ended_at=1_763_733_791_999,
        status=200,
        error_message=None,
        stream=True,
        latency_us=1234,
        ttft_us=None,
        overhead_us=300,
        cost_nano=75_000,
    ),
    words=Words(provider="openai", model="gpt-4o", requested_model="gpt-4o", user="", machine="box"),
    properties={"env": "dev", "empty": ""},
    request_headers=[(b"a", b"1"), (b"a", b"2")],
    request=b"in",
    request_size=2,
    response_headers=None,
    response=None,
    response_size=0,
    redacted=True,
)


@pytest.fixture
def connection(tmp_path):
    opened = open_writer(tmp_path / "db")
    opened.row_factory = sqlite3.Row
    yield opened
    opened.close()


@pytest.fixture
def writer(connection):
    return CallWriter(connection)


def _other(number, **words):
    return replace(CALL, plain=replace(CALL.plain, id=number.to_bytes(16)), words=replace(CALL.words, **words))


def test_a_call_is_read_as_it_was_written(writer, connection):
    assert writer.write(CALL) == 1
    row = connection.execute("SELECT * FROM requests").fetchone()
    assert row["id"] == bytes(range(16)).hex()
    assert (row["created_at"], row["ended_at"]) == ("2025-11-21T14:03:11.204Z", "2025-11-21T14:03:11.999Z")
    assert (row["latency_ms"], row["cost_usd"], row["stream"], row["ttft_ms"]) == (1.234, 0.000075, 1, None)
    assert (row["provider"], row["model"], row["user"], row["machine"]) == ("openai", "gpt-4o", None, "box")
    assert json.loads(row["properties"]) == {"env": "dev", "empty": ""}
    body = connection.execute("SELECT * FROM bodies").fetchone()
    assert BodyReader(connection).headers(body["request_headers"]) == [("a", "1"), ("a", "2")]
    assert BodyReader(connection).body(body["request"]) == b"in"
    assert (body["response_headers"], body["response"], body["redacted"]) == (None, None, 1)


def test_every_column_is_written_to_its_own(writer, connection):
    words = Words(**{name: f"word of {name}" for name in Words.__struct_fields__})
    writer.write(replace(CALL, words=words))
    row = connection.execute("SELECT * FROM requests").fetchone()
    assert all(row[name] == f"word of {name}" for name in Words.__struct_fields__)


def test_what_is_told_twice_is_written_once(writer, connection):
    assert writer.write(CALL) == 1
    assert writer.write(replace(CALL, request=b"other")) is None
    assert writer.write(_other(7)) == 2
    for table, rows in (("calls", 2), ("bodies", 2), ("properties", 4)):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == rows


def test_a_word_stands_once(writer, connection):
    for number in range(5):
        writer.write(_other(number, session="s"))
    CallWriter(connection).write(_other(9, session="s"))
    assert connection.execute("SELECT count(*) FROM words WHERE word = 's'").fetchone()[0] == 1
    assert connection.execute("SELECT count(DISTINCT session) FROM calls").fetchone()[0] == 1


def test_words_of_a_transaction_that_was_undone(writer, connection):
    connection.execute("BEGIN")
    writer.write(_other(1, session="lost"))
    connection.execute("ROLLBACK")
    writer.forget()
    writer.write(_other(2, session="found"))
    writer.write(_other(3, session="lost"))
    assert [row["session"] for row in connection.execute("SELECT session FROM requests")] == ["found", "lost"]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_remembered_words_are_bounded(writer, connection, monkeypatch):
    monkeypatch.setattr(calls, "_WORDS_KEPT", 3)
    for number in range(20):
        writer.write(_other(number, session=f"s{number % 7}", user=f"u{number}"))
    assert len(writer._words) <= 3
    found = [(row["session"], row["user"]) for row in connection.execute("SELECT * FROM requests ORDER BY seq")]
    assert found == [(f"s{number % 7}", f"u{number}") for number in range(20)]


def test_text_of_any_kind(writer, connection):
    strange = "nul\0 \U0001f600 'quote\" \n" + "x" * 10_000
    writer.write(replace(CALL, words=replace(CALL.words, user=strange), properties={strange: strange}))
    row = connection.execute("SELECT user, properties FROM requests").fetchone()
    assert row["user"] == strange


def test_bodies_go_with_their_call(writer, connection):
    writer.write(CALL)
    connection.execute("DELETE FROM calls")
    assert connection.execute("SELECT count(*) FROM bodies").fetchone()[0] == 0
    assert connection.execute("SELECT count(*) FROM properties").fetchone()[0] == 0


def test_the_values_of_a_prompt_come_back(writer, connection):
    seq = writer.write(replace(CALL, inputs=b'{"q":"Hi"}'))
    row = connection.execute("SELECT inputs FROM bodies WHERE seq = ?", (seq,)).fetchone()
    assert BodyReader(connection).unpack(row[0]) == b'{"q":"Hi"}'
