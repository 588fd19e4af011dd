"""Answers told again in another form: nothing is lost on the way there, nothing on the way back."""

from __future__ import annotations

import json

import pytest

from helicli.caching import ARRAY, EVENTS, JSON
from helicli.demo import responses_api, shapes
from helicli.demo.answers import Answer, Counts
from helicli.providers import read, replay
from helicli.providers.questions import CHAT, GENERATE, MESSAGES, RESPONSES
from helicli.providers.sse import events

COUNTS = Counts(input=12, output=5)


def answer(finish="stop", tool="", pieces=("Par", "is", ".")):
    return Answer(
        model="m-1",
        created=1_760_000_000,
        mark="0123456789abcdef" * 4,
        text="" if tool else "".join(pieces),
        pieces=list(pieces),
        tool=tool,
        finish=finish,
        counts=COUNTS,
    )


TOOL = answer("tool", "get_weather", ('{"ci', 'ty":"Par', 'is"}'))


def stream(*bodies, done=False, named=False):
    lines = [(f"event: {each['type']}\n" if named else "") + f"data: {json.dumps(each)}\n\n" for each in bodies]
    return ("".join(lines) + ("data: [DONE]\n\n" if done else "")).encode()


def both(kind, told):
    """The same answer as JSON and as a stream, as the fake provider writes them."""
    if kind == CHAT:
        return shapes.chat(told), b"".join(shapes.chat_events(told, include_usage=True))
    if kind == RESPONSES:
        return responses_api.response(told), b"".join(responses_api.response_events(told))
    return shapes.message(told), b"".join(shapes.message_events(told))


KINDS = [CHAT, RESPONSES, MESSAGES]
ANSWERS = pytest.mark.parametrize(
    "told", [answer(), TOOL, answer(pieces=('é\n"\u2028',))], ids=["text", "tool", "signs"]
)


def as_json(kind, body, form=EVENTS):
    found = replay.told(kind, body, form, True, JSON, False)
    assert found is not None
    return json.loads(found)


@pytest.mark.parametrize("kind", KINDS)
@ANSWERS
def test_a_stream_as_json_is_what_the_provider_says_as_json(kind, told):
    body, events_body = both(kind, told)
    found, wanted = as_json(kind, events_body), json.loads(body)
    if kind == CHAT:
        # Streams do not tell of these, which are empty.
        for choice in wanted["choices"]:
            assert choice["message"].pop("annotations") == []
    assert found == wanted


@pytest.mark.parametrize("kind", KINDS)
@ANSWERS
def test_json_as_a_stream_and_back_is_the_same(kind, told):
    body, _ = both(kind, told)
    streamed = replay.told(kind, body, JSON, False, EVENTS, True)
    back, wanted = as_json(kind, streamed), json.loads(body)
    if kind == CHAT:
        for choice in wanted["choices"]:
            assert choice["message"].pop("annotations") == []
    assert back == wanted


@pytest.mark.parametrize("kind", KINDS)
@ANSWERS
def test_a_stream_made_of_json_reads_as_the_providers_own(kind, told):
    body, own = both(kind, told)
    dialect, path = {
        CHAT: ("openai", "/v1/chat/completions"),
        RESPONSES: ("openai", "/v1/responses"),
        MESSAGES: ("anthropic", "/v1/messages"),
    }[kind]
    made = replay.told(kind, body, JSON, False, EVENTS, True)

    def facts(stream_body):
        said = read.read_response(dialect, path, "text/event-stream", stream_body)
        usage = said.usage and (said.usage.input, said.usage.output, said.usage.cache_read, said.usage.reasoning)
        return said.model, said.finish_reason, usage, said.complete, said.error_message

    assert facts(made) == facts(own)
    assert facts(made)[3]
    kinds = [json.loads(data).get("type") for _, data in events(made) if data != b"[DONE]"]
    own_kinds = [json.loads(data).get("type") for _, data in events(own) if data != b"[DONE]"]
    if kind != CHAT:
        assert list(dict.fromkeys(kinds)) == [each for each in dict.fromkeys(own_kinds) if each != "ping"]
    assert [name.decode() for name, _ in events(made)] == [each or "" for each in kinds] + [""] * (kind == CHAT)


def test_responses_events_are_numbered():
    made = replay.told(RESPONSES, responses_api.response(TOOL), JSON, False, EVENTS, False)
    assert [json.loads(data)["sequence_number"] for _, data in events(made)] == list(range(len(list(events(made)))))


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_form_is_the_same_bytes(kind):
    body, streamed = both(kind, answer())
    assert replay.told(kind, body, JSON, False, JSON, False) is body
    assert replay.told(kind, streamed, EVENTS, True, EVENTS, True) is streamed


def test_the_usage_event_is_hidden_from_who_did_not_ask():
    streamed = both(CHAT, answer())[1]
    hidden = replay.told(CHAT, streamed, EVENTS, True, EVENTS, False)
    taken = [data for _, data in events(streamed)]
    assert [data for _, data in events(hidden)] == taken[:-2] + taken[-1:]
    assert replay.told(CHAT, hidden, EVENTS, False, EVENTS, False) is hidden


