"""Azure's own ways."""

from __future__ import annotations

import json

from tests.demo.vendors import HELLO, ask, events, told

PATH = "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
BODY = {"messages": HELLO}


def test_a_deployment_serves_a_model_of_another_name():
    assert told(PATH, BODY)["model"] == "gpt-4o-2024-08-06"
    assert told(PATH.replace("mine", "gpt-4o-mini"), BODY)["model"] == "gpt-4o-mini-2024-07-18"
    embedded = told("/openai/deployments/mine/embeddings?api-version=2024-10-21", {"input": "a"})
    assert embedded["model"] == "text-embedding-3-small"


def test_a_stream_begins_with_the_filter_of_the_prompt():
    first, second, *_ = events(PATH, BODY | {"stream": True})
    assert (first["choices"], first["model"], list(first["prompt_filter_results"][0])) == (
        [],
        "",
        ["prompt_index", "content_filter_results"],
    )
    assert second["choices"][0]["delta"]["role"] == "assistant"


def test_responses_and_a_version_that_is_missing():
    path = "/as/azure/openai/responses?api-version=2025-03-01-preview"
    whole = told(path, {"model": "gpt-4o", "input": "Hello!"})
    last = events(path, {"model": "gpt-4o", "input": "Hello!", "stream": True})[-1]
    assert last["response"]["usage"] == whole["usage"]
    assert ask(path.partition("?")[0], {"model": "gpt-4o", "input": "Hello!"}).status == 404
    assert ask("/as/azure/openai/v1/responses", {"model": "gpt-4o", "input": "Hello!"}).status == 200


def test_its_errors():
    assert told(PATH, BODY, status=429)["error"]["code"] == "429"
    missing = ask(PATH, BODY, keys=[])
    assert (missing.status, json.loads(missing.body)["error"]["code"]) == (401, "401")
