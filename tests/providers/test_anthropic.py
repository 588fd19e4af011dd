"""Tests of reading the anthropic dialect."""

from __future__ import annotations

import json

import pytest

from helicli.call import Usage
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.read import is_terminal, read_request, read_response
from helicli.providers.sse import Splitter
from tests.providers import shapes

STREAM = "text/event-stream; charset=utf-8"
HOUR = {"ephemeral_1h_input_tokens": 5}
MODEL = "claude-sonnet-4-20250514"


def read(body, content_type="application/json"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_response("anthropic", "/v1/messages", content_type, body)


def classes(usage):
    return (usage.input, usage.output, usage.cache_read, usage.cache_write, usage.cache_write_1h, usage.reasoning)


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        (b'{"model":"m","stream":true,"metadata":{"user_id":"u"}}', RequestFacts("m", True, "u")),
        (b'{"model":"m","user":"u","metadata":null}', RequestFacts("m")),
        (b'{"model":[],"stream":1,"metadata":{"user_id":5}}', RequestFacts()),
        (b"nothing", RequestFacts()),
    ],
)
def test_request(body, facts):
    assert read_request("anthropic", "/v1/messages", body) == facts


def test_message():
    facts = read(shapes.MESSAGE)
    assert (facts.model, facts.finish_reason, facts.error_message, facts.complete) == (MODEL, "tool_use", None, True)
    assert classes(facts.usage) == (25, 80, 1800, 900, 400, 30)
    assert json.loads(facts.usage.raw) == shapes.MESSAGE["usage"]


def test_count_tokens_used_none():
    assert read({"input_tokens": 14}) == ResponseFacts()


def test_error_body():
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
    assert read(body) == read(body, STREAM) == ResponseFacts(error_message="Overloaded")
    assert read({"type": "error", "error": "No"}).error_message == '"No"'


@pytest.mark.parametrize("body", [b"", b'{"model":"m"', b"\xff"])
def test_cut_json_is_not_complete(body):
    assert read(body) == ResponseFacts(complete=False)


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        (None, None),
        ({}, None),
        ("x", None),
        ({"input_tokens": None, "output_tokens": None}, None),
        ({"input_tokens": 3, "output_tokens": None}, (3, 0, 0, 0, 0, 0)),
        ({"input_tokens": 3, "cache_creation": HOUR}, (3, 0, 0, 5, 5, 0)),
        ({"input_tokens": 3, "cache_creation_input_tokens": 2, "cache_creation": HOUR}, (3, 0, 0, 2, 2, 0)),
        ({"output_tokens": 10**30, "input_tokens": True}, (0, 0, 0, 0, 0, 0)),
    ],
)
def test_usage_classes(usage, found):
    told = read({"usage": usage}).usage
    assert (classes(told) if told else None) == found


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_stream(end):
    facts = read(shapes.named(*shapes.MESSAGE_STREAM).replace(b"\n", end), STREAM)
    assert (facts.model, facts.finish_reason, facts.complete) == (MODEL, "tool_use", True)
    assert classes(facts.usage) == (25, 80, 1800, 900, 400, 30)
    assert json.loads(facts.usage.raw) == shapes.MESSAGE["usage"]


def test_stream_cut_at_every_event():
    cuts = Splitter().feed(shapes.named(*shapes.MESSAGE_STREAM))
    for count in range(len(cuts)):
        facts = read(b"".join(cuts[:count]) + cuts[count][:-1], STREAM)
        assert not facts.complete
        assert facts.model == (MODEL if count else None)
        assert facts.finish_reason == ("tool_use" if count > 13 else None)
        assert (facts.usage and facts.usage.output) == (None if not count else 80 if count > 13 else 1)


def test_error_in_a_stream():
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    facts = read(shapes.named(*shapes.MESSAGE_STREAM[:9], error), STREAM)
    assert (facts.error_message, facts.complete, facts.usage.input) == ("Overloaded", False, 25)
    assert read(shapes.named(*shapes.MESSAGE_STREAM, error), STREAM).complete


def test_later_figures_win_unless_null():
    start = {
        "type": "message_start",
        "message": {"usage": {"input_tokens": 5, "output_tokens": 1, "service_tier": "x"}},
    }
    delta = {
        "type": "message_delta",
        "delta": {},
        "usage": {"input_tokens": 7, "output_tokens": 9, "service_tier": None},
    }
    usage = read(shapes.named(start, delta), STREAM).usage
    assert usage == Usage(input=7, output=9, raw=b'{"input_tokens": 7, "output_tokens": 9, "service_tier": "x"}')


def test_old_completion_stream_ends_with_its_reason():
    first = {"type": "completion", "completion": " Hi", "stop_reason": None, "model": "claude-2.1"}
    last = first | {"completion": "", "stop_reason": "stop_sequence"}
    assert not read(shapes.named(first), STREAM).complete
    assert read(shapes.named(first, last), STREAM) == ResponseFacts("claude-2.1", "stop_sequence")
    assert [is_terminal("anthropic", shapes.named(event)) for event in (first, last)] == [False, True]


@pytest.mark.parametrize(
    ("event", "terminal"),
    [
        (b'event: message_stop\ndata: {"type":"message_stop"}\n\n', True),
        (b'data: {"type": "message_stop"}\r\n\r\n', True),
        (b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n', True),
        (b'data: {"type":"content_block_delta","delta":{"text":"message_stop \\"error\\""}}\n\n', False),
        (b'event: ping\ndata: {"type": "ping"}\n\n', False),
        (b"data: [DONE]\n\n", False),
        (b"data: message_stop\n\n", False),
        (b"", False),
    ],
)
def test_is_terminal(event, terminal):
    assert is_terminal("anthropic", event) is terminal


@pytest.mark.parametrize(
    ("usage", "mode"),
    [
        ({}, ""),
        ({"service_tier": "standard", "speed": "standard"}, ""),
        ({"service_tier": "priority"}, ""),
        ({"service_tier": "batch"}, "batch"),
        ({"service_tier": "standard", "speed": "fast"}, "fast"),
    ],
)
def test_how_it_was_served(usage, mode):
    assert read({"model": MODEL, "usage": {"input_tokens": 1} | usage}).mode == mode
