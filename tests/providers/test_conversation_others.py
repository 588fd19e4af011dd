"""Tests of telling a call of Google, Cohere, Ollama and Mistral as a conversation."""

from __future__ import annotations

import json

import pytest

from helicli.providers.conversation import Message, conversation
from tests.providers import shapes

JSON = "application/json"
STREAM = "text/event-stream"


def told(dialect, path, request, response=b"", content_type=JSON):
    request, response = (body if isinstance(body, bytes) else json.dumps(body).encode() for body in (request, response))
    return conversation(dialect, path, request, content_type, response)


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values).encode()


GENERATE = "/v1beta/models/gemini-2.5-flash:streamGenerateContent"


def candidate(*parts, finish=None):
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "finishReason": finish}]}


def test_google_request():
    body = {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "What is this?"}, {"inlineData": {"mimeType": "image/png", "data": "A"}}],
            },
            {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {"at": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"seen": "cat"}}}]},
        ],
    }
    assert told("google", GENERATE, body) == [
        Message("system", "Be brief."),
        Message("user", "What is this?\n[image]"),
        Message("assistant", "", ['look {"at": 1}']),
        Message("tool", '{"seen": "cat"}'),
    ]


CHUNKS = [
    candidate({"text": "Let me ", "thought": True}),
    candidate({"text": "think.", "thought": True}),
    candidate({"text": "Hel"}),
    candidate({"text": "lo."}),
    candidate({"functionCall": {"name": "now", "args": {}}}, finish="STOP"),
]
TOLD = [Message("reasoning", "Let me think."), Message("assistant", "Hello.", ["now {}"])]


def test_google_answers():
    parts = [part for chunk in CHUNKS for part in chunk["candidates"][0]["content"]["parts"]]
    assert told("google", GENERATE, b"", candidate(*parts)) == TOLD
    assert told("google", GENERATE, b"", shapes.sse(*CHUNKS, done=False), STREAM) == TOLD
    array = b"[" + b"\n,\r\n".join(json.dumps(chunk, indent=2).encode() for chunk in CHUNKS) + b"\n]"
    assert told("google", GENERATE, b"", array) == TOLD
    assert told("google", GENERATE, b"", array[: array.index(b'"lo."')]) == [TOLD[0], Message("assistant", "Hel")]
    assert told("google", GENERATE, b"", {"error": {"code": 429, "message": "No"}}) == []


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"content": {"parts": [{"text": "a"}]}}, ["a"]),
        ({"requests": [{"content": {"parts": [{"text": "a"}]}}, {"content": {"parts": [{"text": "b"}]}}]}, ["a", "b"]),
        ({"instances": [{"content": "a"}, {"prompt": "b"}]}, ["a", "b"]),
        ({"input": "a"}, ["a"]),
        ({"input": [{"type": "text", "text": "a"}, {"role": "user", "content": "b"}]}, ["a", "b"]),
    ],
)
def test_google_other_requests(body, texts):
    assert [message.text for message in told("google", "/v1beta/interactions", body)] == texts


def test_cohere_requests():
    body = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {}}]},
            {
                "role": "assistant",
                "tool_plan": "I look.",
                "tool_calls": [{"function": {"name": "a", "arguments": "{}"}}],
            },
            {"role": "tool", "content": [{"type": "document", "document": {"data": {"x": 1}}}]},
        ]
    }
    assert told("cohere", "/v2/chat", body) == [
        Message("system", "Be brief."),
        Message("user", "Hi\n[image]"),
        Message("reasoning", "I look."),
        Message("assistant", "", ["a {}"]),
        Message("tool", '{"x": 1}'),
    ]
    first = {"preamble": "Be kind.", "chat_history": [{"role": "CHATBOT", "message": "Yes?"}], "message": "Hi"}
    assert told("cohere", "/v1/chat", first) == [
        Message("system", "Be kind."),
        Message("assistant", "Yes?"),
        Message("user", "Hi"),
    ]
    assert told("cohere", "/v2/embed", {"texts": ["a", "b"]}) == [Message("user", "a"), Message("user", "b")]


def test_cohere_answers():
    def delta(kind, **message):
        return {"type": kind, "index": 0, "delta": {"message": message}}

    stream = [
        delta("tool-plan-delta", tool_plan="I "),
        delta("tool-plan-delta", tool_plan="look."),
        delta("tool-call-start", tool_calls={"id": "w", "function": {"name": "weather", "arguments": ""}}),
        delta("tool-call-delta", tool_calls={"function": {"arguments": '{"at":1}'}}),
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL"}},
    ]
    expected = [Message("reasoning", "I look."), Message("assistant", "", ['weather {"at":1}'])]
    assert told("cohere", "/v2/chat", b"", shapes.sse(*stream, done=False), STREAM) == expected
    thinking = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "4"}]
    answer = {"message": {"role": "assistant", "content": thinking}, "finish_reason": "COMPLETE"}
    assert told("cohere", "/v2/chat", b"", answer) == [Message("reasoning", "Hm."), Message("assistant", "4")]
    first = lines(
        {"event_type": "text-generation", "text": "Hel"},
        {"event_type": "text-generation", "text": "lo"},
        {"event_type": "stream-end", "response": {"text": "Hello"}},
    )
    assert told("cohere", "/v1/chat", b"", first, "application/stream+json") == [Message("assistant", "Hello")]
    assert told("cohere", "/v1/chat", b"", {"text": "Hi", "generation_id": "g"}) == [Message("assistant", "Hi")]
    assert told("cohere", "/v2/chat", b"", {"message": "invalid api token"}) == []


def test_ollama():
    body = {
        "messages": [
            {"role": "user", "content": "What is this?", "images": ["AAAA"]},
            {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "now", "arguments": {"a": 1}}}]},
        ]
    }
    stream = lines(
        {"message": {"role": "assistant", "content": "", "thinking": "H"}, "done": False},
        {"message": {"role": "assistant", "content": "", "thinking": "m."}, "done": False},
        {"message": {"role": "assistant", "content": "A "}, "done": False},
        {"message": {"role": "assistant", "content": "cat."}, "done": False},
        {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"},
    )
    assert told("ollama", "/api/chat", body, stream, "application/x-ndjson") == [
        Message("user", "What is this?\n[image]"),
        Message("assistant", "", ['now {"a": 1}']),
        Message("reasoning", "Hm."),
        Message("assistant", "A cat."),
    ]
    assert told("ollama", "/api/generate", {"system": "S", "prompt": "P"}, {"response": "R", "done": True}) == [
        Message("system", "S"),
        Message("user", "P"),
        Message("assistant", "R"),
    ]
    assert told("ollama", "/api/embed", {"input": ["a", "b"]}, {"embeddings": []}) == [
        Message("user", "a"),
        Message("user", "b"),
    ]
    assert told("ollama", "/api/chat", b"", {"error": "model not found"}) == []


def test_the_thinking_of_mistral_is_reasoning():
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Simple."}]}, {"type": "text", "text": "4"}]
    expected = [Message("reasoning", "Simple."), Message("assistant", "4")]
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": thinking}}]}
    assert told("openai", "/v1/chat/completions", b"", answer) == expected
    stream = shapes.sse(shapes.chunk({"content": thinking[:1]}), shapes.chunk({"content": thinking[1:]}))
    assert told("openai", "/v1/chat/completions", b"", stream, STREAM) == expected
