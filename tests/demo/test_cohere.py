"""Cohere's shapes."""

from __future__ import annotations

import json

from tests.demo.vendors import HELLO, OSLO, TOOLS, WEATHER, ask, events, told

CHAT = {"model": "command-a-03-2025", "messages": HELLO}


def test_a_stream_says_what_the_whole_answer_says():
    whole = told("/v2/chat", CHAT)
    streamed = events("/v2/chat", CHAT | {"stream": True})
    text = "".join(each["delta"]["message"]["content"]["text"] for each in streamed if each["type"] == "content-delta")
    assert text == whole["message"]["content"][0]["text"]
    assert streamed[-1]["delta"] == {"finish_reason": "COMPLETE", "usage": whole["usage"]}
    assert "model" not in whole


def test_the_template_is_read_and_not_billed():
    usage = told("/v2/chat", CHAT)["usage"]
    assert usage["tokens"]["input_tokens"] > usage["billed_units"]["input_tokens"]


def test_tools():
    asked = CHAT | {"messages": WEATHER, "tools": TOOLS}
    whole = told("/v2/chat", asked)
    assert (whole["finish_reason"], "content" in whole["message"]) == ("TOOL_CALL", False)
    assert json.loads(whole["message"]["tool_calls"][0]["function"]["arguments"]) == OSLO
    kinds = [each["type"] for each in events("/v2/chat", asked | {"stream": True})]
    assert kinds[:3] == ["message-start", "tool-plan-delta", "tool-call-start"]


def test_embeddings_models_and_errors():
    made = told("/v2/embed", {"model": "embed-v4.0", "texts": ["a", "b"], "embedding_types": ["float"]})
    assert [len(each) for each in made["embeddings"]["float"]] == [256, 256]
    assert told("/as/cohere/v1/models")["models"][0]["name"] == "command-a-03-2025"
    assert "Trial key" in told("/v2/chat", CHAT, status=429)["message"]
    assert ask("/as/cohere/v3/chat", CHAT).status == 404
