"""How messages are framed and connections kept: whatever HTTP/1 allows is read, and what is ambiguous is refused."""

from __future__ import annotations

import pytest

from tests.e2e.caller import HOP, Caller, call, chunked, head, reply, request
from tests.e2e.dialects import DIALECTS
from tests.e2e.stage import Inbox, Left, Turn

OPENAI = DIALECTS[0]


@pytest.mark.parametrize("early", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_what_comes_before_the_answer_is_read_over(house, stage, early):
    name = f"early-{early[:3].decode()}"
    stage.plays[name] = [b"HTTP/1.1 " + early + b"\r\nLink: </x>\r\n\r\n", reply(b"{}", [(b"X-Own", b"1")])]
    answer = call(house.url, request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(name)))
    assert (answer.status, answer.body) == (200, b"{}")
    assert [name for name, _ in answer.passed] == [b"content-type", b"x-own", b"content-length"]


FRAMES = {
    "sized": [reply(b"0123456789")],
    "chunked": [head([(b"Transfer-Encoding", b"chunked")]) + chunked(b"01234", b"56789")],
    "chunk-extensions": [head([(b"Transfer-Encoding", b"chunked")]) + b"5;a=b\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"],
    "trailers": [
        head([(b"Transfer-Encoding", b"chunked"), (b"Trailer", b"X-Sum")])
        + chunked(b"0123456789", end=b"0\r\nX-Sum: 7\r\n\r\n")
    ],
    "byte-wise": [bytes([byte]) for byte in reply(b"0123456789")],
    "no-type": [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"],
    "no-reason": [b"HTTP/1.1 200\r\nContent-Length: 10\r\n\r\n0123456789"],
}


@pytest.mark.parametrize("name", FRAMES)
def test_however_a_body_is_framed(house, stage, name):
    stage.plays[f"frame-{name}"] = FRAMES[name]
    answer = call(house.url, request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(f"frame-{name}")))
    assert (answer.status, answer.body, answer.complete) == (200, b"0123456789", True)
    assert answer.values(b"x-sum") == answer.values(b"trailer") == []
    assert len(answer.values(b"content-length")) + len(answer.values(b"transfer-encoding")) == 1
    assert house.row_of(f"frame-{name}")["error"] is None


TWO_WAYS = {
    "two-lengths": [(b"Content-Length", b"10"), (b"Content-Length", b"4")],
    "length-and-chunks": [(b"Content-Length", b"3"), (b"Transfer-Encoding", b"chunked")],
}


@pytest.mark.parametrize("name", TWO_WAYS)
def test_a_body_that_could_be_read_in_two_ways_is_refused(house, stage, name):
    stage.plays[name] = [head(TWO_WAYS[name]) + chunked(b"0123456789")]
    answer = call(house.url, request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(name)))
    assert (answer.status, OPENAI.code(answer.body)) == (502, "upstream_cut")


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_body_that_ends_with_the_connection(house, stage, version):
    name = f"unsized-{version.decode()}"
    start = b"HTTP/" + version + b" 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    stage.plays[name] = [start, b"01234", b"56789", Turn.CUT]
    answer = call(house.url, request(OPENAI.path, OPENAI.plain_body, OPENAI.fields(name)))
    assert (answer.status, answer.body, answer.complete) == (200, b"0123456789", True)


def test_a_connection_is_kept_for_the_next_call(house, stage):
    stage.plays["kept"] = [reply(b"{}")]
    stage.plays["kept-stream"] = [
        head([(b"Transfer-Encoding", b"chunked")], kind=OPENAI.kind) + chunked(*OPENAI.events)
    ]
    with Caller(house.url) as caller:
        for _ in range(3):
            for name in ("kept", "kept-stream"):
                answer = caller.send(request(OPENAI.path, OPENAI.body, OPENAI.fields(name))).answer()
                assert (answer.status, answer.complete) == (200, True)
        assert answer.body == b"".join(OPENAI.events)


def test_requests_that_come_at_once_are_answered_in_order(house, stage):
    whole = head([(b"Transfer-Encoding", b"chunked")], kind=OPENAI.kind) + chunked(*OPENAI.events)
    data = b""
    for number in range(6):
        name = f"pipelined-{number}"
        stage.plays[name] = [whole] if number % 2 else [reply(b"%d" % number)]
        data += request(OPENAI.path, OPENAI.body, OPENAI.fields(name))
    with Caller(house.url) as caller:
        caller.send(data)
        bodies = [caller.answer().body for _ in range(6)]
    assert bodies == [b"".join(OPENAI.events) if number % 2 else b"%d" % number for number in range(6)]
    assert len(house.wait_rows(6, "request_id LIKE 'pipelined-%'")) == 6


@pytest.mark.parametrize("kept", [b"keep-alive", b"close", None], ids=repr)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_client_of_http_1_0(house, stage, kept, streamed):
    name = f"old-{kept}-{streamed}"
    stream = head([(b"Transfer-Encoding", b"chunked")], kind=OPENAI.kind) + chunked(*OPENAI.events)
    stage.plays[name] = [stream if streamed else reply(OPENAI.whole)]
    fields = [*OPENAI.fields(name), *([(b"Connection", kept)] if kept else [])]
    with Caller(house.url) as caller:
        caller.send(request(OPENAI.path, OPENAI.body, fields, version="1.0"))
        answer = caller.answer()
        assert answer.body == (b"".join(OPENAI.events) if streamed else OPENAI.whole)
        assert answer.values(b"transfer-encoding") == []
        if kept != b"keep-alive":
            with pytest.raises(Left):
                Inbox(caller.connection).more()
    assert not HOP & {name for name, _ in answer.passed}
    assert house.row_of(name)["error"] is None
