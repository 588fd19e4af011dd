"""Tests of cutting event streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.providers.sse import Splitter, data_of, events, is_stream, name_of

pieces = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b":", b"data", b"data: ", b"event: e", b" ", b"x", b"\xef\xbb\xbf", b"\xc3"]
    ),
    max_size=40,
).map(b"".join)


def fed(splitter: Splitter, body: bytes, cuts: list[int]) -> list[bytes]:
    found, start = [], 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        found += splitter.feed(body[start:cut])
        start = cut
    return found


@given(pieces, st.lists(st.integers(0, 200), max_size=8))
def test_cut_does_not_depend_on_arrival(body, cuts):
    whole, cut = Splitter(), Splitter()
    assert fed(cut, body, cuts) == whole.feed(body)
    assert cut.rest == whole.rest


@given(pieces)
def test_nothing_is_lost(body):
    splitter = Splitter()
    assert b"".join(splitter.feed(body)) + splitter.rest == body


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_by_byte(end):
    splitter = Splitter()
    body = end.join([b"data: a", b"", b": note", b"", b"data: b", b"data: c", b"", b"data: d"])
    found = [event for i in range(len(body)) for event in splitter.feed(body[i : i + 1])]
    assert found == [
        end.join([b"data: a", b"", b""]),
        end.join([b": note", b"", b""]),
        end.join([b"data: b", b"data: c", b"", b""]),
    ]
    assert splitter.rest == b"data: d"


def test_cr_alone_ends_lines():
    assert list(events(b"data: a\r\rdata: b\r\r")) == [(b"", b"a"), (b"", b"b")]


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: x\n\n", b"x"),
        (b"data:x\n\n", b"x"),
        (b"data:  x\r\n\r\n", b" x"),
        (b"data: a\ndata\ndata: b\n\n", b"a\n\nb"),
        (b"data: a\rdata: b\r\r", b"a\nb"),
        (b"event: e\nid: 1\n\n", b""),
        (b"database: x\n: data: y\n\n", b""),
        (b"\xef\xbb\xbfdata: x\n\n", b"x"),
        (b"data: x\ny", b"x"),
        (b"data: \xff\xfe\n\n", b"\xff\xfe"),
    ],
)
def test_data_of(event, data):
    assert data_of(event) == data


def test_name_of():
    assert name_of(b"event: a\nevent:b\ndata: event: c\n\n") == b"b"
    assert name_of(b"data: event: c\n\n") == b""


def test_events_of_a_whole_body():
    body = b": hello\n\nevent: a\ndata: 1\n\nevent: none\n\ndata: 2\r\n\r\ndata: cut"
    assert list(events(body)) == [(b"a", b"1"), (b"", b"2")]
    assert list(events(b"data: 1\r\n\r")) == [(b"", b"1")]
    assert list(events(b"")) == []


@pytest.mark.parametrize(
    ("content_type", "body", "stream"),
    [
        ("text/event-stream; charset=utf-8", b"dat", True),
        ("Text/Event-Stream", b"", True),
        ("text/event-stream", b' {"error": 1}', False),
        ("", b"\xef\xbb\xbf\ndata: 1", True),
        ("application/json", b"event: x\n", True),
        ("application/json", b"", False),
        ("audio/mpeg", b"\xff\xfb", False),
    ],
)
def test_is_stream(content_type, body, stream):
    assert is_stream(content_type, body) is stream
