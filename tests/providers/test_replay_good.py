"""Which answers may be given again: those that came to their end by themselves, and no others."""

from __future__ import annotations

import json

import pytest

from helicli.caching import EVENTS
from helicli.providers import replay
from helicli.providers.questions import CHAT, EMBEDDINGS, GENERATE, MESSAGES, RESPONSES
from tests.providers.test_replay import GEMINI, KINDS, TOOL, answer, both, candidate, stream


def chat(finish="stop", **more):
    choices = [{"index": 0, "message": {"content": "x"}, "finish_reason": finish}]
    return json.dumps({"choices": choices, **more}).encode()


GOOD = [
    (CHAT, chat()),
    (CHAT, chat("tool_calls")),
    (CHAT, chat("function_call")),
    (CHAT, both(CHAT, answer())[1]),
    (RESPONSES, both(RESPONSES, answer())[0]),
    (RESPONSES, both(RESPONSES, TOOL)[1]),
    (MESSAGES, both(MESSAGES, answer())[0]),
    (MESSAGES, both(MESSAGES, TOOL)[1]),
    (MESSAGES, b'{"stop_reason":"stop_sequence","content":[]}'),
    (GENERATE, json.dumps(candidate({"text": "x"}, finish="STOP")).encode()),
    (GENERATE, json.dumps(GEMINI).encode()),
    (GENERATE, b'{"embedding":{"values":[1]}}'),
    (EMBEDDINGS, b'{"data":[{"embedding":[1]}]}'),
]


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_what_is_good(kind, body):
    assert replay.is_good(kind, replay.form_of(body), body)


BAD = [
    (CHAT, chat("length")),
    (CHAT, chat("content_filter")),
    (CHAT, chat(None)),
    (CHAT, chat("a reason of the future")),
    (CHAT, chat(error={"message": "x"})),
    (CHAT, b'{"choices":[]}'),
    (CHAT, b"{}"),
    (CHAT, b'{"choices":7}'),
    (CHAT, b"[]"),
    (CHAT, b""),
    (CHAT, b"<html>"),
    (CHAT, chat()[:-5]),
    (CHAT, json.dumps({"choices": [{"finish_reason": "stop"}, {"finish_reason": "length"}]}).encode()),
    (CHAT, both(CHAT, answer("length"))[1]),
    (RESPONSES, both(RESPONSES, answer("length"))[0]),
    (RESPONSES, both(RESPONSES, answer("length"))[1]),
    (RESPONSES, b'{"status":"failed"}'),
    (RESPONSES, b'{"status":"queued"}'),
    (RESPONSES, b'{"status":"completed","output":[{"status":"incomplete"}]}'),
    (MESSAGES, both(MESSAGES, answer("length"))[0]),
    (MESSAGES, both(MESSAGES, answer("length"))[1]),
    (MESSAGES, b'{"stop_reason":"refusal"}'),
    (MESSAGES, b'{"stop_reason":"pause_turn"}'),
    (MESSAGES, b'{"type":"error","error":{"message":"x"}}'),
    (MESSAGES, both(MESSAGES, answer())[1] + stream({"type": "error", "error": {}}, named=True)),
    (GENERATE, json.dumps(candidate({"text": "x"}, finish="MAX_TOKENS")).encode()),
    (GENERATE, json.dumps(candidate({"text": "x"}, finish="SAFETY")).encode()),
    (GENERATE, json.dumps(candidate({"text": "x"})).encode()),
    (GENERATE, json.dumps(GEMINI[:-1]).encode()),
    (GENERATE, b'{"promptFeedback":{"blockReason":"SAFETY"}}'),
    (EMBEDDINGS, b'{"error":{"message":"x"}}'),
    (EMBEDDINGS, b'{"data":[]}'),
    (EMBEDDINGS, stream({"data": [1]})),
]


@pytest.mark.parametrize(("kind", "body"), BAD)
def test_what_is_not(kind, body):
    assert not replay.is_good(kind, replay.form_of(body), body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_cut_anywhere_is_not_good(kind):
    whole = both(kind, answer())[1]
    pieces = whole.split(b"\n\n")[:-1]
    for count in range(len(pieces)):
        cut = b"\n\n".join(pieces[:count]) + b"\n\n"
        assert not replay.is_good(kind, EVENTS, cut)
    assert not replay.is_good(kind, EVENTS, whole[:-3])
