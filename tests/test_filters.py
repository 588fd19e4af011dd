"""Selections as sentences, and those that are none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from helicli.errors import UsageError
from helicli.filters import Selection, prompt


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({}, ""),
        ({"users": ("ada",)}, "user:ada"),
        ({"users": ("ada", "linus"), "statuses": ("error",)}, "user:ada,linus status:error"),
        ({"models": ("gpt-4o*",), "sessions": ("chat 17",)}, 'session:"chat 17" model:gpt-4o*'),
        ({"users": ('a"b',)}, r'user:"a\"b"'),
        ({"providers": ("openai",), "names": ("a b",)}, 'provider:openai name:"a b"'),
        ({"prompts": ("a@3",), "properties": (("Env", "x"), ("b", ""))}, 'prompt:a@3 prop.Env:x prop.b:""'),
        ({"since_ms": 0, "until_ms": 1500}, "since 1970-01-01T00:00:00 until 1970-01-01T00:00:01"),
    ],
)
def test_sentence(terms, sentence):
    assert Selection(**terms).sentence() == sentence


def test_a_sentence_has_the_time_of_a_zone():
    assert Selection(since_ms=0).sentence(ZoneInfo("Europe/Vienna")) == "since 1970-01-01T01:00:00"


@pytest.mark.parametrize("status", ["ok", "error", "4xx", "200", "599"])
def test_statuses(status):
    assert Selection(statuses=(status,)).checked().statuses == (status,)


@pytest.mark.parametrize("status", ["", "20", "2000", "6xx", "OK", "4xx;", "٢٠٠"])
def test_what_is_no_status(status):
    with pytest.raises(UsageError, match="is not a status"):
        Selection(statuses=("200", status)).checked()


@pytest.mark.parametrize(
    ("text", "meant"),
    [("a", ("a", None)), ("a@3", ("a", 3)), ("a@v3", ("a", 3)), ("a@b", ("a@b", None)), ("@3", ("@3", None))],
)
def test_a_prompt_and_its_version(text, meant):
    assert prompt(text) == meant
