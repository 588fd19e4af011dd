"""Which vendor a request reaches, and what all of them have in common."""

from __future__ import annotations

import json

import pytest

from helicli.demo import vendors
from tests.demo.vendors import HELLO, ask

BODY = {"model": "m", "messages": HELLO, "stream": True}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/as/mistral/v1/models", ("mistral", "/v1/models")),
        ("/as/google/v1/models?pageSize=2", ("google", "/v1/models")),
        ("/as/nobody/v1/models", None),
        ("/openai/deployments/d/chat/completions?api-version=1", ("azure", "/openai/deployments/d/chat/completions")),
        ("/openai/v1/models", ("groq", "/openai/v1/models")),
        ("/v1/models/gemini-2.5-pro:generateContent", ("google", "/v1/models/gemini-2.5-pro:generateContent")),
        ("/api/chat", ("ollama", "/api/chat")),
        ("/v2/chat", ("cohere", "/v2/chat")),
        ("/v1/models", None),
        ("/v1/models/gpt-4o", None),
        ("/v1/chat/completions", None),
        ("/v1/messages", None),
    ],
)
def test_who_is_meant(target, found):
    assert vendors.posed(target) == found


CHATS = {
    "azure": "/as/azure/openai/v1/chat/completions",
    "cohere": "/as/cohere/v2/chat",
    "groq": "/as/groq/openai/v1/chat/completions",
    "mistral": "/as/mistral/v1/chat/completions",
    "ollama": "/as/ollama/api/chat",
    "together": "/as/together/v1/chat/completions",
    "google": "/as/google/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
}


def test_all_are_here():
    assert CHATS.keys() == vendors.VENDORS.keys()


@pytest.mark.parametrize("path", CHATS.values(), ids=CHATS)
def test_switches_and_keys(path):
    limited = ask(path, BODY, status=429)
    assert limited.status == 429
    assert (b"retry-after", b"2") in limited.fields
    assert json.loads(limited.body)
    assert ask(path, BODY, status=204).body == b""
    assert ask(path, BODY).fields[0] == (b"x-request-id", b"req_1")
    assert ask(path, BODY, keys=[]).status == (200 if "ollama" in path else 401)


@pytest.mark.parametrize("path", CHATS.values(), ids=CHATS)
def test_a_stream_that_is_broken_off(path):
    whole, broken = list(ask(path, BODY).parts), list(ask(path, BODY, error=2).parts)
    assert broken[:2] == whole[:2]
    assert json.loads(broken[2].removeprefix(b"data: "))
    assert len(broken) == 3
