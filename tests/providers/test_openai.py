"""Tests of reading the openai dialect."""

from __future__ import annotations

import json

import pytest

from helicli.call import Usage
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.read import is_terminal, read_request, read_response
from helicli.providers.sse import Splitter
from tests.providers import shapes

JSON = "application/json"
STREAM = "text/event-stream; charset=utf-8"


def read(body, content_type=JSON, path="/v1/chat/completions?x=1"):
    return read_response("openai", path, content_type, body if isinstance(body, bytes) else json.dumps(body).encode())


def raw(usage):
    return json.dumps(usage).encode()


CHAT_USAGE = Usage(input=86, output=300, cache_read=1920, reasoning=128, raw=raw(shapes.CHAT_USAGE))
RESPONSE_USAGE = Usage(
    input=10, output=50, cache_read=60, cache_write=30, reasoning=40, raw=raw(shapes.RESPONSE["usage"])
)


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        (b'{"model":"m","stream":true,"user":"u","messages":[]}', RequestFacts("m", True, "u")),
        (b'{"model":1,"stream":"true","user":["u"]}', RequestFacts()),
        (b'{"model":null,"stream":null,"user":""}', RequestFacts()),
        (b'{"model":"m","messages":["\xff"]}', RequestFacts("m")),
        (b"[]", RequestFacts()),
        (b"", RequestFacts()),
        (b"--boundary\r\n", RequestFacts()),
    ],
)
def test_request(body, facts):
    assert read_request("openai", "/v1/chat/completions", body) == facts


def test_chat():
    assert read(shapes.CHAT) == ResponseFacts("gpt-4o-2024-08-06", "stop", CHAT_USAGE)


def test_chat_with_odd_whitespace_and_bad_utf8():
    body = json.dumps(shapes.CHAT, indent="\t \n").encode().replace(b"Hello!", b"\xff\xfe")
    facts = read(b"\n\n " + body + b"\r\n")
    assert (facts.model, facts.finish_reason, facts.complete) == ("gpt-4o-2024-08-06", "stop", True)
    assert facts.usage.input == 86


def test_finish_reason_is_that_of_choice_0():
    choices = [{"index": 1, "finish_reason": "length"}, {"index": 0, "finish_reason": "tool_calls"}]
    assert read({"choices": choices}).finish_reason == "tool_calls"


def test_response():
    assert read(shapes.RESPONSE, path="/v1/responses") == ResponseFacts("gpt-5-2025-08-07", "completed", RESPONSE_USAGE)


def test_incomplete_response_tells_why():
    body = shapes.RESPONSE | {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    assert read(body).finish_reason == "max_output_tokens"


def test_embeddings():
    body = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.1, -0.2]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    assert read(body) == ResponseFacts("text-embedding-3-small", None, Usage(input=8, raw=raw(body["usage"])))


def test_moderation_has_a_model_and_no_usage():
    assert read({"id": "modr-1", "model": "omni-moderation-latest", "results": [{"flagged": False}]}) == ResponseFacts(
        "omni-moderation-latest"
    )


@pytest.mark.parametrize(
    ("usage", "classes"),
    [
        (None, None),
        ({}, None),
        ([], None),
        ({"prompt_tokens": None}, None),
        ({"type": "duration", "seconds": 3}, None),
        ({"prompt_tokens": 10, "completion_tokens": "5"}, (10, 0, 0, 0, 0)),
        ({"prompt_tokens": 10.0, "completion_tokens": -1}, (10, 0, 0, 0, 0)),
        ({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 12}}, (0, 0, 12, 0, 0)),
        ({"prompt_tokens": 10, "prompt_tokens_details": None}, (10, 0, 0, 0, 0)),
        ({"prompt_tokens": 10, "prompt_tokens_details": [1]}, (10, 0, 0, 0, 0)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 3}}, (4, 0, 2, 3, 0)),
        ({"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 4}, (5, 1, 4, 0, 0)),
        (
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 341,
                "completion_tokens_details": {"reasoning_tokens": 300},
            },
            (32, 309, 0, 0, 300),
        ),
        ({"total_tokens": 7}, (7, 0, 0, 0, 0)),
    ],
)
def test_usage_classes(usage, classes):
    found = read({"usage": usage}).usage
    if classes is None:
        assert found is None
    else:
        assert (found.input, found.output, found.cache_read, found.cache_write, found.reasoning) == classes


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "No such model", "type": "invalid_request_error"}}, "No such model"),
        ({"error": {"message": None, "code": "insufficient_quota"}}, "insufficient_quota"),
        ({"error": "model 'x' not found"}, "model 'x' not found"),
        ({"error": {"a": 1}}, '{"a": 1}'),
        ({"object": "error", "message": "too long"}, "too long"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"loc": []}]}, None),
        ([{"error": {"code": 400, "message": "API key not valid"}}], "API key not valid"),
        ([], None),
        ({"error": None}, None),
        ({"object": "response", "status": "failed", "error": {"code": "server_error", "message": "Sorry"}}, "Sorry"),
    ],
)
def test_error_bodies(body, message):
    assert read(body).error_message == message
    assert read(body).complete


