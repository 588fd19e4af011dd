"""What is understood of requests in all dialects, and that answers depend on their meaning only."""

from __future__ import annotations

import json

import pytest

from helicli.demo.answers import compose, read_ask


def ask(**body):
    return read_ask(json.dumps(body).encode())


def said(**body):
    return compose(ask(**body))


def turns(*texts):
    return [{"role": "user" if number % 2 == 0 else "assistant", "content": text} for number, text in enumerate(texts)]


def test_the_same_question_has_the_same_answer_streamed_or_not():
    plain = said(model="gpt-4o", messages=turns("Hello!"))
    streamed = said(model="gpt-4o", messages=turns("Hello!"), stream=True, stream_options={"include_usage": True})
    assert plain == streamed
    assert plain != said(model="gpt-4o", messages=turns("Hello?"))
    assert "".join(plain.pieces) == plain.text


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-20250514"),
        ("anything", "anything"),
    ],
)
def test_models_are_answered_with_their_dated_names(asked, answered):
    assert said(model=asked, messages=[]).model == answered


def test_a_text_has_the_size_and_the_number_of_pieces_asked_for():
    request = ask(model="gpt-4o", messages=turns("Hello!"))
    sized = compose(request, events=3, size=70_001)
    assert len(sized.text) == 70_001
    assert len(sized.pieces) == 3
    many = compose(request, events=5000)
    assert len(many.pieces) == 5000
    assert all(many.pieces)


def test_a_limit_cuts_the_text():
    cut = said(model="gpt-4o", messages=turns("Hello!"), max_tokens=3)
    assert (len(cut.text), cut.finish, cut.counts.output) == (12, "length", 3)


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function", "function": {"name": "get_weather", "parameters": {}}},
        {"type": "function", "name": "get_weather", "parameters": {}},
        {"name": "get_weather", "input_schema": {}},
    ],
)
def test_a_question_about_the_weather_calls_the_tool_in_every_dialect(tool):
    answer = said(model="m", messages=turns("The weather in Kyoto?"), tools=[tool])
    assert (answer.tool, answer.finish, answer.text) == ("get_weather", "tool", "")
    assert json.loads("".join(answer.pieces)) == {"location": "Kyoto", "unit": "celsius"}
    assert said(model="m", messages=turns("Hello!"), tools=[tool]).tool is None
    assert said(model="m", messages=turns("The weather in Kyoto?")).tool is None


@pytest.mark.parametrize(
    "result",
    [
        {"role": "tool", "tool_call_id": "c", "content": "weather: 24 degrees"},
        {"type": "function_call_output", "call_id": "c", "output": "weather: 24 degrees"},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "weather: 24 degrees"}]},
    ],
)
def test_a_tool_result_is_answered_with_text(result):
    tool = {"name": "get_weather"}
    answer = said(model="m", messages=[*turns("The weather?"), result], tools=[tool])
    assert answer.tool is None
    assert "24 degrees" in answer.text


def test_longer_requests_count_more_tokens():
    short = said(model="gpt-4o", messages=turns("Hello!")).counts
    long = said(model="gpt-4o", messages=turns("Hello!" * 100)).counts
    assert long.read - short.read == pytest.approx(99 * 6 / 4, abs=1)
    assert short.cache_read == short.reasoning == 0


def test_a_long_system_prompt_is_read_from_the_cache():
    system = {"role": "system", "content": "Be kind. " * 300}
    counts = said(model="gpt-4o", messages=[system, *turns("Hello!")]).counts
    plain = said(model="gpt-4o", messages=[{"role": "system", "content": "x" * 2000}, *turns("Hello!")]).counts
    assert counts.cache_read == 640
    assert counts.input + 640 == counts.read
    assert plain.cache_read == 0


def test_a_marked_system_block_is_written_first_and_read_later():
    def counts(mark, *texts):
        system = [{"type": "text", "text": "Be kind. " * 300, "cache_control": mark}]
        return said(model="claude", system=system, messages=turns(*texts)).counts

    assert counts({"type": "ephemeral"}, "Hello!").cache_write_5m == 640
    assert counts({"type": "ephemeral", "ttl": "1h"}, "Hello!").cache_write_1h == 640
    assert counts({"type": "ephemeral"}, "Hello!", "Hi.", "And?").cache_read == 640


def test_models_that_reason_count_it_within_the_output():
    counts = said(model="o4-mini", messages=turns("Hello!")).counts
    assert 0 < counts.reasoning < counts.output


@pytest.mark.parametrize(
    "body",
    [
        {"input": "Hello!"},
        {"prompt": "Hello!"},
        {"messages": turns("Hello!")},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello!"}]}]},
    ],
)
def test_the_question_is_found_in_every_form(body):
    assert ask(model="m", **body).rows == [("user", "Hello!")]


def test_instructions_and_developer_messages_are_system():
    assert ask(model="m", instructions="A", input=[{"role": "developer", "content": "B"}]).system == "A\nB"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(ValueError):
        read_ask(body)
