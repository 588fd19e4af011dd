"""Both sides of a call: exact bytes, what they decode to, and what is missing of them."""

from __future__ import annotations

import gzip
import json

import pytest

from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.query.wire import SAID_MAX, Side, conversation, last_said, raw_usage, wire
from tests.query import logs


def sides(tmp_path, **given):
    with opened(logs.write(tmp_path / "x.db", logs.call(1, **given))) as db:
        return find(db, "1"), wire(db, 1)


def test_bytes_are_exact_and_bodies_decoded(tmp_path):
    plain = b'{"choices":[{"message":{"role":"assistant","content":"hi"}}]}'
    packed = gzip.compress(plain)
    headers = [(b"content-encoding", b"gzip"), (b"x-twice", b"1"), (b"x-twice", b"2")]
    call, got = sides(tmp_path, response=packed, response_headers=headers)
    assert got.response.held == packed
    assert got.response.body == plain
    assert got.response.headers == [("content-encoding", "gzip"), ("x-twice", "1"), ("x-twice", "2")]
    assert [turn.role for turn in conversation(call, got)] == ["system", "user", "assistant"]


def test_what_does_not_decode_stays_as_it_is(tmp_path):
    _, got = sides(tmp_path, response=b"no gzip", response_headers=[(b"content-encoding", b"gzip")])
    assert got.response.body == b"no gzip"


def test_what_is_missing_is_said(tmp_path):
    _, got = sides(tmp_path, request=None, request_size=100_000_000, response=b"ab", response_size=5)
    assert got.request.missing == "100,000,000 bytes, not kept"
    assert got.request.body == b""
    assert got.response.missing == "only the ends of 5 bytes kept"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("omitted", "9 bytes, not kept: the caller asked for that"),
        ("switched_off", "9 bytes, not kept: serve --bodies"),
        ("journal_full", "9 bytes, not kept: the journal was full"),
    ],
)
def test_why_it_is_missing_is_said(tmp_path, word, said):
    _, got = sides(tmp_path, response=None, response_size=9, response_missing=word)
    assert (got.response.missing, got.response.left_out) == (said, word)
    assert got.request.left_out is None


def test_the_digest_of_what_was_too_large(tmp_path):
    _, got = sides(tmp_path, request=b"ab", request_size=5, request_missing="middle", request_sha256=b"\xab" * 32)
    assert got.request.missing == f"only the ends of 5 bytes kept (SHA-256 of all: {'ab' * 32})"
    assert got.request.sha256 == b"\xab" * 32


def test_a_call_of_which_nothing_is_kept(tmp_path):
    call, got = sides(tmp_path, request_headers=None, usage='{"total_tokens": 7}')
    assert (got.request, got.response) == (Side([], None, 0), Side([], None, 0))
    assert conversation(call, got) == []
    with opened(tmp_path / "x.db") as db:
        assert raw_usage(db, 1) == b'{"total_tokens": 7}'
        assert raw_usage(db, 2) is None


def test_a_conversation_sent_again_and_again(tmp_path):
    turns = [{"role": "user" if n % 2 else "assistant", "content": f"{n} " + "words " * 90} for n in range(12)]
    bodies = [json.dumps({"model": "gpt-4o", "messages": turns[: n + 1]}).encode() for n in range(12)]
    path = logs.write(tmp_path / "x.db", *[logs.call(n + 1, request=body) for n, body in enumerate(bodies)])
    with opened(path) as db:
        assert [wire(db, seq).request.held for seq in range(1, 13)] == bodies
        assert [turn.text for turn in conversation(find(db, "12"), wire(db, 12))][:12] == [t["content"] for t in turns]
        assert last_said(db, [find(db, "12")]) == {12: turns[11]["content"]}


def test_nothing_is_missing_of_a_whole_or_an_empty_side(tmp_path):
    _, got = sides(tmp_path, request=b"", response=None, response_headers=None, response_size=0)
    assert got.request.missing == got.response.missing == ""
    assert got.response.headers == []


def test_a_call_without_bodies_has_empty_sides(log):
    assert wire(log, 4711).request.held is None


def test_the_last_thing_the_user_said(tmp_path):
    large = b'{"messages":[{"role":"user","content":"' + b"x" * SAID_MAX + b'"}]}'
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, said="first"),
        logs.call(2, request=large),
        logs.call(3, request=None, request_size=9),
        logs.call(4, request=b"\xff\x00 no JSON"),
    )
    with opened(path) as db:
        assert last_said(db, [find(db, str(seq)) for seq in range(1, 5)]) == {1: "first"}


def test_a_provider_of_ones_own_speaks_openai(tmp_path):
    call, got = sides(tmp_path, provider="local")
    assert conversation(call, got)[1].text == "How do I reset my password?"