def test_what_was_not_asked_cannot_be_told():
    unasked = b"".join(shapes.chat_events(answer(), include_usage=False))
    assert replay.told(CHAT, unasked, EVENTS, False, EVENTS, True) is None
    assert replay.told(CHAT, unasked, EVENTS, False, JSON, False) is None


def test_a_stream_of_chat_without_usage_has_none():
    made = replay.told(CHAT, shapes.chat(answer()), JSON, False, EVENTS, False)
    assert b'"usage"' not in made and made.endswith(b"data: [DONE]\n\n")


def message_events(*blocks):
    """Blocks as (start, deltas)."""
    start = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 4, "output_tokens": 1},
    }
    told = [{"type": "message_start", "message": start}]
    for index, (block, deltas) in enumerate(blocks):
        told.append({"type": "content_block_start", "index": index, "content_block": block})
        told += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        told.append({"type": "content_block_stop", "index": index})
    told.append(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 9},
        }
    )
    return stream(*told, {"type": "message_stop"}, named=True)


THINKING = (
    {"type": "thinking", "thinking": "", "signature": ""},
    [
        {"type": "thinking_delta", "thinking": "hm"},
        {"type": "thinking_delta", "thinking": "m"},
        {"type": "signature_delta", "signature": "s1"},
    ],
)
CITED = (
    {"type": "text", "text": "", "citations": []},
    [{"type": "citations_delta", "citation": {"cited_text": "x"}}, {"type": "text_delta", "text": "Yes"}],
)
REDACTED = ({"type": "redacted_thinking", "data": "zz"}, [])
NO_INPUT = (
    {"type": "tool_use", "id": "t", "name": "now", "input": {}},
    [{"type": "input_json_delta", "partial_json": ""}],
)


def test_blocks_of_a_message():
    found = as_json(MESSAGES, message_events(THINKING, REDACTED, CITED, NO_INPUT))
    assert found["content"] == [
        {"type": "thinking", "thinking": "hmm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "zz"},
        {"type": "text", "text": "Yes", "citations": [{"cited_text": "x"}]},
        {"type": "tool_use", "id": "t", "name": "now", "input": {}},
    ]
    assert (found["stop_reason"], found["usage"]) == ("end_turn", {"input_tokens": 4, "output_tokens": 9})
    again = replay.told(MESSAGES, json.dumps(found).encode(), JSON, False, EVENTS, False)
    assert as_json(MESSAGES, again) == found


def test_a_delta_of_an_unknown_kind_makes_the_whole_untellable():
    odd = ({"type": "text", "text": ""}, [{"type": "future_delta", "text": "x"}])
    body = message_events(odd)
    assert replay.told(MESSAGES, body, EVENTS, False, JSON, False) is None
    assert not replay.is_good(MESSAGES, EVENTS, body)


def candidate(*parts, finish=None, **more):
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": list(parts)},
                "index": 0,
                **({"finishReason": finish} if finish else {}),
            }
        ],
        **more,
    }


GEMINI = [
    candidate({"text": "Let me ", "thought": True}),
    candidate({"text": "see", "thought": True}),
    candidate({"text": "Par"}),
    candidate({"text": "is"}, usageMetadata={"totalTokenCount": 3}),
    candidate({"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}),
    candidate({"text": ""}, finish="STOP", usageMetadata={"totalTokenCount": 9}, modelVersion="g"),
]


def test_gemini_in_its_three_forms():
    whole = as_json(GENERATE, stream(*GEMINI))
    assert whole["candidates"][0]["content"]["parts"] == [
        {"text": "Let me see", "thought": True},
        {"text": "Paris"},
        {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"},
    ]
    assert (whole["candidates"][0]["finishReason"], whole["usageMetadata"]) == ("STOP", {"totalTokenCount": 9})
    assert as_json(GENERATE, json.dumps(GEMINI).encode(), ARRAY) == whole
    for form in (EVENTS, ARRAY):
        told = replay.told(GENERATE, json.dumps(whole).encode(), JSON, False, form, False)
        assert replay.form_of(told) == form
        assert as_json(GENERATE, told, form) == whole
    as_array = json.loads(replay.told(GENERATE, stream(*GEMINI), EVENTS, False, ARRAY, False))
    assert as_array == [whole]


@pytest.mark.parametrize(("form", "wanted"), [(EVENTS, JSON), (JSON, EVENTS)])
def test_what_no_longer_reads_cannot_be_told(form, wanted):
    for kind in (*KINDS, GENERATE):
        assert replay.told(kind, b"data: {]\n\n" if form == EVENTS else b"{", form, True, wanted, False) is None


def test_content_types():
    assert replay.content_type(JSON) == b"application/json"
    assert replay.content_type(EVENTS).startswith(b"text/event-stream")
