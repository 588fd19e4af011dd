"""Prompts put into bodies: whose messages come first, what is taken once, what is a default, in three dialects."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.errors import UsageError
from helicli.prompts import Compiled, Message, Prompt
from helicli.providers import filling
from helicli.providers.filling import fill, read, said

SYSTEM, ASK = Message("system", "You are {{tone}}."), Message("user", "{{question}}")
VALUES = {"tone": "kind", "question": "How?"}
TOOL = {"name": "find", "description": "finds", "parameters": {"type": "object"}}


def filled(kind, body, *messages, values=VALUES, **more):
    prompt = Compiled(Prompt(name="p", messages=messages, **more), {}, "p@3") if messages else None
    return json.loads(fill(kind, read(json.dumps(body).encode()), prompt, values))


def user(text):
    return {"role": "user", "content": text}


def test_the_prompts_messages_come_first():
    got = filled("chat", {"model": "m", "messages": [user("And {{question}}")], "seed": 7}, SYSTEM, ASK)
    assert got == {
        "model": "m",
        "messages": [{"role": "system", "content": "You are kind."}, user("How?"), user("And How?")],
        "seed": 7,
    }
    assert filled("chat", {"model": "m"}, ASK) == {"model": "m", "messages": [user("How?")]}
    assert json.loads(fill("chat", read(b""), Compiled(Prompt(name="p", messages=(ASK,)), {}), VALUES)) == {
        "messages": [user("How?")]
    }


HELLO, HI, BYE = Message("user", "hello {{tone}}"), Message("assistant", "hi"), Message("user", "bye")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ([BYE], 3),
        ([HI, BYE], 3),
        ([HELLO, HI, BYE], 3),
        ([HELLO], 4),
        ([HI], 4),
        ([BYE, BYE], 4),
        ([HELLO, HI, BYE, HELLO], 4),
        ([Message("assistant", "bye")], 4),
    ],
)
def test_the_longest_run_that_repeats_the_prompts_end_is_taken_once(asked, count):
    body = {"messages": [{"role": each.role, "content": each.text} for each in asked]}
    got = filled("chat", body, HELLO, HI, BYE)["messages"]
    assert len(got) == count
    assert got[:3] == [user("hello kind"), {"role": "assistant", "content": "hi"}, user("bye")]


def test_it_is_compared_before_anything_is_filled():
    parts = [{"role": "user", "content": [{"type": "text", "text": "{{question}}"}]}]
    assert filled("chat", {"messages": parts}, SYSTEM, ASK)["messages"][1:] == [user("How?")]
    assert len(filled("chat", {"messages": [user("How?")]}, SYSTEM, ASK)["messages"]) == 3


def test_anthropic_has_its_system_in_a_field():
    got = filled("messages", {"model": "m", "max_tokens": 9, "messages": [user("{{question}}")]}, SYSTEM, ASK)
    assert got == {"model": "m", "max_tokens": 9, "system": "You are kind.", "messages": [user("How?")]}
    two = filled("messages", {"system": "Be {{tone}}"}, SYSTEM, Message("developer", "Brief."), ASK)
    assert two["system"] == "You are kind.\n\nBrief.\n\nBe kind"
    assert filled("messages", {"system": "You are {{tone}}."}, SYSTEM, ASK)["system"] == "You are kind."
    blocks = [{"type": "text", "text": "More {{tone}}", "cache_control": {"type": "ephemeral"}}]
    assert filled("messages", {"system": blocks}, SYSTEM, ASK)["system"] == [
        {"type": "text", "text": "You are kind."},
        {"type": "text", "text": "More kind", "cache_control": {"type": "ephemeral"}},
    ]
    same = [{"type": "text", "text": "You are {{tone}}."}]
    assert filled("messages", {"system": same}, SYSTEM, ASK)["system"] == [{"type": "text", "text": "You are kind."}]
    assert filled("messages", {"system": "Be {{tone}}"}, ASK)["system"] == "Be kind"
    assert filled("messages", {"system": "Be {{tone}}"}, BYE, values=None)["system"] == "Be {{tone}}"


def test_responses_have_instructions_and_input():
    got = filled("responses", {"model": "m", "input": "{{question}}"}, SYSTEM, ASK)
    assert got == {"model": "m", "instructions": "You are kind.", "input": [user("How?")]}
    got = filled("responses", {"input": "Then {{question}}", "instructions": "Brief."}, SYSTEM, ASK)
    assert got == {"instructions": "You are kind.\n\nBrief.", "input": [user("How?"), user("Then How?")]}
    items = [{"role": "user", "content": [{"type": "input_text", "text": "{{question}}"}]}, {"type": "item_reference"}]
    assert filled("responses", {"input": items}, ASK)["input"] == [user("How?"), {"type": "item_reference"}]
    assert filled("responses", {"input": "Say {{tone}}"}, SYSTEM) == {
        "input": "Say kind",
        "instructions": "You are kind.",
    }
    assert filled("responses", {"input": "Say {{tone}}"}, BYE, values=None)["input"] == [
        user("bye"),
        user("Say {{tone}}"),
    ]


def test_parameters_are_defaults():
    prompt = {"model": "gpt-4o", "parameters": {"temperature": "{{warm:number}}", "max_tokens": 300, "seed": 1}}
    values = {**VALUES, "warm": "0.5"}
    got = filled("chat", {"messages": [], "seed": 2}, ASK, values=values, **prompt)
    assert got == {"messages": [user("How?")], "seed": 2, "model": "gpt-4o", "temperature": 0.5, "max_tokens": 300}
    got = filled("chat", {"model": "mine", "max_completion_tokens": 5}, ASK, values=values, **prompt)
    assert (got["model"], "max_tokens" in got) == ("mine", False)
    assert filled("chat", {"model": ""}, ASK, values=values, **prompt)["model"] == "gpt-4o"
    assert filled("responses", {}, ASK, values=values, **prompt)["max_output_tokens"] == 300
    output = {"parameters": {"max_output_tokens": 7}}
    assert filled("messages", {}, ASK, **output)["max_tokens"] == 7
    assert filled("chat", {}, ASK, **output)["max_completion_tokens"] == 7


def test_tools_have_the_dialects_form_and_the_requests_go_before():
    def tools(kind, *given, tool=TOOL):
        return filled(kind, {"tools": list(given)} if given else {}, ASK, tools=(tool,))["tools"]

    rest = {"description": "finds"}
    assert tools("chat") == [
        {"type": "function", "function": {"name": "find", **rest, "parameters": {"type": "object"}}}
    ]
    assert tools("responses") == [{"type": "function", "name": "find", **rest, "parameters": {"type": "object"}}]
    assert tools("messages") == [{"name": "find", **rest, "input_schema": {"type": "object"}}]
    mine = {"name": "find", "input_schema": {"type": "object", "x": 1}}
    assert tools("messages", mine) == [mine]
    assert tools("messages", {"name": "other"})[1] == {"name": "other"}
    assert tools("chat", tool={"type": "web_search"}) == [{"type": "web_search"}]


def test_without_a_prompt_the_request_itself_is_filled():
    got = filled("chat", {"messages": [user("{{question}}"), {"role": "tool", "content": None}], "stop": "{{x}}"})
    assert got == {"messages": [user("How?"), {"role": "tool", "content": None}], "stop": "{{x}}"}
    assert filled("responses", {"input": "{{question}}", "instructions": "{{tone}}"}) == {
        "input": "How?",
        "instructions": "kind",
    }
    assert filled("chat", {"messages": [user("{{ if x }}")]})["messages"] == [user("{{ if x }}")]


def test_what_is_not_touched_keeps_its_bytes():
    body = (
        b'{"messages": [{"role":"user",  "content":"\\u0041 1.0"}], "n": 1.00, "big": 123456789012345678901234567890}'
    )
    prompt = Compiled(Prompt(name="p", messages=(BYE,)), {})
    assert fill("chat", read(body), prompt, None) == (
        b'{"messages":[{"role":"user","content":"bye"},{"role":"user",  "content":"\\u0041 1.0"}],'
        b'"n":1.00,"big":123456789012345678901234567890}'
    )


def test_all_that_is_missing_is_told_at_once():
    with pytest.raises(UsageError, match="p@3 needs 3 variables: tone, question, other"):
        filled("chat", {"messages": [user("{{other}}")]}, SYSTEM, ASK, values={})
    with pytest.raises(UsageError, match="the request needs 1 variable: other"):
        filled("chat", {"messages": [user("{{other}}")]}, values={})
    with pytest.raises(UsageError, match="p@3: tone is to be a number"):
        filled("chat", {}, Message("user", "{{tone:number}}"))
    assert filled("chat", {}, SYSTEM, values={}, defaults={"tone": "calm"})["messages"][0]["content"] == "You are calm."


@settings(deadline=None)
@given(st.text(), st.text())
def test_values_are_text_and_never_expand(value, other):
    got = filled("chat", {"messages": [user("{{a}}{{b}}")]}, Message("user", "{{b}}"), values={"a": value, "b": other})
    assert got["messages"] == [user(other), user(value + other)]


@pytest.mark.parametrize(
    ("begin", "names"),
    [
        (b'{"a":1,"prompt_id":"p","messages":["', True),
        (b'{"prompt_id"', False),
        (b'{"a":{"prompt_id":"p"},"b":"', False),
        (b'{"a":"\\"prompt_id\\":', False),
        (b'{"a":"x\\', False),
    ],
)
def test_the_begin_of_a_body(begin, names):
    assert filling.names_one(begin) is names


def test_a_text_that_is_cut_off_is_looked_at_once():
    """Were it looked for again at each of its quotes this would take hours."""
    begin = b'{"a":"' + b'\\"' * 500_000
    assert [found.span() for found in filling._SIGNS.finditer(begin)] == [(0, 1), (1, 5), (5, len(begin))]
    assert not filling.names_one(begin)


@pytest.mark.parametrize("body", [b"[]", b"no", b'{"a":', b'"x"', b"\xff"])
def test_what_is_no_object(body):
    with pytest.raises(UsageError, match="the body is no JSON object"):
        read(body)


@pytest.mark.parametrize("messages", [3, {"a": 1}, True])
def test_what_are_no_messages(messages):
    with pytest.raises(UsageError, match="the messages are no list"):
        filled("chat", {"messages": messages}, ASK)


def test_what_a_body_says_of_a_prompt():
    def of(**body):
        return said(read(json.dumps(body).encode()))

    assert of(messages=[]) is None
    assert of(prompt_id="p").version is None
    full = of(prompt_id="p", version_id=3, environment="staging", inputs={"a": 1})
    assert (full.prompt, full.version, full.environment, full.inputs) == ("p", "3", "staging", {"a": 1})
    for bad in ({"prompt_id": 3}, {"prompt_id": "p", "inputs": []}, {"prompt_id": "p", "environment": 3}):
        with pytest.raises(UsageError, match="are texts and inputs is an object"):
            of(**bad)
