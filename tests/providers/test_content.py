"""Which events of a stream say something."""

from __future__ import annotations

import pytest

from helicli.providers.content import Weight, is_unknown_model, status_of, weigh

PREAMBLES = [
    b'{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
    b'{"choices":[{"delta":{"role":"assistant","content":null,"refusal":null,"tool_calls":[]}}]}',
    b'{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}',
    b'{"type":"message_start","message":{"usage":{"input_tokens":9}}}',
    b'{"type":"ping"}',
    b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    b'{"type":"response.created","response":{"error":null}}',
    b'{"type":"response.in_progress"}',
    b'{"type":"response.output_item.added"}',
    b'{"type":"message-start"}',
    b'{"model":"llama","message":{"role":"assistant","content":""},"done":false}',
]
CONTENTS = [
    b"[DONE]",
    b'{"choices":[{"delta":{"content":"H"}}]}',
    b'{"choices":[{"delta":{"reasoning_content":"H"}}]}',
    b'{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}',
    b'{"choices":[{"delta":{},"finish_reason":"stop"}]}',
    b'{"choices":[{"text":"H"}]}',
    b'{"choices":[],"usage":{"prompt_tokens":1}}',
    b'{"type":"content_block_delta","delta":{"text":"H"}}',
    b'{"type":"message_delta"}',
    b'{"type":"response.output_text.delta","delta":"H"}',
    b'{"type":"content-delta"}',
    b'{"candidates":[{"content":{"parts":[{"text":"H"}]}}]}',
    b'{"message":{"role":"assistant","content":"H"},"done":false}',
    b'{"message":{"role":"assistant","thinking":"H"},"done":false}',
    b'{"response":"H","done":false}',
    b'{"done":true}',
    b"not json",
    b"[]",
    b"{}",
]
ERRORS = [
    (b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 529),
    (b'{"error":{"message":"x","type":"server_error","code":null}}', 500),
    (b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}', 429),
    (b'{"error":{"message":"x","type":"requests","code":"rate_limit_exceeded"}}', 429),
    (b'{"type":"error","code":"server_error","message":"x"}', 500),
    (b'{"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded"}}}', 429),
    (b'{"type":"error","error":{"type":"invalid_request_error"}}', 400),
    (b'{"error":"model crashed"}', 500),
    (b'{"error":{"code":7}}', 500),
]


@pytest.mark.parametrize("data", PREAMBLES)
def test_preambles(data):
    assert weigh(data) is Weight.PREAMBLE


@pytest.mark.parametrize("data", CONTENTS)
def test_contents(data):
    assert weigh(data) is Weight.CONTENT


@pytest.mark.parametrize(("data", "status"), ERRORS)
def test_errors(data, status):
    assert weigh(data) is Weight.ERROR
    assert status_of(data) == status


@pytest.mark.parametrize(
    ("body", "unknown"),
    [
        (b'{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}', True),
        (b'{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}', True),
        (b'{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}', True),
        (b'{"error":"model \\"x\\" not found, try pulling it first"}', True),
        (b'{"detail":"Not Found"}', False),
        (b"<html>404</html>", False),
    ],
)
def test_unknown_models(body, unknown):
    assert is_unknown_model(body) is unknown
