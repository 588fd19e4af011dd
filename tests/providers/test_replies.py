"""Tests of helicli's own error bodies."""

from __future__ import annotations

import json

import anthropic
import httpx2
import openai
import pytest

from helicli.providers.replies import error_reply


@pytest.mark.parametrize("dialect", ["openai", "other"])
def test_openai_shape(dialect):
    assert json.loads(error_reply(dialect, 429, "Zu viel: ü", "helicone_rate_limited", "limit")) == {
        "message": "Zu viel: ü",
        "error": {"message": "Zu viel: ü", "type": "helicone_rate_limited", "param": None, "code": "limit"},
    }


def test_anthropic_shape():
    assert json.loads(error_reply("anthropic", 429, "slow down", "rate_limit_error", "limit")) == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "slow down"},
        "message": "slow down",
        "code": "limit",
    }


def test_openai_sdk_raises_what_its_users_expect():
    http_client = _client(openai.DefaultHttpxClient, "openai")
    client = openai.OpenAI(api_key="k", max_retries=0, http_client=http_client)
    with client, pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert (raised.value.type, raised.value.code) == ("rate_limit_error", "limit")
    assert "slow down" in raised.value.message


def test_anthropic_sdk_raises_what_its_users_expect():
    http_client = _client(anthropic.DefaultHttpxClient, "anthropic")
    client = anthropic.Anthropic(api_key="k", max_retries=0, http_client=http_client)
    with client, pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    assert raised.value.body["error"] == {"type": "rate_limit_error", "message": "slow down"}


def _client(kind, dialect):
    body = error_reply(dialect, 429, "slow down", "rate_limit_error", "limit")
    headers = {"content-type": "application/json"}
    return kind(transport=httpx2.MockTransport(lambda request: httpx2.Response(429, headers=headers, content=body)))


def test_other_dialects():
    def said(dialect):
        return json.loads(error_reply(dialect, 502, "No route", "api_error", "connect"))

    assert said("google")["error"] == {"code": 502, "message": "No route", "status": "API_ERROR"}
    assert said("ollama")["error"] == "No route"
    for dialect in ("google", "ollama", "cohere"):
        assert (said(dialect)["message"], said(dialect)["code"]) == ("No route", "connect")
