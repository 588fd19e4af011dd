"""Ollama's shapes."""

from __future__ import annotations

import json

from helicli.demo.reply import LINES
from tests.demo.vendors import HELLO, OSLO, TOOLS, WEATHER, ask, told

CHAT = {"model": "llama3.2", "messages": HELLO}


def lines(path, body):
    reply = ask(path, body, keys=[])
    assert reply.kind == LINES
    return [json.loads(line) for line in b"".join(reply.parts).splitlines()]


def test_it_streams_unless_told_otherwise():
    streamed = lines("/api/chat", CHAT)
    whole = told("/api/chat", CHAT | {"stream": False}, keys=[])
    assert "".join(each["message"]["content"] for each in streamed) == whole["message"]["content"]
    assert [each["done"] for each in streamed] == [False] * 8 + [True]
    assert (streamed[-1]["prompt_eval_count"], streamed[-1]["eval_count"]) == (
        whole["prompt_eval_count"],
        whole["eval_count"],
    )


def test_generate_has_a_response_of_its_own():
    asked = {"model": "llama3.2", "prompt": "Hello!"}
    whole = told("/api/generate", asked | {"stream": False})
    assert "".join(each["response"] for each in lines("/api/generate", asked)) == whole["response"]
    assert told("/api/generate", asked | {"stream": False, "options": {"num_predict": 3}})["done_reason"] == "length"


def test_a_tool_call_comes_whole():
    asked = {"model": "llama3.2", "messages": WEATHER, "tools": TOOLS}
    call = [{"function": {"name": "get_weather", "arguments": OSLO}}]
    assert told("/api/chat", asked | {"stream": False})["message"]["tool_calls"] == call
    assert lines("/api/chat", asked)[0]["message"]["tool_calls"] == call


def test_embeddings_models_and_errors():
    made = told("/api/embed", {"model": "e", "input": ["a", "b"]})
    assert ([len(each) for each in made["embeddings"]], made["prompt_eval_count"]) == ([256, 256], 2)
    assert told("/api/tags")["models"][0]["model"] == "llama3.2:latest"
    assert told("/api/version")["version"]
    assert ask("/api/nothing", CHAT).status == 404
    assert "busy" in told("/api/chat", CHAT, status=503)["error"]
