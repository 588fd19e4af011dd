"""Bodies and events: what a reader of either dialect relies on."""

from __future__ import annotations

import base64
import json
import struct

import pytest

from helicli.demo import shapes
from helicli.demo.answers import compose, read_ask

TOOL = {"name": "get_weather"}


def answer(question="Hello!", model="gpt-4o", **body):
    messages = [{"role": "user", "content": question}]
    return compose(read_ask(json.dumps({"model": model, "messages": messages, **body}).encode()))


def data(events):
    """The JSON of each event, without [DONE]."""
    lines = b"".join(events).decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def test_chat_body_and_stream_say_the_same():
    said = answer()
    body = json.loads(shapes.chat(said))
    events = list(shapes.chat_events(said, include_usage=True))
    chunks = data(events)
    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"]["content"] == said.text
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks[1:-2]) == said.text
    assert chunks[-2]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], body["usage"])
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert events[-1] == b"data: [DONE]\n\n"
    assert {chunk["id"] for chunk in chunks} == {body["id"]}


def test_a_chat_stream_has_no_usage_unless_asked():
    assert all("usage" not in chunk for chunk in data(shapes.chat_events(answer(), include_usage=False)))


def test_chat_tool_calls():
    said = answer("The weather in Kyoto?", tools=[TOOL])
    (call,) = json.loads(shapes.chat(said))["choices"][0]["message"]["tool_calls"]
    chunks = data(shapes.chat_events(said, include_usage=False))
    deltas = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in chunks[:-1]]
    assert deltas[0]["function"] == {"name": "get_weather", "arguments": ""}
    assert deltas[0]["id"] == call["id"]
    assert len(deltas) == 9
    assert "".join(delta["function"]["arguments"] for delta in deltas) == call["function"]["arguments"]
    assert json.loads(call["function"]["arguments"])["location"] == "Kyoto"
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_completion_body_and_stream_say_the_same():
    said = answer(model="gpt-3.5-turbo-instruct")
    body = json.loads(shapes.completion(said))
    chunks = data(shapes.completion_events(said, include_usage=True))
    assert body["choices"][0]["text"] == said.text
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks[:-1]) == said.text
    assert chunks[-1]["usage"] == body["usage"]


def test_message_body_and_stream_say_the_same():
    said = answer(model="claude-sonnet-4-20250514")
    body = json.loads(shapes.message(said))
    events = data(shapes.message_events(said))
    kinds = [event["type"] for event in events]
    assert kinds[:3] == ["message_start", "content_block_start", "ping"]
    assert kinds[3:-3] == ["content_block_delta"] * 8
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert body["content"] == [{"type": "text", "text": said.text}]
    assert "".join(event["delta"]["text"] for event in events[3:-3]) == said.text
    assert events[-2]["usage"]["output_tokens"] == body["usage"]["output_tokens"]
    assert events[0]["message"]["usage"]["input_tokens"] == body["usage"]["input_tokens"]
    assert events[-2]["delta"] == {"stop_reason": body["stop_reason"], "stop_sequence": None}
    assert all(event.startswith(b"event: ") for event in shapes.message_events(said))


def test_message_tool_use():
    said = answer("The weather in Kyoto?", model="claude", tools=[TOOL])
    (block,) = json.loads(shapes.message(said))["content"]
    events = data(shapes.message_events(said))
    assert events[1]["content_block"] == {**block, "input": {}}
    assert json.loads("".join(event["delta"]["partial_json"] for event in events[3:-3])) == block["input"]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


def test_the_dialects_count_cached_tokens_in_their_own_ways():
    counts = answer(system="Be kind. " * 300).counts
    chat, message = shapes.chat_usage(counts), shapes.message_usage(counts)
    assert chat["prompt_tokens_details"]["cached_tokens"] == message["cache_read_input_tokens"] == 640
    assert chat["prompt_tokens"] == message["input_tokens"] + 640


def test_like_texts_have_near_vectors():
    texts = ["reset my password please", "please reset my password", "the weather in Kyoto"]
    body = json.loads(shapes.embeddings("m", texts, 256, packed=False))
    one, two, other = (row["embedding"] for row in body["data"])
    assert sum(a * a for a in one) == pytest.approx(1)
    assert sum(a * b for a, b in zip(one, two, strict=True)) == pytest.approx(1)
    assert sum(a * b for a, b in zip(one, other, strict=True)) < 0.5
    packed = json.loads(shapes.embeddings("m", texts, 256, packed=True))["data"][0]["embedding"]
    assert struct.unpack("<256f", base64.b64decode(packed)) == pytest.approx(one)


def test_a_file_form_is_read():
    form = (
        b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\ncontent-type: x/y\r\n\r\n'
        b"one\r\ntwo\r\n--b--\r\n"
    )
    body = json.loads(shapes.file(form))
    assert (body["filename"], body["purpose"], body["bytes"]) == ("a.jsonl", "batch", 8)


@pytest.mark.parametrize("size", [0, 1, 65_536, 200_000])
def test_files_have_their_size(size):
    content = b"".join(shapes.binary(size))
    assert len(content) == size
    assert content == (bytes(range(256)) * 800)[:size]
