"""Streams: each event leaves the moment it arrives, byte for byte, however its bytes were cut and its lines ended."""

from __future__ import annotations

import json

import pytest

from tests.e2e.caller import Caller, call, chunked, head, request
from tests.e2e.dialects import DIALECTS, NAMES
from tests.e2e.stage import Gate

OPENAI, ANTHROPIC, GOOGLE, OLLAMA = DIALECTS
UNASKED = json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]}).encode()
CHUNKED = (b"Transfer-Encoding", b"chunked")
each = pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)


def chunk(delta, **more):
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o", **delta, **more}).encode()


TEXT = chunk({"choices": [{"index": 0, "delta": {"content": "é\\n\\ndata: x"}, "finish_reason": None}]})
LAST = chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
USAGE = chunk({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}})
FILTERED = chunk({"choices": [], "prompt_filter_results": [{"prompt_index": 0}], "usage": None})


def event(data, end=b"\n"):
    return b"data: " + data + end * 2


SHAPES = {
    "lf": [event(TEXT), event(LAST), event(USAGE), event(b"[DONE]")],
    "crlf": [event(data, b"\r\n") for data in (TEXT, LAST, USAGE, b"[DONE]")],
    "cr": [event(data, b"\r") for data in (TEXT, LAST, USAGE, b"[DONE]")],
    "no-blank": [b"data:" + data + b"\n\n" for data in (TEXT, LAST, USAGE, b"[DONE]")],
    "bom": [b"\xef\xbb\xbf" + event(TEXT), event(LAST), event(USAGE), event(b"[DONE]")],
    "comments": [b": OPENROUTER PROCESSING\n\n", event(TEXT), b":\n", event(LAST), b": x\n" + event(USAGE), b":p\n\n"]
    + [event(b"[DONE]")],
    "fields": [b"id: 1\nevent: message\nretry: 10\n" + event(TEXT), event(LAST), event(USAGE), event(b"[DONE]")],
    "many-lines": [
        b"data: " + TEXT.replace(b', "', b',\ndata: "') + b"\n\n",
        event(LAST),
        b"data: " + USAGE.replace(b', "', b',\ndata: "') + b"\n\n",
        event(b"[DONE]"),
    ],
    "blank-lines": [b"\n\n\n" + event(TEXT), b"\n" + event(LAST) + b"\n", event(USAGE), event(b"[DONE]") + b"\n\n"],
    "azure": [event(FILTERED), event(TEXT), event(LAST), event(USAGE), event(b"[DONE]")],
    "no-usage": [event(TEXT), event(LAST), event(b"[DONE]")],
    "usage-with-text": [event(TEXT), event(LAST[:-1] + b', "usage": {"prompt_tokens": 9}}'), event(b"[DONE]")],
    "no-last-blank": [event(TEXT), event(LAST), event(USAGE), b"data: [DONE]"],
    "large": [event(TEXT.replace(b"data: x", b"data: x" * 9000)), event(LAST), event(USAGE), event(b"[DONE]")],
}
CUTS = {"one-by-one": 0, "byte-wise": 1, "by-3": 3, "by-7": 7, "by-64": 64, "at-once": 1 << 20}


def written(events, step):
    """The chunks a stream is sent in: its events, or so many bytes each."""
    if not step:
        return [chunked(event, end=b"") for event in events]
    whole = b"".join(events)
    if len(whole) > 20_000:
        step = max(step, 997)
    return [chunked(whole[at : at + step], end=b"") for at in range(0, len(whole), step)]


def play(stage, name, dialect, events, step=0):
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind), *written(events, step), b"0\r\n\r\n"]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_stream_that_asks_itself_is_untouched(house, stage, shape, cut):
    name, events = f"untouched-{shape}-{cut}", SHAPES[shape]
    play(stage, name, OPENAI, events, CUTS[cut])
    answer = call(house.url, request(OPENAI.path, OPENAI.body, OPENAI.fields(name)))
    assert (answer.body, answer.complete) == (b"".join(events), True)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_stream_that_was_asked_lacks_its_usage_event_alone(house, stage, shape, cut):
    name, events = f"asked-{shape}-{cut}", SHAPES[shape]
    play(stage, name, OPENAI, events, CUTS[cut])
    answer = call(house.url, request(OPENAI.path, UNASKED, OPENAI.fields(name)))
    assert b'"include_usage":true' in stage.last(name).body
    hidden = b"".join(events)
    usage = next((each for each in events if b"completion_tokens" in each), b"")
    # A comment before the event is no part of what was asked for.
    usage = usage.removeprefix(b": x\n")
    assert (answer.body, answer.complete) == (hidden.replace(usage, b"") if usage else hidden, True)


