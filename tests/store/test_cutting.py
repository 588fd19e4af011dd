"""Where bodies are cut, and that they come together again."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.store.cutting import PART_MIN, TEXT_MIN, cut, join

MARK = b',"cache_control":{"type":"ephemeral"}'


def said(number, size=300):
    return {"role": "user", "content": f"{number} " + "x" * size}


def parts(body):
    """The parts of a body, and the body put together again is the same."""
    pieces = cut(body)
    if pieces is None:
        return []
    assert join(pieces) == body
    return [b"".join(chain) for chain in pieces.chains]


def of(value, **style):
    return json.dumps(value, **style).encode()


@pytest.mark.parametrize("key", ["messages", "input", "contents", "tools"])
@pytest.mark.parametrize(
    "style", [{}, {"separators": (",", ":")}, {"indent": 2}], ids=["python", "compact", "indented"]
)
def test_each_element_is_a_part(key, style):
    body = of({"model": "m", key: [said(1), said(2), said(3)], "stream": True}, **style)
    pieces = cut(body)
    assert join(pieces) == body
    assert [json.loads(part.lstrip(b", \n")) for part in pieces.chains[0]] == [said(1), said(2), said(3)]
    assert pieces.literals[0].endswith(b"[")
    assert pieces.literals[1].lstrip().startswith(b"]")


def test_a_history_that_grows_keeps_its_parts():
    turns = [said(n, size) for n, size in enumerate([300, 5, 5, 200, 90, 800, 1, 1, 1, 400])]
    earlier = []
    for count in range(1, len(turns) + 1):
        chains = cut(of({"messages": turns[:count]})).chains[0]
        assert chains[: len(earlier)] == earlier
        earlier = chains
    # 0 · 1 to 3 · 4 and 5 · 6 to 9: each the first that brings the gathered ones to PART_MIN.
    assert len(earlier) == 4


def test_small_elements_are_gathered():
    chains = cut(of({"messages": [said(n, 10) for n in range(50)]})).chains[0]
    assert all(PART_MIN <= len(part) < PART_MIN + 50 for part in chains)


@pytest.mark.parametrize(
    "value", ["s" * TEXT_MIN, [{"type": "text", "text": "s" * TEXT_MIN}], {"parts": [{"text": 's\\"' * TEXT_MIN}]}]
)
@pytest.mark.parametrize("key", ["system", "instructions", "systemInstruction", "prompt"])
def test_long_texts_are_parts(key, value):
    body = of({"model": "m", key: value})
    (chain,) = cut(body).chains
    assert len(chain) == 1
    assert json.loads(chain[0]) in (value, "s" * TEXT_MIN, 's\\"' * TEXT_MIN)


def test_a_list_of_texts_is_cut_at_its_long_ones():
    pieces = cut(of({"input": ["short", "l" * TEXT_MIN, 'also "long"' * 60]}))
    assert [json.loads(chain[0]) for chain in pieces.chains] == ["l" * TEXT_MIN, 'also "long"' * 60]
    assert len(cut(of({"input": "l" * TEXT_MIN})).chains) == 1


def test_short_texts_stay():
    assert cut(of({"system": "s" * (TEXT_MIN - 3), "messages": [said(1, 10)]})) is None


def test_everything_at_once_in_any_order():
    fields = {
        "tools": [said(1)],
        "system": "s" * 900,
        "messages": [said(2)],
        "metadata": {"tools": [said(3)], "messages": [said(4)]},
    }
    for names in (list(fields), list(fields)[::-1]):
        body = of({name: fields[name] for name in names})
        assert len(parts(body)) == 3


def test_a_mark_that_wanders_makes_no_new_part():
    def asked(*marked, indent=None):
        turns = [{"role": "user", "content": [{"type": "text", "text": f"{n}" + "x" * 300}]} for n in range(6)]
        for n in marked:
            turns[n]["content"][0]["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
        return of({"messages": turns}, indent=indent)

    for indent in (None, 2):
        plain = cut(asked(indent=indent))
        for marked in [(0,), (5,), (1, 2), (0, 1, 2, 3, 4, 5)]:
            body = asked(*marked, indent=indent)
            pieces = cut(body)
            assert pieces.chains == plain.chains
            assert pieces.literals == plain.literals
            assert len(pieces.marks) == len(marked)
            assert join(pieces) == body


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (b'{"a":1' + MARK + b"}", b'{"a":1}'),
        (b'{"a":1' + MARK + b',"b":2}', b'{"a":1,"b":2}'),
        (b'{"cache_control":{"type":"ephemeral"},"b":2}', b'{"b":2}'),
        (b'{"cache_control":{"type":"ephemeral"}}', b"{}"),
        (b'{"a":1' + MARK + MARK + b"}", b'{"a":1}'),
        (b'{"a":1 ,\n "cache_control" : { } , "b":2}', b'{"a":1  , "b":2}'),
        (b'{"a":"\\"cache_control\\":{}"}', b'{"a":"\\"cache_control\\":{}"}'),
    ],
)
def test_a_mark_goes_with_one_comma(marked, plain):
    rest = b'{"messages":[%b,{"content":"' + b"x" * 300 + b'"}]}'
    pieces = cut(rest % marked)
    assert join(pieces) == rest % marked
    unmarked = b"".join((*pieces.literals[:1], *pieces.chains[0], *pieces.literals[1:]))
    assert unmarked == rest % plain


def test_what_an_event_stream_repeats_is_cut():
    echoed = {"instructions": "i" * 3000, "tools": [said(1, 2000)]}
    created = of({"type": "response.created", "response": {**echoed, "id": "r1"}})
    done = of({"type": "response.completed", "response": {**echoed, "id": "r1", "output": []}})
    body = b"event: response.created\ndata: " + created + b'\n\ndata: {"delta":"x"}\n\ndata: ' + done + b"\n\n"
    found = parts(body)
    assert len(found) == 4
    assert sorted(found[:2]) == sorted(found[2:])
    assert cut(body[:3000]) is None


def test_wrapped_bodies_are_cut():
    assert (
        len(parts(of({"model": "m", "request": {"contents": [said(1)], "systemInstruction": {"t": "s" * 600}}}))) == 2
    )


WHOLE = {
    "empty": b"",
    "no json": b"messages=[" + b"x" * 1000,
    "a list": of([said(1)]),
    "cut short": of({"messages": [said(1), said(2)]})[:-1],
    "byte order mark": b"\xef\xbb\xbf" + of({"messages": [said(1)]}),
    "numbers": of({"input": list(range(1000))}),
    "escaped key": of({"messages": [said(1)]}).replace(b"messages", b"mess\\u0061ges"),
    "deep": b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"messages":[' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}",
    "key nobody": of({"note": "n" * 5000}),
}


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
def test_what_cannot_be_cut_is_whole(body):
    assert cut(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[],"messages":' + of([said(1), said(2)]) + b"}",
        b'{"messages":' + of([said(1)]) + b',"messages":' + of([said(2)]) + b"}",
        b'{"messages" :\t' + of([said(1)]) + b"\r\n}\n\n",
        b' \n{"messages":[ \n' + of(said(1)) + b" \n]}",
        of({"messages": [said(1)]}).replace(b"xxx", b"\xff\xfe\x00"[:2] + b"x"),
        b'{"x":"\\"messages\\":[{}]","messages":' + of([said(1)]) + b"}",
    ],
    ids=["empty first", "twice", "space", "space inside", "invalid utf-8", "key in a text"],
)
def test_odd_bodies_are_cut(body):
    assert len(parts(body)) == 1


@pytest.mark.parametrize("fill", [b" ", b'"', b"{", b"\\", b'"cache_control":{', b',"cache_control":', b'"messages":['])
def test_a_hostile_body_is_kept(fill):
    body = b'{"messages":[' + fill * (2_000_000 // len(fill))
    pieces = cut(body)
    assert pieces is None or join(pieces) == body


leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.text('ab\\"{}[],: \n', max_size=900)
keys = st.sampled_from(["messages", "input", "tools", "system", "request", "response", "cache_control", "content", "a"])
anything = st.recursive(leaf, lambda v: st.lists(v, max_size=6) | st.dictionaries(keys, v, max_size=4), max_leaves=30)
styles = st.sampled_from([{}, {"indent": 1}, {"separators": (" ,\r\n", "\t: ")}, {"ensure_ascii": False}])
jsonish = st.builds(lambda value, style: of({"messages": value}, **style), anything, styles)


@given(
    body=jsonish, at=st.integers(0, 3000), junk=st.binary(max_size=4), marks=st.lists(st.integers(0, 3000), max_size=4)
)
def test_whatever_was_cut_comes_together(body, at, junk, marks):
    for place in sorted(marks, reverse=True):
        body = body[:place] + MARK + body[place:]
    for one in (body, body[:at] + junk + body[at:], b"data: " + body + b"\n\n", re.sub(rb"[a-c]", b"", body)):
        pieces = cut(one)
        assert pieces is None or join(pieces) == one
