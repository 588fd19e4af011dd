"""Long requests made to fit: what goes, what stays, and that it fits."""

from __future__ import annotations

import json

import pytest

from helicli.providers import shortening
from helicli.providers.ceiling import estimated_input
from helicli.providers.estimate import tokens

WORDS = " ".join(f"word{number}" for number in range(4000))


def chat(*texts, **more):
    turns = [{"role": "user" if number % 2 else "system", "content": text} for number, text in enumerate(texts)]
    return json.dumps({"model": "gpt-4o", "messages": turns, **more}).encode()


def size(body, path="/v1/chat/completions"):
    return estimated_input("anthropic" if path == "/v1/messages" else "openai", path, body)


BODIES = [
    chat("Be brief.", WORDS, "What was the first word?"),
    chat(WORDS, "Why?", tools=[{"type": "function", "function": {"name": "content", "description": "text"}}]),
    json.dumps({"model": "gpt-4o", "input": WORDS}).encode(),
    json.dumps(
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": WORDS}]}]}
    ).encode(),
    json.dumps(
        {"model": "m", "system": WORDS, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
    ).encode(),
]


@pytest.mark.parametrize("cut", [shortening.truncate, shortening.middle_out])
@pytest.mark.parametrize("body", BODIES)
def test_it_fits_and_nothing_but_texts_has_changed(cut, body):
    path = "/v1/responses" if b'"input"' in body else "/v1/chat/completions"
    path = "/v1/messages" if b'"system":' in body else path
    now = size(body, path)
    told = cut(body, now, now // 2)
    assert now // 4 < size(told, path) <= now * 0.53
    before, after = json.loads(body), json.loads(told)
    assert after.keys() == before.keys()
    for name in before.keys() - {"messages", "input", "system"}:
        assert after[name] == before[name]
    assert len(after.get("messages", [])) == len(before.get("messages", []))


@pytest.mark.parametrize("cut", [shortening.truncate, shortening.middle_out])
def test_half_a_character_goes_up_as_it_came(cut):
    body = chat("\ud83d Be brief.", WORDS, "Why?", user="\udc00")
    told = cut(body, size(body), size(body) // 2)
    assert b'"user":"\\udc00"' in told and b'"content":"\\ud83d' in told


def test_the_middle_goes_first():
    body = chat("Be brief.", WORDS, "What was the first word?")
    told = json.loads(shortening.middle_out(body, size(body), size(body) // 2))["messages"]
    assert told[0]["content"] == "Be brief." and told[2]["content"] == "What was the first word?"
    text = told[1]["content"]
    assert text.startswith("word0 word1 ") and text.endswith(" word3999") and "word2000 " not in text


def test_what_says_nothing_goes_first():
    text = "A <!-- a\ncomment -->  word ,  and\n\n\n another { id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301 , x }"
    body = chat(text)
    told = json.loads(shortening.truncate(body, 60, 59))["messages"][0]["content"]
    assert told == "A word,and\nanother{x}"


@pytest.mark.parametrize("cut", [shortening.truncate, shortening.middle_out])
@pytest.mark.parametrize("body", [b"", b"[]", b"--form", b"{}", chat(), json.dumps({"model": WORDS}).encode()])
def test_what_has_no_text_stays(cut, body):
    assert cut(body, 100, 10) is None


@pytest.mark.parametrize("cut", [shortening.truncate, shortening.middle_out])
def test_what_cannot_be_made_to_fit(cut):
    tools = [{"type": "function", "function": {"name": "f", "description": WORDS}}]
    body = chat("Hi", tools=tools)
    assert cut(body, size(body), 100) is None


def test_pieces_end_where_a_reader_would_end_them():
    text = "x" * 600 + "\n\n" + "y" * 300 + ". " + "z" * 900
    assert shortening._pieces(text) == ["x" * 600 + "\n\n", "y" * 300 + ". " + "z" * 698, "z" * 202]
    assert "".join(shortening._pieces(WORDS)) == WORDS
    assert max(map(len, shortening._pieces(WORDS))) <= 1000


@pytest.mark.parametrize("text", ["word " * 5000, "Grüße, 東京! " * 900, "x" * 9000, "a b\n" * 10])
@pytest.mark.parametrize("most", [1, 7, 400, 3000, 10**6])
def test_the_beginning_of_a_text_is_as_long_as_may_be(text, most):
    told = shortening._first(text, most)
    assert text.startswith(told)
    assert tokens(told) <= most + len(told) // shortening.CHUNK, "each piece is rounded by itself"
    assert told == text or tokens(told) >= 0.95 * most - 2
