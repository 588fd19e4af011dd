"""The Responses API's events against its body."""

from __future__ import annotations

import json

import pytest

from helicli.demo.answers import compose, read_ask
from helicli.demo.responses_api import response, response_events


def both(**asked):
    answer = compose(read_ask(json.dumps({"model": "gpt-4o", **asked}).encode()))
    return json.loads(response(answer)), [
        json.loads(event.partition(b"data: ")[2]) for event in response_events(answer)
    ]


def test_text():
    body, events = both(input="Hello!")
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["response"] == body
    assert events[0]["response"]["usage"] is None
    text = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert text == body["output"][0]["content"][0]["text"] != ""
    usage = body["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_tool_call():
    body, events = both(input="The weather in Kyoto?", tools=[{"type": "function", "name": "get_weather"}])
    (item,) = body["output"]
    assert (item["type"], item["name"]) == ("function_call", "get_weather")
    kind = "response.function_call_arguments.delta"
    assert "".join(event["delta"] for event in events if event["type"] == kind) == item["arguments"]


@pytest.mark.parametrize(("limit", "status"), [(2, "incomplete"), (10_000, "completed")])
def test_a_limit_leaves_it_incomplete(limit, status):
    body, events = both(input="Hello!", max_output_tokens=limit)
    assert (body["status"], events[-1]["type"]) == (status, f"response.{status}")
