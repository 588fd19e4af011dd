"""How much a request may make a model say, in each dialect."""

from __future__ import annotations

import json

import pytest

from helicli.providers import ceiling
from helicli.providers.ceiling import estimated_input, most_output
from helicli.providers.estimate import tokens
from helicli.providers.read import estimate_usage

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("dialect", "path", "body", "most"),
    [
        ("openai", CHAT, {"max_tokens": 50}, 50),
        ("openai", CHAT, {"max_completion_tokens": 50, "max_tokens": 9}, 50),
        ("openai", CHAT, {"max_tokens": 50, "n": 3}, 150),
        ("openai", CHAT, {"max_tokens": 50, "n": 10**9}, 50 * 128),
        ("openai", "/v1/responses", {"max_output_tokens": 70}, 70),
        ("openai", CHAT, {}, None),
        ("openai", CHAT, {"max_tokens": "50"}, None),
        ("openai", CHAT, {"max_tokens": -1}, None),
        ("openai", "/v1/embeddings", {"input": "x"}, 0),
        ("openai", "/v1/moderations", {"input": "x"}, 0),
        ("openai", "/v1/models/gpt-4o", {}, 0),
        ("anthropic", "/v1/messages", {"max_tokens": 1024}, 1024),
        ("anthropic", "/v1/complete", {"max_tokens_to_sample": 8}, 8),
        ("anthropic", "/v1/messages/count_tokens", {"max_tokens": 8}, 0),
        ("google", "/v1beta/models/x:generateContent", {"generationConfig": {"maxOutputTokens": 9}}, 9),
        (
            "google",
            "/v1beta/models/x:generateContent",
            {"generationConfig": {"maxOutputTokens": 9, "candidateCount": 2}},
            18,
        ),
        ("google", "/v1beta/models/x:generateContent", {}, None),
        ("google", "/v1beta/models/x:embedContent", {}, 0),
        ("ollama", "/api/chat", {"options": {"num_predict": 5}}, 5),
        ("ollama", "/api/chat", {"options": {"num_predict": -1}}, None),
        ("cohere", "/v2/chat", {"max_tokens": 5}, 5),
        ("cohere", "/v2/rerank", {}, 0),
    ],
)
def test_most_output(dialect, path, body, most):
    assert most_output(dialect, path, json.dumps(body).encode()) == most


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"', b'{"options": 3, "max_tokens": {}}'])
def test_nothing_raises(body):
    assert most_output("openai", CHAT, body) is None
    assert estimated_input("openai", CHAT, body) >= 0


def test_the_estimate_is_the_recorders():
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {}}}]
    body = json.dumps({"messages": [{"role": "user", "content": "How do I reset it?"}], "tools": tools}).encode()
    assert estimated_input("openai", CHAT, body) == estimate_usage("openai", CHAT, body, "", b"").input > 10


def test_of_a_long_text_a_sample_is_enough():
    words = " ".join(f"word{number} and more of it" for number in range(20_000))
    body = json.dumps({"messages": [{"role": "user", "content": words}]}).encode()
    exact = estimate_usage("openai", CHAT, body, "", b"").input
    assert estimated_input("openai", CHAT, body) == pytest.approx(exact, rel=0.05)


def test_of_many_short_messages_a_sample_is_enough(monkeypatch):
    """A long conversation of short turns must not keep other calls waiting while it is counted."""
    turns = [{"role": "user", "content": f"Turn {number} of it: what do I say now?"} for number in range(5_000)]
    body = json.dumps({"messages": turns}).encode()
    exact = estimate_usage("openai", CHAT, body, "", b"").input
    counted = []
    monkeypatch.setattr(ceiling, "tokens", lambda text: counted.append(len(text)) or tokens(text))
    assert estimated_input("openai", CHAT, body) == pytest.approx(exact, rel=0.05)
    assert sum(counted) < 10_000


def test_what_is_no_conversation_is_taken_by_its_length():
    body = json.dumps({"model": "m", "input": ["some text to embed"] * 100}).encode()
    assert estimated_input("openai", "/v1/embeddings", body) > 100
