"""Bodies and headers stored and read back, whatever they are, and what becomes of their parts."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helicli.store import bodies as module
from helicli.store.bodies import BodyReader, BodyWriter
from helicli.store.connect import open_writer
from helicli.store.packing import LISTED, varint

MARK = {"type": "ephemeral"}
NUMBERED = "The quick brown fox number {} jumps over the lazy dog, and {} asks why. "


@pytest.fixture
def db(tmp_path):
    opened = open_writer(tmp_path / "db")
    opened.execute("PRAGMA foreign_keys = off")
    yield opened
    opened.close()


def text(number, times=8):
    return "".join(NUMBERED.format(number, number * n) for n in range(times))


def turn(number, marked=False):
    block = {"type": "text", "text": text(number)}
    return {
        "role": "user" if number % 2 else "assistant",
        "content": [{**block, "cache_control": MARK} if marked else block],
    }


def asked(turns, tools=3, **more):
    """What an agent sends in its so-and-so-many'th turn, its last message marked."""
    fields = {
        "model": "claude",
        "system": [{"type": "text", "text": text(-1)}],
        "messages": [turn(n, marked=n == turns - 1) for n in range(turns)],
        "tools": [{"name": f"t{n}", "description": text(100 + n), "input_schema": {}} for n in range(tools)],
        "max_tokens": 8192,
        "metadata": {"user_id": "user_of_this_session_who_is_always_the_same"},
    }
    return json.dumps(fields | more).encode()


