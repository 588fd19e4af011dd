"""Tests of asking streams for usage and of hiding the answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.providers.asking import LIMIT, UsageFilter, ask, refused_asking
from helicli.providers.sse import Splitter
from tests.providers import shapes

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('"stream_options": {'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["stream_options", "include_usage", "a\\"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


WHOLE = b'"stream_options":{"include_usage":true},'
INNER = b'"include_usage":true'


@pytest.mark.parametrize(
    ("before", "inserted", "after"),
    [
        (b"{", WHOLE, b'"messages":[],"stream":true}'),
        (b" \n{", WHOLE, b' "prompt" : "x", "stream" : true } '),
        (b"{", WHOLE, b'"prompt":["x"],"stream":true}'),
        (b"{", WHOLE, b'"messages":[{"content":"\xff \\"stream_options\\":{}"}],"stream":true}'),
        (b"{", WHOLE, b'"messages":[{"stream_options":{"include_usage":true}}],"stream":true}'),
        (b'{"messages":[],"stream":true,"stream_options":{', INNER, b"}}"),
        (b'{"stream_options" : {', INNER + b",", b' "a":1},"messages":[],"stream":true}'),
        (b'{"stream\\u005foptions":{', INNER, b'},"messages":[],"stream":true}'),
        (b'{"stream_options":{"include_usage":false},"messages":[],"stream":true,"stream_options":{', INNER, b" }}"),
        (b'{"x":{"stream_options":{}},"y":"stream_options","stream_options":{', INNER, b'},"prompt":"","stream":true}'),
    ],
)
def test_ask_inserts_into_the_bytes(before, inserted, after):
    assert ask(before + after) == before + inserted + after


def test_ask_replaces_null():
    body = b'{"messages":[],"stream":true,"stream_options": null }'
    assert ask(body) == b'{"messages":[],"stream":true,"stream_options": {"include_usage":true} }'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"messages":[],"stream":true',
        b'{"messages":[],"stream":true} x',
        b'{"messages":[]}',
        b'{"messages":[],"stream":false}',
        b'{"messages":[],"stream":"true"}',
        b'{"messages":[],"stream":1}',
        b'{"messages":[],"stream":true,"stream":false}',
        b'{"messages":[],"stream":true,"stream_options":{"include_usage":true}}',
        b'{"messages":[],"stream":true,"stream_options":{"include_usage":false}}',
        b'{"messages":[],"stream":true,"stream_options":{"include_usage":null}}',
        b'{"messages":[],"stream":true,"stream_options":{"include\\u005fusage":false}}',
        b'{"messages":[],"stream":true,"stream_options":[]}',
        b'{"messages":[],"stream":true,"stream_options":"x"}',
        b'{"input":"hi","stream":true}',
        b'{"input":"hi","prompt":"x","stream":true}',
        b'{"prompt":{"id":"pmpt_1"},"stream":true}',
        b'{"contents":[],"stream":true}',
    ],
)
def test_ask_leaves_alone(body):
    assert ask(body) is None


@given(
    more=st.dictionaries(
        st.text(max_size=4).filter(lambda key: key not in ("input", "prompt")), json_values, max_size=4
    ),
    options=st.none() | st.dictionaries(st.text(max_size=3), json_values, max_size=2),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
    place=st.integers(0, 6),
)
def test_ask_says_what_it_should_and_only_that(more, options, ascii_only, indent, place):
    fields = list({**more, "messages": [more], "stream": True}.items())
    fields.insert(place, ("stream_options", options))
    body = json.dumps(dict(fields), ensure_ascii=ascii_only, indent=indent).encode()
    asked = ask(body)
    assert json.loads(asked) == {**dict(fields), "stream_options": {**(options or {}), "include_usage": True}}
    at = next(i for i in range(len(asked)) if asked[i : i + 1] != body[i : i + 1])
    replaced = len(b"null") if options is None else 0
    assert asked.endswith(body[at + replaced :])


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (400, b'{"error":{"message":"Unknown parameter: stream_options"}}', True),
        (422, b'{"detail":[{"loc":["body","stream_options","include_usage"]}]}', True),
        (400, b'{"error":{"message":"model not found"}}', False),
        (200, b"include_usage", False),
        (500, b"stream_options", False),
    ],
)
def test_refused_asking(status, body, refused):
    assert refused_asking(status, body) is refused


USAGE = shapes.sse(shapes.USAGE_EVENT, done=False)
AZURE = b'data: {"choices":[],"model":"","prompt_filter_results":[{"prompt_index":0}]}\n\n'
WORD = shapes.sse(shapes.chunk({"content": "Hi"}, usage=None), done=False)
DONE = b"data: [DONE]\n\n"

EVENTS = [
    AZURE,
    AZURE.replace(b'"model"', b'"usage":null,"model"'),
    WORD,
    WORD.replace(b"\n", b"\r\n"),
    DONE,
    b": ping\n\n",
    b": ping\ndata: 1\n\n",
    b"\n",
    b"\r\n",
    b"event: x\ndata: {}\n\n",
    b'data: {"choices": [{"delta":{"content":"\\"choices\\":[]"}}],"usage":{"a":1}}\n\n',
    b'data: {"x":{"choices":[1]},\ndata: "usage":null,"choices":[]}\n\n',
    b'data: {"choices":[1],"choices":[],"usage":{}}\n\n',
    b'data: {"choices":null,"usage":{}}\n\n',
    b'data: {"choices":[],"usage":{}\n\n',
    b"data: " + b"x" * (LIMIT + 9) + b"\n\n",
    b'data: {"choices":[],"usage":{"a":"' + b"x" * LIMIT + b'"}}\n\n',
]

USAGE_EVENTS = [
    USAGE,
    USAGE.replace(b"\n", b"\r\n"),
    USAGE.replace(b"\n", b"\r"),
    b'data:{"usage":{"a":[1]},"choices" : [ \t]}\n\n',
    b'event: m\nid: 1\ndata: {"choices"\ndata:  :[\ndata: ],\ndata: "usage":{}}\n: note\n\n',
    b'data: {"x":{"choices":[1]},"s":"\\"choices\\":[1","choices":[],"usage":{"t":1}}\n\n',
    b'data: {"\\u0063hoices":[],"usage":{"t":1}}\r\n\n',
]


def run(body: bytes, cuts: list[int]) -> bytes:
    hide, out, start = UsageFilter(), b"", 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        out += hide.feed(body[start:cut])
        start = cut
    return out + hide.flush()


parts = st.lists(st.sampled_from([(e, True) for e in EVENTS] + [(e, False) for e in USAGE_EVENTS]), max_size=7)
endings = st.sampled_from([b"", USAGE[:-1], WORD[:40], b"data: {\r", b": pi"])


@settings(max_examples=400)
@given(parts, endings, st.lists(st.integers(0, 4000), max_size=12))
def test_filter_takes_the_usage_event_and_nothing_else(events, rest, cuts):
    body = b"".join(event for event, _ in events) + rest
    expected = b"".join(event for event, stays in events if stays) + rest
    assert run(body, []) == expected
    assert run(body, cuts) == expected


@pytest.mark.parametrize("event", EVENTS[:-2] + USAGE_EVENTS)
def test_filter_byte_by_byte(event):
    body = WORD + event + DONE
    assert run(body, list(range(len(body)))) == (body if event in EVENTS else WORD + DONE)


scraps = [
    b"\r",
    b"\n",
    b":",
    b"data: ",
    b'{"choices"',
    b"[",
    b"]",
    b"1",
    b',"usage":{',
    b"}",
    b'"',
    b"\\",
    b" ",
    b"\xff",
]
noise = st.lists(st.sampled_from(scraps), max_size=40).map(b"".join)


@settings(max_examples=500)
@given(noise, st.lists(st.integers(0, 200), max_size=10))
def test_filter_does_not_depend_on_arrival(body, cuts):
    assert run(body, cuts) == run(body, [])


def test_filter_holds_nothing_it_knows():
    hide = UsageFilter()
    assert hide.feed(b": keep-ali") == b": keep-ali"
    assert hide.feed(b"ve\n") == b"ve\n"
    assert hide.feed(b"\n") == b"\n"
    assert hide.feed(b'data: {"id":"x","choices":[') == b""
    assert hide.feed(b'{"delta"') == b'data: {"id":"x","choices":[{"delta"'
    assert hide.feed(b':{"content":"H') == b':{"content":"H'
    assert hide.feed(b'i"}}]}\n') == b'i"}}]}\n'
    assert hide.feed(b"\n" + USAGE[:30]) == b"\n"
    assert hide.feed(USAGE[30:]) == b""
    assert hide.feed(DONE) == DONE
    assert hide.flush() == b""


def test_filter_lets_large_events_go():
    hide = UsageFilter()
    assert hide.feed(b"data: " + b"x" * LIMIT) == b"data: " + b"x" * LIMIT
    assert hide.feed(b"y") == b"y"


def test_filter_flushes_what_has_no_end():
    hide = UsageFilter()
    assert hide.feed(USAGE[:-1]) == b""
    assert hide.flush() == USAGE[:-1]
    assert hide.flush() == b""


def test_filtered_stream_is_the_stream_without_one_event():
    body = shapes.sse(*shapes.TOOL_STREAM)
    all_events, kept = Splitter().feed(body), Splitter().feed(run(body, []))
    assert [event for event in all_events if event not in kept] == [USAGE]
    assert len(kept) == len(all_events) - 1
