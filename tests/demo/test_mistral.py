"""Mistral's own ways."""

from __future__ import annotations

from tests.demo.vendors import HELLO, TOOLS, WEATHER, ask, events, told

PATH = "/as/mistral/v1/chat/completions"
BODY = {"model": "mistral-small-latest", "messages": HELLO}


def test_usage_stands_in_the_last_chunk_unasked():
    chunks = events(PATH, BODY | {"stream": True})
    assert chunks[-1]["usage"] == told(PATH, BODY)["usage"]
    assert not [chunk for chunk in chunks[:-1] if "usage" in chunk]


def test_a_tool_call_comes_in_one_piece():
    chunks = events(PATH, {"model": "m", "messages": WEATHER, "tools": TOOLS, "stream": True})
    assert len(chunks) == 2
    assert len(chunks[1]["choices"][0]["delta"]["tool_calls"][0]["id"]) == 9


def test_its_root_and_its_flat_errors():
    assert ask("/as/mistral/chat/completions", BODY).status == 404
    assert told(PATH, BODY, status=429)["code"] == "1300"
    assert told(PATH, {"messages": HELLO})["message"] == "model: field required"
    assert told("/as/mistral/v1/embeddings", {"model": "e", "input": "a"})["usage"]["completion_tokens"] == 0