def put(db, writer, seq, request=None, response=None, headers=None):
    row = (
        seq,
        None if headers is None else writer.headers(headers),
        None if request is None else writer.body(request),
        len(request or b""),
        None if headers is None else writer.headers(headers),
        None if response is None else writer.body(response),
        len(response or b""),
    )
    db.execute(
        "INSERT INTO bodies (seq, request_headers, request, request_size, response_headers, response, response_size) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def got(db, seq):
    row = db.execute("SELECT request, response FROM bodies WHERE seq = ?", (seq,)).fetchone()
    reader = BodyReader(db)
    return tuple(None if stored is None else reader.body(stored) for stored in row)


def count(db, table):
    return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def stored_bytes(db):
    sides = "coalesce(length(request), 0) + coalesce(length(response), 0)"
    return db.execute(
        f"SELECT (SELECT sum({sides}) FROM bodies) + (SELECT sum(length(data) + 16) FROM parts)"
    ).fetchone()[0]


def check_counts(db):
    """The uses of all parts and nodes are those that the stored rows name."""
    parts, nodes = Counter(), Counter()
    for headers_in, request, headers_out, response in db.execute(
        "SELECT request_headers, request, response_headers, response FROM bodies"
    ):
        parts.update(varint(stored, 1)[0] for stored in (headers_in, headers_out) if stored)
        for stored in (request, response):
            if stored and stored[0] == LISTED:
                listed = module._Listed(stored)
                parts.update([listed.part] if listed.part else [])
                nodes.update(node for _, node in listed.chains)
    for parent, part in db.execute("SELECT parent, part FROM chains"):
        parts[part] += 1
        nodes.update([parent] if parent else [])
    assert dict(db.execute("SELECT id, uses FROM parts")) == parts
    assert dict(db.execute("SELECT id, uses FROM chains")) == nodes


ODD = {
    "empty": b"",
    "one byte": b"\x01",
    "no json": b"\x00\xff\xfe" * 999,
    "invalid utf-8": asked(2).replace(b"quick", b"qu\xff\xfek"),
    "byte order mark": b"\xef\xbb\xbf" + asked(2),
    "twice the key": b'{"messages": [], ' + asked(3)[1:-1] + b', "messages": []}',
    "white space": json.dumps(json.loads(asked(3)), indent=4).replace("\n", "\r\n \t").encode(),
    "cut short": asked(3)[:-7],
    "escapes": asked(2).replace(b"lazy", b"\\u006cazy \\\\ \\/ \\ud83d\\ude00 \\ud83d"),
    "deep": b'{"messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "nul in a key": b'{"mess\\u0000ages":1,' + asked(2)[1:],
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_odd_bodies_come_back_byte_for_byte(db, body):
    writer = BodyWriter(db)
    for seq in (1, 2, 3):
        put(db, writer, seq, body, body)
    assert [got(db, seq) for seq in (1, 2, 3)] == [(body, body)] * 3
    check_counts(db)


def test_sixteen_megabytes(db):
    image = json.dumps({"messages": [turn(1), {"role": "user", "content": "A1b2" * (4 << 20)}, turn(2)]}).encode()
    assert len(image) > 16 * 1024 * 1024
    writer = BodyWriter(db)
    put(db, writer, 1, image)
    put(db, writer, 2, image)
    assert got(db, 1) == got(db, 2) == (image, None)
    assert count(db, "parts") == 3


def test_an_agent_that_sends_its_history_again(db):
    writer = BodyWriter(db)
    sent = [asked(turns) for turns in range(1, 41)]
    for seq, body in enumerate(sent, 1):
        put(db, writer, seq, body)
    assert [got(db, seq)[0] for seq in range(1, 41)] == sent
    # 40 messages, 3 tools, the system's text, and what stands between them.
    assert count(db, "parts") == 40 + 3 + 1 + 1
    assert count(db, "chains") == 40 + 3 + 1
    assert stored_bytes(db) < sum(map(len, sent)) / 40
    check_counts(db)


def test_two_calls_of_a_session_at_once(db):
    writer = BodyWriter(db)
    main = [asked(turns) for turns in range(1, 12)]
    side = [asked(turns, tools=2, model="haiku") for turns in range(1, 12)]
    for seq, pair in enumerate(zip(main, side, strict=True)):
        for at, body in enumerate(pair):
            put(db, writer, 2 * seq + at, body)
    found = [got(db, seq)[0] for seq in range(22)]
    assert (found[::2], found[1::2]) == (main, side)
    assert count(db, "parts") == 11 + 3 + 1 + 2
    check_counts(db)


def test_a_tool_more_costs_no_history(db):
    writer = BodyWriter(db)
    put(db, writer, 1, asked(30))
    before = count(db, "chains")
    put(db, writer, 2, asked(30, tools=4))
    assert count(db, "chains") == before + 1


def test_a_writer_after_another(db):
    for seq in range(1, 6):
        put(db, BodyWriter(db), seq, asked(seq))
    assert [got(db, seq)[0] for seq in range(1, 6)] == [asked(seq) for seq in range(1, 6)]
    assert count(db, "chains") == 5 + 3 + 1
    check_counts(db)


def test_released_calls_take_their_parts_along(db):
    writer = BodyWriter(db)
    headers = [(b"a", b"1" * 99), (b"b", b"2")]
    for seq in range(1, 11):
        put(db, writer, seq, asked(seq), b'{"tools": [], "note": "answer %d"}' % seq, headers)
    for seq in (10, 3, 4, 1):
        writer.release(seq)
        check_counts(db)
    assert [got(db, seq)[0] for seq in (2, 5, 6, 7, 8, 9)] == [asked(seq) for seq in (2, 5, 6, 7, 8, 9)]
    put(db, writer, 11, asked(10), None, headers)
    check_counts(db)
    for seq in (2, 5, 6, 7, 8, 9, 11, 4711):
        writer.release(seq)
    assert [count(db, table) for table in ("bodies", "parts", "chains")] == [0, 0, 0]


def test_a_transaction_that_was_undone(db):
    writer = BodyWriter(db)
    db.execute("BEGIN")
    put(db, writer, 1, asked(5), headers=[(b"a", b"1")])
    db.execute("ROLLBACK")
    writer.forget()
    put(db, writer, 1, asked(6), headers=[(b"a", b"1")])
    assert got(db, 1)[0] == asked(6)
    check_counts(db)


def test_a_dictionary_is_made_when_it_is_time(db, monkeypatch):
    monkeypatch.setattr(module, "_TRAIN_AT", (100, 150))
    writer = BodyWriter(db)
    sent = {seq: json.dumps({"messages": [turn(seq), turn(seq + 1)], "n": seq}).encode() for seq in range(1, 301)}
    made = []
    for seq, body in sent.items():
        put(db, writer, seq, body, b'{"id": "%d", "answer": "%d of %d"}' % (seq, seq * 7, seq), [(b"n", b"%d" % seq)])
        if writer.learn(seq):
            made.append(seq)
    assert made == [100, 150]
    assert count(db, "dictionaries") == 2
    assert {seq: got(db, seq)[0] for seq in sent} == sent
    named = {varint(data, 0)[0] for (data,) in db.execute("SELECT data FROM parts WHERE size > 200")}
    assert named == {2, 3, 4}
    sizes = db.execute("SELECT avg(length(data)) FROM parts GROUP BY id < 50 ORDER BY id < 50 DESC").fetchall()
    assert sizes[1][0] < sizes[0][0] * 0.8
    later = BodyWriter(db)
    put(db, later, 301, sent[1])
    assert not later.learn(10**9)
    check_counts(db)


def test_a_dictionary_of_a_transaction_that_was_undone(db, monkeypatch):
    monkeypatch.setattr(module, "_TRAIN_AT", (60, 120))
    writer = BodyWriter(db)

    def write(first, last, word):
        for seq in range(first, last):
            put(db, writer, seq, json.dumps({"messages": [turn(seq)], word: seq}).encode(), b'{"%d": 1}' % seq)
            writer.learn(seq)

    db.execute("BEGIN")
    write(1, 140, "undone")
    assert count(db, "dictionaries") == 2
    db.execute("ROLLBACK")
    writer.forget()
    assert count(db, "dictionaries") == 0
    write(1, 140, "kept")
    assert count(db, "dictionaries") == 2
    assert [json.loads(got(db, seq)[0])["kept"] for seq in range(1, 140)] == list(range(1, 140))


def test_too_few_to_learn_from(db, monkeypatch):
    monkeypatch.setattr(module, "_TRAIN_AT", (2,))
    writer = BodyWriter(db)
    put(db, writer, 1, b"x")
    assert [writer.learn(seq) for seq in (1, 2, 3)] == [False] * 3
    put(db, writer, 2, asked(3))
    assert got(db, 2)[0] == asked(3)


def test_what_is_missing_is_said(db):
    writer = BodyWriter(db)
    put(db, writer, 1, asked(3))
    reader = BodyReader(db)
    with pytest.raises(sqlite3.DatabaseError, match="dictionary 9 is missing"):
        reader.body(b"\x0b1234")
    db.execute("DELETE FROM parts")
    with pytest.raises(sqlite3.DatabaseError, match="missing"):
        got(db, 1)


leaf = st.none() | st.integers() | st.sampled_from([text(1), text(2), 'é"\\\n', "x" * 600]) | st.text(max_size=30)
keys = st.sampled_from(["messages", "input", "contents", "tools", "system", "request", "cache_control", "content", "b"])
anything = st.recursive(leaf, lambda v: st.lists(v, max_size=5) | st.dictionaries(keys, v, max_size=4), max_leaves=20)
styles = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
jsonish = st.builds(
    lambda fields, style: json.dumps(fields, **style).encode("utf-8", "replace"),
    st.dictionaries(keys, anything),
    styles,
)
agents = st.builds(asked, st.integers(1, 6), st.integers(0, 3))
damaged = st.builds(
    lambda body, at, junk: body[:at] + junk + body[at:], agents | jsonish, st.integers(0, 4000), st.binary(max_size=3)
)
anybody = st.binary(max_size=400) | jsonish | agents | damaged


@given(st.lists(st.tuples(anybody, anybody | st.none(), st.booleans()), min_size=1, max_size=8))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=60)
def test_many_calls_come_back_and_go(tmp_path_factory, calls):
    """Calls written one after the other, some released in between: every other is read byte for byte."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    source = open_writer(tmp_path_factory.mktemp("schema") / "db")
    for (statement,) in source.execute(
        "SELECT sql FROM sqlite_master WHERE name IN ('bodies', 'parts', 'chains', 'dictionaries')"
    ):
        db.execute(statement)
    source.close()
    writer = BodyWriter(db)
    held = {}
    for seq, (request, response, stays) in enumerate(calls):
        put(db, writer, seq, request, response, [(b"n", b"%d" % seq)])
        held[seq] = (request, response)
        if not stays:
            gone = min(held)
            writer.release(gone)
            del held[gone]
        assert {each: got(db, each) for each in held} == held
        check_counts(db)
    for seq in held:
        writer.release(seq)
    assert [count(db, table) for table in ("bodies", "parts", "chains")] == [0, 0, 0]
    db.close()