def test_the_log_has_what_the_client_did_not_see(house):
    rows = {row["request_id"]: row for row in house.wait_rows(1, "request_id LIKE 'asked-%'")}
    wanted = len(SHAPES) * len(CUTS)
    rows = {row["request_id"]: row for row in house.wait_rows(wanted, "request_id LIKE 'asked-%'")}
    for name, row in rows.items():
        if "no-last-blank" in name:
            # As the standard has it, an event that the end of the body cuts off is none.
            assert row["error"] == "upstream_cut"
            continue
        assert row["error"] is None, name
        if not name.startswith(("asked-no-usage", "asked-usage-with-text")):
            assert (row["input_tokens"], row["output_tokens"], row["finish_reason"]) == (9, 4, "stop"), name


@each
@pytest.mark.parametrize("asked", [True, False], ids=["asks", "is-asked-for"])
def test_an_event_leaves_the_moment_it_arrives(house, stage, dialect, asked):
    """The client has event k before the upstream may send event k+1."""
    name = f"gated-{dialect.name}-{asked}"
    body = dialect.body if asked or dialect is not OPENAI else UNASKED
    events = [each for each in dialect.events if asked or b'"choices":[],' not in each]
    gates = [Gate() for _ in events]
    steps = [step for gate, event in zip(gates, events, strict=True) for step in (gate, chunked(event, end=b""))]
    last = Gate()
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind), *steps, last, b"0\r\n\r\n"]
    with Caller(house.url, seconds=5) as caller:
        caller.send(request(dialect.path, body, dialect.fields(name)))
        assert caller.head()[0] == 200
        for gate, event in zip(gates, events, strict=True):
            gate.open()
            assert caller.read(len(event)) == event
        last.open()
        assert caller.rest() == (b"", True)
    row = house.row_of(name)
    assert (row["error"], row["stream"]) == (None, 1)
    assert row["ttft_ms"] <= row["latency_ms"]
    for gate in [*gates, last]:
        gate.close()


@each
def test_half_an_event_does_not_wait_for_its_other_half(house, stage, dialect):
    """What cannot be a usage event goes on at once, also where its line has not ended."""
    name, gate = f"half-{dialect.name}", Gate()
    text = next(each for each in dialect.events if b"Paris" in each or b"delta" in each)
    half = len(text) - 5
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind), chunked(text[:half], end=b""), gate]
    stage.plays[name] += [chunked(text[half:], b"".join(dialect.events))]
    body = UNASKED if dialect is OPENAI else dialect.body
    with Caller(house.url, seconds=5) as caller:
        caller.send(request(dialect.path, body, dialect.fields(name)))
        caller.head()
        assert caller.read(half) == text[:half]
        gate.open()
        assert caller.rest()[1]
    gate.close()


@each
def test_the_head_does_not_wait_for_the_first_event(house, stage, dialect):
    name, gate = f"head-{dialect.name}", Gate()
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind), gate, chunked(*dialect.events)]
    with Caller(house.url, seconds=5) as caller:
        caller.send(request(dialect.path, dialect.body, dialect.fields(name)))
        assert caller.head()[0] == 200
        gate.open()
        assert caller.rest() == (b"".join(dialect.events), True)
    gate.close()


@each
def test_a_client_that_leaves_after_the_last_event_has_had_all(house, stage, dialect):
    """SDKs close once they have read the last event; whether the body's end had arrived is chance."""
    name, gate = f"satisfied-{dialect.name}", Gate()
    whole = b"".join(dialect.events)
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind), chunked(whole, end=b""), gate, b"0\r\n\r\n"]
    with Caller(house.url, seconds=5) as caller:
        caller.send(request(dialect.path, dialect.body, dialect.fields(name)))
        caller.head()
        assert caller.read(len(whole)) == whole
    row = house.row_of(name)
    assert (row["error"], row["status"], row["usage_estimated"]) == (None, 200, 0)
    assert row["finish_reason"] in ("stop", "end_turn", "STOP")
    gate.open()
    gate.close()
