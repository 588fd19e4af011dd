"""An answer that a caller brings along: JSON as it came, and a stream where one is asked for."""

from __future__ import annotations

import gzip
import json

import pytest

from helicli.providers import registry
from helicli.proxy import mock
from helicli.proxy.route import Route

PROVIDERS = registry.build({})
CHAT = b'{"id":"x","model":"m","choices":[{"message":{"content":"mocked"},"finish_reason":"stop"}]}'
MESSAGE = b'{"id":"x","type":"message","role":"assistant","content":[{"type":"text","text":"mocked"}]}'
GEMINI = b'{"candidates":[{"content":{"parts":[{"text":"mocked"}]},"finishReason":"STOP"}]}'


def told(said, provider, path, body, *fields):
    return mock.told(said, Route(PROVIDERS[provider], path, "http://x" + path), list(fields), body)


@pytest.mark.parametrize("body", [b'{"stream":false}', b"{}", b"no json", b"", b'{"stream":"yes"}'])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models", "/v1/anything"])
def test_json_as_it_came(path, body):
    assert told(CHAT + b" ", "openai", path, body) == (b"application/json", CHAT + b" ")


@pytest.mark.parametrize(
    ("said", "provider", "path", "end"),
    [
        (CHAT, "openai", "/v1/chat/completions", b"data: [DONE]\n\n"),
        (MESSAGE, "anthropic", "/v1/messages", b'event: message_stop\ndata: {"type":"message_stop"}\n\n'),
        (GEMINI, "google", "/v1beta/models/g:streamGenerateContent?alt=sse", b"\n\n"),
    ],
)
def test_a_stream_where_one_is_asked_for(said, provider, path, end):
    for body, fields in (
        (b'{"stream":true}', ()),
        (gzip.compress(b'{"stream":true}'), [(b"content-encoding", b"gzip")]),
    ):
        kind, stream = told(said, provider, path, body, *fields)
        assert kind.startswith(b"text/event-stream") and stream.endswith(end)
        assert stream.count(b"mocked") == 1


@pytest.mark.parametrize("more", [{"previous_response_id": "r"}, {"conversation": "c"}, {"background": True}])
def test_what_goes_on_from_another_answer_is_a_stream_too(more):
    """The cache keeps no such answer; the form that is wanted is the same."""
    said = b'{"id":"r","object":"response","status":"completed","output":[{"type":"message","role":"assistant",'
    said += b'"content":[{"type":"output_text","text":"mocked"}]}]}'
    asked = json.dumps({"stream": True, **more}).encode()
    kind, stream = told(said, "openai", "/v1/responses", asked)
    assert kind.startswith(b"text/event-stream") and b"response.completed" in stream


@pytest.mark.parametrize("said", [b"[]", b"null", b'"text"', b"{}", b'{"choices":3}', b'{"error":{"message":"x"}}'])
def test_what_is_no_answer_goes_out_as_it_came(said):
    asked = json.dumps({"stream": True}).encode()
    assert told(said, "openai", "/v1/chat/completions", asked) == (b"application/json", said)
