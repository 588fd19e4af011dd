"""Chunks of chat completions joined and split: whatever fields a provider adds, they come through."""

from __future__ import annotations

import json

from helicli.caching import EVENTS, JSON
from helicli.providers import replay
from helicli.providers.questions import CHAT
from tests.providers.test_replay import as_json, stream


def chunk(delta, finish=None, **more):
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


def test_fields_that_nobody_has_heard_of_come_through():
    chunks = [
        chunk({"role": "assistant", "content": "", "reasoning_content": "I "}, x_new={"a": 1}),
        chunk({"reasoning_content": "think", "content": None}),
        chunk({"content": "Yes", "odd": {"deep": "a"}}, obfuscation="x7Kq"),
        chunk({"content": "!", "odd": {"deep": "b", "n": 2}}),
        chunk({}, "stop", system_fingerprint="fp"),
        {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 3}},
    ]
    found = as_json(CHAT, stream(*chunks, done=True))
    message = found["choices"][0]["message"]
    assert message == {
        "role": "assistant",
        "content": "Yes!",
        "reasoning_content": "I think",
        "odd": {"deep": "ab", "n": 2},
    }
    assert (found["object"], found["x_new"], found["system_fingerprint"]) == ("chat.completion", {"a": 1}, "fp")
    assert found["usage"] == {"total_tokens": 3}
    # OpenAI pads its chunks with it, and only them.
    assert "obfuscation" not in found


def test_several_choices_and_several_tools():
    def tools(*calls):
        return {"tool_calls": [dict(call) for call in calls]}

    chunks = [
        {"id": "c", "choices": [{"index": 1, "delta": {"role": "assistant", "content": "two"}, "finish_reason": None}]},
        chunk(
            {
                "role": "assistant",
                "content": None,
                **tools({"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}),
            }
        ),
        chunk(tools({"index": 0, "function": {"arguments": '{"x"'}})),
        chunk(tools({"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}})),
        chunk(tools({"index": 0, "function": {"arguments": ":1}"}})),
        chunk({}, "tool_calls"),
        {"id": "c", "choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]},
        {"id": "c", "choices": [], "usage": {"total_tokens": 3}},
    ]
    body = stream(*chunks, done=True)
    assert replay.is_good(CHAT, EVENTS, body)
    found = as_json(CHAT, body)
    assert [choice["finish_reason"] for choice in found["choices"]] == ["tool_calls", "stop"]
    calls = found["choices"][0]["message"]["tool_calls"]
    assert [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in calls] == [
        ("a", "f", '{"x":1}'),
        ("b", "g", "{}"),
    ]
    assert all("index" not in call for call in calls)
    again = as_json(CHAT, replay.told(CHAT, json.dumps(found).encode(), JSON, False, EVENTS, True))
    assert again == found


def test_logprobs_are_joined():
    def with_logprobs(text):
        piece = chunk({"content": text})
        piece["choices"][0]["logprobs"] = {"content": [{"token": text}], "refusal": None}
        return piece

    usage = {"choices": [], "usage": {"total_tokens": 3}}
    found = as_json(CHAT, stream(with_logprobs("a"), with_logprobs("b"), chunk({}, "stop"), usage, done=True))
    assert found["choices"][0]["logprobs"] == {"content": [{"token": "a"}, {"token": "b"}], "refusal": None}
