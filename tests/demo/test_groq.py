"""Groq's own ways."""

from __future__ import annotations

from tests.demo.vendors import HELLO, ask, events, told

PATH = "/as/groq/openai/v1/chat/completions"
BODY = {"model": "llama-3.3-70b-versatile", "messages": HELLO}


def test_usage_stands_in_x_groq_of_the_last_chunk_asked_or_not():
    usage = told(PATH, BODY)["usage"]
    assert usage["total_time"] > usage["prompt_time"]
    chunks = events(PATH, BODY | {"stream": True})
    assert "usage" not in chunks[0]["x_groq"]
    assert chunks[-1]["x_groq"]["usage"] == usage
    asked = events(PATH, BODY | {"stream": True, "stream_options": {"include_usage": True}})
    assert (asked[-1]["choices"], asked[-1]["usage"]) == ([], usage)


def test_its_root_and_its_limit():
    assert ask("/as/groq/v1/chat/completions", BODY).status == 404
    assert ask("/openai/v1/chat/completions", BODY).status == 200
    assert "llama-3.3-70b-versatile" in told(PATH, BODY, status=429)["error"]["message"]
    assert told(PATH, BODY, status=503)["error"]["type"] == "internal_server_error"
