"""Tests of what every dialect promises: nothing is raised, and what is unknown reads as nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.providers import read
from helicli.providers.conversation import conversation
from helicli.providers.estimate import tokens
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.sse import Splitter
from tests.providers import shapes

STREAM = "text/event-stream"

KEYS = sorted(
    {
        key
        for value in (shapes.CHAT, shapes.RESPONSE, shapes.MESSAGE, *shapes.TOOL_STREAM, *shapes.MESSAGE_STREAM)
        for key in [*value, *(value.get("usage") or {})]
    }
    | {"messages", "content", "input", "item", "output_index", "delta", "tool_calls", "function", "arguments", "text"}
    | {"candidates", "parts", "usageMetadata", "promptTokenCount", "functionCall", "contents", "interaction", "steps"}
    | {"predictions", "embeddings", "event_type", "billed_units", "tokens", "meta", "response", "message", "thinking"}
    | {"done", "images", "eval_count", "cost", "cost_in_usd_ticks", "iterations", "x_groq", "results", "image"}
    | {"prompt_tokens_details", "cached_tokens_details", "audio_tokens", "image_tokens", "cached_tokens"}
    | {"promptTokensDetails", "candidatesTokensDetails", "modality", "tokenCount", "service_tier", "serviceTier"}
    | {"server_tool_use", "web_search_requests", "speed", "num_search_queries", "output_tokens_details"}
)
KINDS = [
    "message-end",
    "stream-end",
    "text-generation",
    "interaction.completed",
    "compaction",
    "message_start",
    "message_delta",
    "content_block_delta",
    "response.completed",
    "response.output_text.delta",
]

wrong = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
bodies = st.binary(max_size=60) | wrong.map(json.dumps).map(str.encode)
lines = st.lists(wrong, max_size=4).map(lambda values: "\n".join(map(json.dumps, values)).encode())
streams = st.lists(wrong, max_size=4).map(lambda values: shapes.sse(*values)) | st.binary(max_size=60)


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "google", "cohere", "ollama", "other"])
@given(
    path=st.sampled_from(
        ["/v1/x", "/api/chat", "/v1beta/models/m:streamGenerateContent", "/v1/moderations", "/v1/images/edits"]
    ),
    request=bodies,
    response=bodies | streams | lines,
    content_type=st.sampled_from(["application/json", STREAM, ""]),
)
def test_nothing_is_raised(dialect, path, request, response, content_type):
    facts = read.read_response(dialect, path, content_type, response)
    for text in (facts.model, facts.finish_reason, facts.error_message):
        assert text is None or text.encode()
    assert isinstance(read.read_request(dialect, path, request), RequestFacts)
    usage = read.estimate_usage(dialect, path, request, content_type, response)
    assert usage is None or usage.estimated
    assert facts.mode.encode() is not None
    assert fits(facts.usage) and fits(read.read_usage(dialect, path, response))
    for message in conversation(dialect, path, request, content_type, response):
        assert "".join([message.role, message.text, *message.tool_calls]).encode() is not None
    for event in Splitter().feed(response):
        assert read.is_terminal(dialect, event, path) in (True, False)
    assert read.has_ended(dialect, path, response) in (True, False)


def fits(usage):
    """Whether no part of a usage is more than its whole."""
    return usage is None or (
        usage.input >= usage.input_audio + usage.input_image + usage.input_video
        and usage.cache_read >= usage.cache_read_audio + usage.cache_read_image
        and usage.output >= usage.reasoning + usage.output_audio + usage.output_image + usage.output_video
        and usage.cache_write >= usage.cache_write_1h
        and min(n for n in (getattr(usage, name) for name in usage.__struct_fields__) if type(n) is int) >= 0
    )


def test_deep_nesting_is_survived():
    body = b'{"model":"m","usage":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    for dialect in ("openai", "anthropic"):
        read.read_response(dialect, "", "application/json", body)
        conversation(dialect, "", b'{"messages":' + body + b"}", "", body)


def test_other_reads_as_nothing():
    body = json.dumps(shapes.CHAT).encode()
    assert read.read_request("other", "/", body) == RequestFacts()
    assert read.read_response("other", "/", "application/json", body) == ResponseFacts()
    assert read.read_response("other", "/", STREAM, b"data: 1") == ResponseFacts()
    assert read.estimate_usage("other", "/", body, "application/json", body) is None
    assert not read.is_terminal("other", b"data: [DONE]\n\n")


REQUEST = json.dumps({"messages": [{"role": "user", "content": "What is the capital of France?"}]}).encode()


def test_cut_stream_is_estimated_from_its_text():
    words = [shapes.chunk({"content": " word"}) for _ in range(100)]
    usage = read.estimate_usage("openai", "", REQUEST, STREAM, shapes.sse(*words, done=False))
    assert usage.estimated
    assert 8 <= usage.input <= 16
    assert 80 <= usage.output <= 110
    assert usage.raw is None


def test_tools_are_read_too():
    tools = [{"type": "function", "function": {"name": "add", "description": "Adds two numbers " * 20}}]
    with_tools = json.dumps(json.loads(REQUEST) | {"tools": tools}).encode()
    plain, more = (read.estimate_usage("openai", "", body, STREAM, b"").input for body in (REQUEST, with_tools))
    assert more > plain + 50


def test_what_was_said_before_the_cut_is_kept():
    body = shapes.named(*shapes.MESSAGE_STREAM[:9])
    usage = read.estimate_usage("anthropic", "", REQUEST, STREAM, body)
    assert (usage.input, usage.cache_read, usage.cache_write, usage.estimated) == (25, 1800, 900, True)
    assert usage.output > 1
    body = shapes.named(*shapes.MESSAGE_STREAM[:-1])
    assert read.estimate_usage("anthropic", "", REQUEST, STREAM, body).output == 80


def test_no_text_no_estimate():
    assert read.estimate_usage("openai", "", b"", STREAM, b"") is None
    assert read.estimate_usage("openai", "", b'{"messages":[]}', STREAM, b"data: [DONE]\n\n") is None


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 8, 12),
        ("def f(x):\n    return x + 1\n", 8, 14),
        ("1234567890", 3, 5),
        ("Все люди рождаются свободными и равными в своем достоинстве и правах.", 12, 24),
        ("\u200b\n", 0, 1),
        ("敏捷的棕色狐狸跳过了懒狗。", 7, 15),
    ],
)
def test_estimator(text, least, most):
    assert least <= tokens(text) <= most


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/openai/deployments/gpt-4o/chat/completions?api-version=1", "gpt-4o"),
        ("/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro"),
        ("/openai/deployments/gpt%204/images", "gpt 4"),
        ("/v1/models/gpt-4o", "gpt-4o"),
        ("/v1/models", None),
        ("/v1/chat/completions?x=/models/gpt-4o", None),
    ],
)
def test_the_model_in_a_path(path, model):
    assert read.model_in_path(path) == model


@pytest.mark.parametrize(
    ("tier", "mode"), [(None, ""), ("standard", ""), ("flex", "flex"), ("SERVICE_TIER_PRIORITY", "priority"), (7, "")]
)
def test_the_tier_that_google_served_in(tier, mode):
    body = {"usageMetadata": {"promptTokenCount": 1, "serviceTier": tier}}
    told = read.read_response(
        "google", "/v1beta/models/m:generateContent", "application/json", json.dumps(body).encode()
    )
    assert told.mode == mode


def test_every_modality_of_google():
    details = [{"modality": name, "tokenCount": n} for n, name in enumerate(("TEXT", "AUDIO", "IMAGE", "VIDEO"), 1)]
    raw = {
        "promptTokenCount": 26,
        "toolUsePromptTokenCount": 4,
        "candidatesTokenCount": 10,
        "promptTokensDetails": [*details, {"modality": "DOCUMENT", "tokenCount": 16}, {"modality": "SMELL"}, 5],
        "toolUsePromptTokensDetails": [{"modality": "IMAGE", "tokenCount": 4}],
        "responseTokensDetails": details,
    }
    told = read.read_usage("google", "/v1beta/models/m:generateContent", json.dumps(raw).encode())
    assert (told.input, told.input_audio, told.input_image, told.input_video) == (30, 2, 23, 4)
    assert (told.output, told.output_audio, told.output_image, told.output_video) == (10, 2, 3, 4)
