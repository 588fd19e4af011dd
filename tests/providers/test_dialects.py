"""Tests of which dialect a path speaks."""

from __future__ import annotations

import pytest

from helicli.providers.dialects import spoken, streams_array


@pytest.mark.parametrize(
    ("provider", "path", "dialect"),
    [
        ("openai", "/v1/chat/completions?x=1", "openai"),
        ("openai", "/v1/threads/thread_1/messages", "openai"),
        ("openai", "/v1/files", "openai"),
        ("anthropic", "/v1/messages/batches/b/results", "anthropic"),
        ("anthropic", "/v1/complete", "anthropic"),
        ("anthropic", "/v1/chat/completions", "openai"),
        ("openai", "/api/v1/messages", "anthropic"),
        ("openai", "/anthropic/v1/messages/count_tokens?beta=true", "anthropic"),
        ("google", "/v1beta/models/gemini-2.5-flash:generateContent", "google"),
        ("google", "/v1beta/openai/chat/completions", "openai"),
        ("google", "/v1/projects/p/locations/l/publishers/anthropic/models/claude:streamRawPredict", "anthropic"),
        ("google", "/v1/projects/p/locations/l/endpoints/openapi/chat/completions", "openai"),
        ("google", "/v1beta/interactions", "google"),
        ("openai", "/v1beta/models/m:streamGenerateContent?alt=sse", "google"),
        ("cohere", "/v2/chat", "cohere"),
        ("cohere", "/compatibility/v1/chat/completions", "openai"),
        ("ollama", "/api/embeddings", "ollama"),
        ("ollama", "/v1/embeddings", "openai"),
        ("ollama", "/v1/responses", "openai"),
        ("ollama", "/api/tags", "ollama"),
        ("openai", "/api/chat", "ollama"),
        ("openai", "/api/v1/chat/completions", "openai"),
        ("google", "/v1/audio/transcriptions", "openai"),
        ("other", "/v1/messages", "other"),
    ],
)
def test_dialect_of_a_path(provider, path, dialect):
    assert spoken(provider, path) == dialect


@pytest.mark.parametrize(
    ("path", "array"),
    [
        ("/v1beta/models/gemini-2.5-flash:streamGenerateContent", True),
        ("https://host/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent?key=x", True),
        ("/v1beta/models/gemini-2.5-flash:generateContent", False),
        ("/v1beta/models/m:generateContent?x=:streamGenerateContent", False),
        ("/v1/models/claude:streamRawPredict", False),
    ],
)
def test_a_stream_that_may_be_one_array(path, array):
    assert streams_array(path) is array
