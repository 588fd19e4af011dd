"""Together's own ways."""

from __future__ import annotations

from tests.demo.vendors import HELLO, ask, events, told

PATH = "/as/together/v1/chat/completions"
BODY = {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", "messages": HELLO}


def test_usage_stands_in_the_chunk_that_ends_the_text():
    whole = told(PATH, BODY)
    assert (whole["prompt"], whole["choices"][0]["finish_reason"]) == ([], "eos")
    *before, last = events(PATH, BODY | {"stream": True})
    assert last["usage"] == whole["usage"]
    assert last["choices"][0]["seed"] == whole["choices"][0]["seed"]
    assert {chunk["usage"] for chunk in before} == {None}
    assert all(each["text"] == each["delta"]["content"] for chunk in before for each in chunk["choices"])


def test_its_root_its_limit_and_embeddings_that_are_not_counted():
    assert ask("/as/together/chat/completions", BODY).status == 404
    assert told(PATH, BODY, status=429)["error"]["type"] == "model_rate_limit"
    assert told(PATH, BODY, status=500)["error"]["type"] == "server_error"
    assert "usage" not in told("/as/together/v1/embeddings", {"model": "e", "input": "a"})