@pytest.mark.parametrize("body", [b"", b"{", b'{"model":"m"', b"not json", b'{"a":1} {'])
def test_cut_json_is_not_complete(body):
    assert read(body) == ResponseFacts(complete=False)


@pytest.mark.parametrize(("content_type", "body"), [("audio/mpeg", b"\xff\xfb"), ("text/html", b"<html>"), ("", b"")])
def test_what_is_neither_json_nor_stream_reads_as_nothing(content_type, body):
    assert read(body, content_type) == ResponseFacts()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_chat_stream(end):
    body = shapes.sse(*shapes.TOOL_STREAM).replace(b"\n", end)
    assert read(body, STREAM) == read(body, "") == ResponseFacts("gpt-4o-2024-08-06", "tool_calls", CHAT_USAGE)


def test_chat_stream_cut_at_every_event():
    cuts = Splitter().feed(shapes.sse(*shapes.TOOL_STREAM))
    for count in range(len(cuts)):
        facts = read(b"".join(cuts[:count]) + cuts[count][:-1], STREAM)
        assert not facts.complete
        assert facts.model == ("gpt-4o-2024-08-06" if count else None)
        assert facts.finish_reason == ("tool_calls" if count > 6 else None)
        assert facts.usage == (CHAT_USAGE if count > 7 else None)


def test_null_usage_after_a_usage_changes_nothing():
    body = shapes.sse(shapes.USAGE_EVENT, shapes.chunk({}, "stop", usage=None))
    assert read(body, STREAM).usage == CHAT_USAGE


def test_error_in_a_stream():
    error = {"error": {"message": "The server had an error", "type": "server_error"}}
    assert read(shapes.sse(shapes.chunk({"content": "a"}), error, done=False), STREAM) == ResponseFacts(
        "gpt-4o-2024-08-06", error_message="The server had an error", complete=False
    )
    assert read(shapes.sse(error), STREAM).complete


def test_error_body_under_the_type_of_a_stream():
    assert read({"error": {"message": "No"}}, STREAM) == ResponseFacts(error_message="No")


def test_response_stream():
    body = shapes.named(*shapes.RESPONSE_STREAM)
    assert read(body, STREAM) == ResponseFacts("gpt-5-2025-08-07", "completed", RESPONSE_USAGE)


def test_response_stream_cut_at_every_event():
    cuts = Splitter().feed(shapes.named(*shapes.RESPONSE_STREAM))
    for count in range(len(cuts)):
        model = "gpt-5-2025-08-07" if count else None
        assert read(b"".join(cuts[:count]) + cuts[count][:-1], STREAM) == ResponseFacts(model, complete=False)


def test_failed_response_stream_is_complete_and_an_error():
    failed = {"object": "response", "model": "m", "status": "failed", "error": {"message": "Broken"}, "usage": None}
    body = shapes.named({"type": "response.failed", "response": failed})
    assert read(body, STREAM) == ResponseFacts("m", "failed", None, "Broken")
    body = shapes.named({"type": "error", "code": "x", "message": "Overloaded", "param": None})
    assert read(body, STREAM) == ResponseFacts(error_message="Overloaded", complete=False)


def test_image_stream_ends_with_its_own_event():
    body = shapes.named({"type": "image_generation.completed", "usage": {"input_tokens": 5, "output_tokens": 7}})
    facts = read(body, STREAM)
    assert (facts.complete, facts.usage.input, facts.usage.output) == (True, 5, 7)


@pytest.mark.parametrize(
    ("event", "terminal"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]\r\n\r\n", True),
        (b"event: done\ndata: [DONE]\n\n", True),
        (b'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n', True),
        (b'data: {"response":{},"type":"response.incomplete"}\n\n', True),
        (b'data: {"type" : "response.failed"}\n\n', True),
        (b'event: error\ndata: {"message":"x"}\n\n', True),
        (b'data: {"type":"error","message":"x"}\n\n', True),
        (b'data: {"error":{"message":"x"}}\n\n', True),
        (b'data: {"error":null,"choices":[]}\n\n', False),
        (b'data: {"type":"response.created","response":{"error":null}}\n\n', False),
        (b'data: {"type":"response.output_text.done","text":"x"}\n\n', False),
        (b'data: {"type":"response.mcp_call.completed"}\n\n', False),
        (b'data: {"choices":[{"delta":{"content":"[DONE]"}}]}\n\n', False),
        (b'data: {"choices":[{"delta":{"content":"\\"error\\": response.completed"}}]}\n\n', False),
        (b": [DONE]\n\n", False),
        (b"event: errors\ndata: {}\n\n", False),
        (b'data: {"type":["response.completed"],"x":"response.completed"}\n\n', False),
        (b"data: {\n\n", False),
        (b"\n", False),
        (b"", False),
    ],
)
def test_is_terminal(event, terminal):
    assert is_terminal("openai", event) is terminal


def test_tokens_that_are_only_counted_were_not_used():
    body = b'{"object":"response.input_tokens","input_tokens":123}'
    told = read_response("openai", "/v1/responses/input_tokens", "application/json", body)
    assert told == ResponseFacts(usage=Usage())
