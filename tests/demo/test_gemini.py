"""Gemini's shapes."""

from __future__ import annotations

import json

import pytest

from helicli.demo.reply import ARRAY, EVENTS
from tests.demo.vendors import OSLO, ask, events, told

PATH = "/v1beta/models/gemini-2.5-flash"
BODY = {"contents": [{"role": "user", "parts": [{"text": "Hello!"}]}]}
TOOL = {
    "contents": [{"role": "user", "parts": [{"text": "What is the weather in Oslo?"}]}],
    "tools": [{"functionDeclarations": [{"name": "get_weather"}]}],
}


def said(chunks):
    return "".join(part.get("text", "") for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"])


def test_the_same_words_whole_as_events_and_as_an_array():
    whole = told(f"{PATH}:generateContent", BODY)
    sse = ask(f"{PATH}:streamGenerateContent?alt=sse", BODY)
    array = ask(f"{PATH}:streamGenerateContent", BODY)
    assert (sse.kind, array.kind) == (EVENTS, ARRAY)
    streamed = events(f"{PATH}:streamGenerateContent?alt=sse", BODY)
    listed = json.loads(b"".join(array.parts))
    assert listed == streamed
    assert said(streamed) == said([whole])
    assert streamed[-1]["usageMetadata"] == whole["usageMetadata"]
    assert [chunk["candidates"][0].get("finishReason") for chunk in streamed[-2:]] == [None, "STOP"]


def test_thoughts_are_counted_apart():
    usage = told(f"{PATH}:generateContent", BODY)["usageMetadata"]
    parts = usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    assert usage["totalTokenCount"] == parts
    assert "thoughtsTokenCount" not in told("/v1/models/gemini-2.0-flash:generateContent", BODY)["usageMetadata"]


def test_a_tool_call_comes_whole():
    for answer in (told(f"{PATH}:generateContent", TOOL), *events(f"{PATH}:streamGenerateContent?alt=sse", TOOL)):
        assert answer["candidates"][0]["content"]["parts"] == [{"functionCall": {"name": "get_weather", "args": OSLO}}]


def test_a_limit_a_system_instruction_and_a_tools_answer():
    limited = told(f"{PATH}:generateContent", BODY | {"generationConfig": {"maxOutputTokens": 5}})
    assert limited["candidates"][0]["finishReason"] == "MAX_TOKENS"
    long = {"systemInstruction": {"parts": [{"text": "x" * 4000}]}}
    usage = told(f"{PATH}:generateContent", BODY | long)["usageMetadata"]
    assert 0 < usage["cachedContentTokenCount"] < usage["promptTokenCount"]
    returned = {"role": "user", "parts": [{"functionResponse": {"name": "get_weather", "response": {}}}]}
    after = told(f"{PATH}:generateContent", TOOL | {"contents": [*TOOL["contents"], returned]})
    assert "text" in after["candidates"][0]["content"]["parts"][0]


def test_counting_and_embedding():
    count = told(f"{PATH}:countTokens", BODY)["totalTokens"]
    assert told(f"{PATH}:generateContent", BODY)["usageMetadata"]["promptTokenCount"] == count
    assert told(f"{PATH}:countTokens", {"generateContentRequest": BODY})["totalTokens"] == count
    content = {"content": {"parts": [{"text": "Hello!"}]}, "outputDimensionality": 8}
    one = told("/v1beta/models/gemini-embedding-001:embedContent", content)["embedding"]["values"]
    both = told("/v1beta/models/gemini-embedding-001:batchEmbedContents", {"requests": [content, content]})
    assert [each["values"] for each in both["embeddings"]] == [one, one]
    assert len(one) == 8


def test_models_and_vertex():
    assert told("/v1beta/models")["models"][0]["name"] == "models/gemini-2.5-pro"
    assert told("/v1beta/models/gemini-2.5-flash")["name"] == "models/gemini-2.5-flash"
    assert told("/v1beta/models/nothing")["error"]["status"] == "NOT_FOUND"
    vertex = "/v1/projects/p/locations/global/publishers/google/models/gemini-2.5-flash:generateContent"
    assert told(vertex, BODY) == told(f"{PATH}:generateContent", BODY)


@pytest.mark.parametrize(
    ("status", "word"), [(429, "RESOURCE_EXHAUSTED"), (503, "UNAVAILABLE"), (400, "INVALID_ARGUMENT")]
)
def test_its_errors(status, word):
    error = told(f"{PATH}:generateContent", BODY, status=status)["error"]
    assert (error["code"], error["status"]) == (status, word)


def test_what_is_not_there():
    assert ask(f"{PATH}:doSomething", BODY).status == ask("/v1beta/nothing", BODY).status == 404
    assert ask(f"{PATH}:generateContent", BODY, keys=[]).status == 401
    assert ask(f"{PATH}:generateContent?key=demo", BODY, keys=[]).status == 200
