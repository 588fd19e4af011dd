"""Tests of telling a call as a conversation."""

from __future__ import annotations

import json

import pytest

from helicli.providers.conversation import Message, conversation
from helicli.providers.sse import Splitter
from tests.providers import shapes

JSON = "application/json"
STREAM = "text/event-stream"


def told(dialect, request, response=b"", content_type=JSON):
    request, response = (body if isinstance(body, bytes) else json.dumps(body).encode() for body in (request, response))
    return conversation(dialect, "/v1/x", request, content_type, response)


def user(text):
    return Message("user", text)


def test_chat_request():
    assert told(
        "openai",
        {
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                        {"type": "file", "file": {"file_id": "f"}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "a", "function": {"name": "add", "arguments": '{"a": 1}'}}],
                },
                {"role": "tool", "tool_call_id": "a", "content": "3"},
            ]
        },
    ) == [
        Message("developer", "Be brief."),
        user("What is this?\n[image]\n[audio]\n[file]"),
        Message("assistant", "", ['add {"a": 1}']),
        Message("tool", "3"),
    ]


@pytest.mark.parametrize(
    ("request_body", "messages"),
    [
        ({"prompt": "Once"}, [user("Once")]),
        ({"prompt": ["a", "b"]}, [user("a"), user("b")]),
        ({"prompt": [1, 2, 3]}, [user("[3 tokens]")]),
        ({"input": [[1], [2, 3]]}, [user("[1 tokens]"), user("[2 tokens]")]),
        ({"instructions": "Be brief.", "input": "Hi"}, [Message("system", "Be brief."), user("Hi")]),
        ({"prompt": {"id": "pmpt_1"}}, []),
        (b"no json", []),
        (b"", []),
        (b'{"prompt":"\xff"}', [user("\ufffd")]),
    ],
)
def test_other_requests(request_body, messages):
    assert told("openai", request_body) == messages


def test_response_items_in_a_request():
    items = [
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Look"}, {"type": "input_image", "image_url": "x"}],
        },
        *shapes.RESPONSE["output"],
        {"type": "function_call_output", "call_id": "c", "output": "rain"},
        {"type": "web_search_call", "status": "completed"},
        {"type": "image_generation_call", "result": "AAAA"},
    ]
    assert told("openai", {"input": items}) == [
        user("Look\n[image]"),
        Message("reasoning", "Think of Paris."),
        Message("assistant", "Paris."),
        Message("assistant", "", ['look {"at": "Paris"}']),
        Message("tool", "rain"),
        Message("assistant", "[web_search_call]"),
        Message("assistant", "[image]"),
    ]


def test_chat_answers():
    assert told("openai", b"", shapes.CHAT) == [Message("assistant", "Hello!")]
    refusal = {"choices": [{"message": {"role": "assistant", "content": None, "refusal": "I cannot."}}]}
    assert told("openai", b"", refusal) == [Message("assistant", "I cannot.")]
    thinking = {"choices": [{"message": {"role": "assistant", "content": "4", "reasoning_content": "2+2"}}]}
    assert told("openai", b"", thinking) == [Message("reasoning", "2+2"), Message("assistant", "4")]
    assert told("openai", b"", {"choices": [{"text": "a"}, {"text": "b"}]}) == [
        Message("assistant", "a"),
        Message("assistant", "b"),
    ]
    assert told("openai", b"", {"data": [{"b64_json": "A"}]}) == [Message("assistant", "[image]")]
    assert told("openai", b"", {"error": {"message": "No"}}) == []


