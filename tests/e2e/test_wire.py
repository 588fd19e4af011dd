"""The bytes of a provider as the fake upstream plays it, beside the same call made without helicli."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import httpx2
import pytest

AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}
CHAT = "/v1/chat/completions"
OUR_FIELDS = {"helicone-id", "helicone-status", "helicone-cache-hit", "helicone-overhead-ms"}
CHANGING = {
    "date",
    "cf-ray",
    "request-id",
    "x-request-id",
    "set-cookie",
    "openai-processing-ms",
    "transfer-encoding",
    "connection",
}


def body(**more):
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], **more}).encode()


def raw_call(url, path, fields, content=b"", method="POST"):
    """Status, header pairs and undecoded body of a call."""
    with (
        httpx2.Client(timeout=20) as client,
        client.stream(method, url + path, headers=fields, content=content) as answer,
    ):
        return (
            answer.status_code,
            [(n.lower(), v) for n, v in answer.headers.multi_items()],
            b"".join(answer.iter_raw()),
        )


def stable(headers):
    return [(n, v) for n, v in headers if n not in OUR_FIELDS | CHANGING and not n.startswith("x-ratelimit")]


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 200), ("br", 429), ("zstd", 500), ("identity", 200)])
def test_answers_come_down_byte_for_byte(engine, upstream, encoding, status):
    fields = {**AUTH, "x-fake-encoding": encoding, "accept-encoding": "gzip, br, zstd, deflate"}
    if status != 200:
        fields["x-fake-status"] = str(status)
    direct = raw_call(upstream.url, CHAT, fields, body())
    through = raw_call(engine.url, CHAT, fields, body())
    assert through[0] == direct[0] == status
    assert through[2] == direct[2]
    assert stable(through[1]) == stable(direct[1])
    assert [n for n, _ in through[1] if n == "set-cookie"] == [n for n, _ in direct[1] if n == "set-cookie"]
    row = engine.wait_rows(1)[0]
    assert row["status"] == status
    assert (row["output_tokens"] or 0) > 0 if status == 200 else row["error_message"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_streams_with_their_own_usage_come_down_byte_for_byte(engine, upstream, encoding):
    fields = {**AUTH, "x-fake-encoding": encoding, "accept-encoding": "gzip", "x-fake-split": "7"}
    content = body(stream=True, stream_options={"include_usage": True})
    assert raw_call(engine.url, CHAT, fields, content)[2] == raw_call(upstream.url, CHAT, fields, content)[2]
    assert engine.wait_rows(1)[0]["output_tokens"] > 0


@pytest.mark.parametrize("split", ["1", "7", "1000"])
def test_an_asked_stream_differs_by_usage_alone(engine, upstream, split):
    fields = {**AUTH, "x-fake-split": split, "accept-encoding": "identity"}
    direct = raw_call(upstream.url, CHAT, fields, body(stream=True))[2]
    through = raw_call(engine.url, CHAT, fields, body(stream=True))[2]
    assert through.replace(b',"usage":null', b"") == direct


def test_anthropic_streams_are_untouched(engine, upstream):
    fields = {"x-api-key": "sk-ant-demo-000111", "anthropic-version": "2023-06-01", "content-type": "application/json"}
    content = body(stream=True, max_tokens=50, model="claude-sonnet-4-20250514")
    assert (
        raw_call(engine.url, "/v1/messages", fields, content)[2]
        == raw_call(upstream.url, "/v1/messages", fields, content)[2]
    )


def test_request_goes_up_unchanged(engine, upstream):
    content = b'{ "model" : "gpt-4o",\n\t"messages":[{"role":"user","content":"\\u00fc  x"}] , "model":"gpt-4o" }'
    fields = {
        **AUTH,
        "helicone-auth": "Bearer sk-helicone-x",
        "helicone-user-id": "ada",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tracestate": "congo=t61rcWkgMzE",
        "anthropic-beta": "never-heard-of-2031-01-01",
        "x-own": "spaces  kept inside",
        "cookie": "session=of-another-program",
        "user-agent": "tests/1",
        "accept": "*/*",
        "accept-encoding": "gzip",
    }
    raw_call(upstream.url, f"{CHAT}?a=%2F&b=c%20d&b=%C3%A9", fields, content)
    raw_call(engine.url, f"{CHAT}?a=%2F&b=c%20d&b=%C3%A9", fields, content)
    direct, through = upstream.seen
    assert through.body == direct.body == content
    assert through.path == direct.path

    def sent(seen):
        drop = (b"host", b"connection", b"cookie")
        return sorted((n, v) for n, v in seen.headers if n not in drop and not n.startswith(b"helicone-"))

    assert sent(through) == sent(direct)
    assert through.header(b"cookie") is None, "cookies of localhost are not the provider's"
    [row] = engine.wait_rows(1)
    assert row["properties"] == {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"}


def test_own_key_joined_to_the_providers_never_goes_up(engine, upstream):
    fields = {**AUTH, "authorization": "Bearer sk-demo-000111222, Bearer sk-helicone-abcdefgh"}
    assert raw_call(engine.url, CHAT, fields, body())[0] == 200
    assert upstream.seen[0].header(b"authorization") == b"Bearer sk-demo-000111222"


@pytest.mark.parametrize(
    ("path", "provider", "seen"),
    [
        ("/v1/models", "openai", "/v1/models"),
        ("/openai/v1/models", "openai", "/v1/models"),
        ("/oai/v1/models?limit=2", "openai", "/v1/models?limit=2"),
        ("/sk-helicone-abcdefgh/v1/models", "openai", "/v1/models"),
        ("/anthropic/v1/models", "anthropic", "/v1/models"),
        ("/local/v1/models", "local", "/prefix/v1/models"),
    ],
)
def test_routes(make_engine, upstream, path, provider, seen):
    engine = make_engine("--upstream", f"local={upstream.url}/prefix").start()
    raw_call(engine.url, path, AUTH, method="GET")
    assert upstream.seen[0].path == seen
    assert engine.wait_rows(1)[0]["provider"] == provider


def test_dead_pooled_connection_is_not_the_callers_trouble(engine, upstream):
    for _ in range(5):
        assert raw_call(engine.url, CHAT, {**AUTH, "x-fake-close": "idle"}, body())[0] == 200
    assert [row["status"] for row in engine.wait_rows(5)] == [200] * 5


def test_not_http_is_refused_and_logged(engine):
    parts = urlsplit(engine.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")
    assert engine.wait_rows(1)[0]["error"] == "bad_request"
