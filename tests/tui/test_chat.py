"""A conversation as lines."""

from __future__ import annotations

import json
from itertools import count

import pytest

from helicli.query.reading import opened
from helicli.tui import chat, one_call
from tests.query import logs

TOOL = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": json.dumps({"order": "x" * 900})}}


@pytest.fixture
def told(tmp_path):
    """A call's lines; each call stands in a log of its own."""
    made = count()

    def lines(new, width=80, **how):
        with opened(logs.write(tmp_path / f"{next(made)}.db", new)) as db:
            one = next(one_call.read(db, 1))
        return ["".join(text for text, _ in line).rstrip() for line in chat.lines(one, width, **how)]

    return lines


def test_who_said_what(told):
    assert told(logs.call(1)) == [
        " system    You are a support agent for Acme. Be brief.",
        "",
        " user      How do I reset my password?",
        "",
        " assistant Open Settings → Security and choose Reset.",
        "",
    ]


def test_long_texts_are_folded_and_unfolded(told):
    call = logs.call(1, said="\n".join(f"line {number}" for number in range(50)))
    folded = told(call)
    assert "           … 39 lines more" in folded and " user      line 0" in folded
    assert "           line 49" in told(call, unfolded=True)
    assert "           … 48 lines more" in told(call, fold=3)


def test_tool_calls_are_one_line_until_they_are_unfolded(told):
    answer = {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [TOOL]}}]}
    call = logs.call(1, response=json.dumps(answer).encode())
    assert len([line for line in told(call) if "look_up" in line or "xxx" in line]) == 1
    assert len([line for line in told(call, unfolded=True) if "xxx" in line]) > 5


def test_images_are_placeholders(told):
    body = {
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:" + "A" * 5000}}]}]
    }
    assert " user      [image]" in told(logs.call(1, request=json.dumps(body).encode()))


def test_what_went_wrong_and_what_is_not_kept(told):
    lines = told(logs.failed(1))
    assert " error     limit 100/h" in lines
    lines = told(logs.call(1, request=None, request_size=5000, request_missing="omitted"))
    assert " request: 5,000 bytes, not kept: the caller asked for that" in lines
    assert " a key was masked in the body" in told(logs.call(1, redacted=True))


def test_lines_that_are_not_broken(told):
    said = "word " * 100
    assert any(len(line) > 400 for line in told(logs.call(1, said=said), wrapped=False))
    assert all(len(line) <= 80 for line in told(logs.call(1, said=said)))