def test_chat_stream():
    calls = Message("assistant", "", ['add {"a": 1, "b": 2}', "now {}"])
    assert told("openai", b"", shapes.sse(*shapes.TOOL_STREAM), STREAM) == [calls]
    texts = [
        shapes.chunk({"role": "assistant", "content": "", "reasoning_content": "Hm"}),
        shapes.chunk({"content": "Hel", "refusal": None}),
        shapes.chunk({"content": "lo\ud83d\ude00"}),
        {"choices": [{"index": 1, "delta": {"refusal": "No."}}]},
    ]
    assert told("openai", b"", shapes.sse(*texts), STREAM) == [
        Message("reasoning", "Hm"),
        Message("assistant", "Hello😀"),
        Message("assistant", "No."),
    ]
    legacy = shapes.sse({"choices": [{"text": "On"}]}, {"choices": [{"text": "ce"}]})
    assert told("openai", b"", legacy, STREAM) == [Message("assistant", "Once")]


def test_cut_chat_stream_tells_what_came():
    cuts = Splitter().feed(shapes.sse(*shapes.TOOL_STREAM))
    assert told("openai", b"", b"", STREAM) == []
    assert told("openai", b"", b"".join(cuts[:4]) + cuts[4][:9], STREAM) == [
        Message("assistant", "", ['add {"a": 1', "now {}"])
    ]


def test_response_answers():
    expected = [
        Message("reasoning", "Think of Paris."),
        Message("assistant", "Paris."),
        Message("assistant", "", ['look {"at": "Paris"}']),
    ]
    assert told("openai", b"", shapes.RESPONSE) == expected
    assert told("openai", b"", shapes.named(*shapes.RESPONSE_STREAM), STREAM) == expected
    assert told("openai", b"", shapes.named(*shapes.RESPONSE_STREAM[:-1]), STREAM) == [
        Message("assistant", "Paris."),
        Message("assistant", "", ['look {"at":']),
    ]


def test_finished_items_of_a_cut_stream_are_taken_as_they_are():
    done = {"type": "response.output_item.done", "output_index": 0, "item": shapes.RESPONSE["output"][1]}
    body = shapes.named(*shapes.RESPONSE_STREAM[:4], done)
    assert told("openai", b"", body, STREAM) == [Message("assistant", "Paris.")]


def test_messages_request():
    assert told(
        "anthropic",
        {
            "system": [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}],
            "messages": [
                {"role": "user", "content": "Add."},
                {"role": "assistant", "content": shapes.MESSAGE["content"]},
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "3"}]},
                        {"type": "image", "source": {"type": "base64", "data": "AAAA"}},
                        {"type": "text", "text": "And this?"},
                    ],
                },
                {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]},
            ],
        },
    ) == [
        Message("system", "Be brief.\nBe kind."),
        user("Add."),
        Message("reasoning", "Add them."),
        Message("assistant", "Let me add.", ['add {"a": 1}']),
        Message("tool", "3"),
        user("[image]\nAnd this?"),
        Message("reasoning", "[redacted]"),
    ]


def test_messages_answers():
    expected = [Message("reasoning", "Add them."), Message("assistant", "Let me add.", ['add {"a": 1}'])]
    assert told("anthropic", b"", shapes.MESSAGE) == expected
    assert told("anthropic", b"", shapes.named(*shapes.MESSAGE_STREAM), STREAM) == expected
    assert told("anthropic", b"", shapes.named(*shapes.MESSAGE_STREAM[:11]), STREAM) == [
        expected[0],
        Message("assistant", "Let me add.", ['add {"a": ']),
    ]
    assert told("anthropic", b"", {"type": "error", "error": {"message": "Overloaded"}}) == []


def test_old_completions():
    assert told("anthropic", {"prompt": "\n\nHuman: Hi"}, {"completion": " Hello"}) == [
        user("\n\nHuman: Hi"),
        Message("assistant", " Hello"),
    ]
    stream = shapes.named({"type": "completion", "completion": " He"}, {"type": "completion", "completion": "llo"})
    assert told("anthropic", b"", stream, STREAM) == [Message("assistant", " Hello")]


def test_unknown_dialect_tells_nothing():
    assert told("other", {"messages": [{"role": "user", "content": "x"}]}, shapes.CHAT) == []
