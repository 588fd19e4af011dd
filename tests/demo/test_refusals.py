"""Error bodies of both dialects."""

from __future__ import annotations

import json

import pytest

from helicli.demo.refusals import anthropic_error, error_event, openai_error, status_fields


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (404, "invalid_request_error", "model_not_found"),
        (418, "invalid_request_error", None),
        (429, "tokens", "rate_limit_exceeded"),
        (500, "server_error", None),
        (502, "server_error", None),
    ],
)
def test_openai(status, kind, code):
    error = json.loads(openai_error(status, model="gpt-4o"))["error"]
    assert (error["type"], error["code"], error["param"]) == (kind, code, None)
    assert error["message"] and "{" not in error["message"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "authentication_error"), (429, "rate_limit_error"), (502, "api_error"), (529, "overloaded_error")],
)
def test_anthropic(status, kind):
    body = json.loads(anthropic_error(status, request_id="req_1"))
    assert (body["type"], body["error"]["type"], body["request_id"]) == ("error", kind, "req_1")


def test_events():
    assert error_event(anthropic=True, named=False).startswith(b'event: error\ndata: {"type":"error","error":{')
    assert error_event(anthropic=False, named=False).startswith(b'data: {"error":{"message":')
    assert error_event(anthropic=False, named=True).startswith(b'event: error\ndata: {"type":"error","code":')


def test_fields():
    assert status_fields(529) == [(b"retry-after", b"2"), (b"retry-after-ms", b"2000")]
    assert status_fields(302)[0][0] == b"location"
    assert status_fields(500) == []
