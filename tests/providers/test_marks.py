"""The marks of Helicone's older prompt formatters, taken off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.providers.marks import unmarked


def input_of(key, value, space=""):
    return f'<helicone-prompt-input key="{key}"{space}>{value}</helicone-prompt-input>'


def took(text, **how):
    found = unmarked(json.dumps({"x": text}, **how).encode())
    return None if found is None else (json.loads(found[0])["x"], found[1])


@pytest.mark.parametrize(
    ("text", "plain", "values"),
    [
        (f"a {input_of('k', 'v')} b", "a v b", {"k": "v"}),
        (input_of("k", "v", " "), "v", {"k": "v"}),
        (input_of("é 1", 'q"\n\\é😀'), 'q"\n\\é😀', {"é 1": 'q"\n\\é😀'}),
        (input_of("a", f"1 {input_of('b', '2')}"), "1 2", {"a": "1 2", "b": "2"}),
        ("<helicone-prompt-static>s</helicone-prompt-static>", "s", {}),
        ("<helicone-auto-prompt-input idx=3 >s</helicone-auto-prompt-input>", "s", {}),
        ('<helicone-prompt-input key="k">never ended', "never ended", {}),
        ("never begun</helicone-prompt-input>", "never begun", {}),
        (input_of("k", "1") + input_of("k", "2"), "12", {"k": "2"}),
    ],
)
@pytest.mark.parametrize("how", [{}, {"ensure_ascii": False}])
def test_what_stands_between_stays(text, plain, values, how):
    assert took(text, **how) == (plain, values)


def test_ends_as_php_writes_them():
    body = json.dumps({"x": input_of("k", "v")}).replace("/", "\\/").encode()
    assert unmarked(body) == (b'{"x": "v"}', {"k": "v"})


@pytest.mark.parametrize(
    "text", ["", "a < b", "<helicone-prompt>", "<helicone-prompt-inputs>", "helicone-prompt-input"]
)
def test_all_else_is_none(text):
    assert took(text) is None


def test_a_mark_ends_with_its_text():
    said = [{"content": "<helicone-prompt-input x"}, {"content": "a > b, never tell"}]
    assert unmarked(json.dumps(said).encode()) is None
    said[0]["content"] += "\\"
    assert unmarked(json.dumps(said).encode()) is None
    said[0]["content"] = '<helicone-prompt-input key="k" note="\\" >v'
    assert json.loads(unmarked(json.dumps(said).encode())[0]) == [{"content": "v"}, said[1]]


def test_it_takes_no_longer_for_a_mark_that_is_never_closed():
    assert took("<helicone-prompt-input " + '"' * 2_000_000) is None
    assert took('<helicone-prompt-input "' * 100_000) is None


@given(st.text().filter(lambda text: "<" not in text), st.text().filter(lambda text: "<" not in text))
def test_any_value_stays(before, value):
    assert took(f"{before}{input_of('k', value)}{before}") == (before + value + before, {"k": value})


def test_it_takes_no_longer_for_what_is_never_ended():
    text, values = took('<helicone-prompt-input key="k">x' * 20_000 + "</helicone-prompt-input>" * 20_000)
    assert len(text) == 20_000 and list(values) == ["k"]
