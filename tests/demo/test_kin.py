"""What the vendors of OpenAI's shapes share."""

from __future__ import annotations

import base64

import pytest

from tests.demo.vendors import HELLO, OSLO, TOOLS, WEATHER, ask, events, spoken, told

ROOTS = {
    "azure": "/as/azure/openai/v1",
    "groq": "/as/groq/openai/v1",
    "mistral": "/as/mistral/v1",
    "together": "/as/together/v1",
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_stream_says_what_the_whole_answer_says(name):
    path = f"{ROOTS[name]}/chat/completions"
    whole = told(path, {"model": "m", "messages": HELLO})
    asked = {"model": "m", "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}}
    chunks = events(path, asked)
    assert spoken(chunks) == whole["choices"][0]["message"]["content"]
    assert [chunk["usage"] for chunk in chunks if chunk.get("usage")] == [whole["usage"]]
    ends = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"] if choice["finish_reason"]]
    assert ends == [whole["choices"][0]["finish_reason"]]
    assert whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + whole["usage"]["completion_tokens"]


@pytest.mark.parametrize("name", ROOTS)
def test_a_streamed_tool_call_is_the_whole_one(name):
    path = f"{ROOTS[name]}/chat/completions"
    body = {"model": "m", "messages": WEATHER, "tools": TOOLS}
    [call] = told(path, body)["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    pieces = [
        piece["function"].get("arguments") or ""
        for chunk in events(path, body | {"stream": True})
        for choice in chunk["choices"]
        for piece in choice["delta"].get("tool_calls") or ()
    ]
    assert "".join(pieces) == call["function"]["arguments"]
    assert all(part in call["function"]["arguments"] for part in OSLO.values())


@pytest.mark.parametrize("name", ROOTS)
def test_embeddings_and_models(name):
    made = told(f"{ROOTS[name]}/embeddings", {"model": "e", "input": ["a", "b"]})
    assert [len(each["embedding"]) for each in made["data"]] == [256, 256]
    packed = told(f"{ROOTS[name]}/embeddings", {"model": "e", "input": "a", "encoding_format": "base64"})
    assert len(base64.b64decode(packed["data"][0]["embedding"])) == 1024
    listed = told(f"{ROOTS[name]}/models")
    assert len(listed if isinstance(listed, list) else listed["data"]) > 1


@pytest.mark.parametrize("name", ROOTS)
def test_what_is_not_understood(name):
    assert ask(f"{ROOTS[name]}/nothing", {"model": "m"}).status == 404
    assert ask(f"{ROOTS[name]}/chat/completions", {"messages": HELLO}).status == 400
    assert ask(f"{ROOTS[name]}/chat/completions", [1]).status == 400
