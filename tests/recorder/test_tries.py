"""Attempts as rows: who answered, and what each cost."""

from __future__ import annotations

import json

from helicli.call import Body, Exchange, Try
from helicli.recorder import rows
from helicli.recorder.price import Prices
from tests.providers import shapes
from tests.recorder.scene import JSON, begin, end

PRICES = Prices()
ASKED = b'{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}'
ANSWER = json.dumps({name: value for name, value in shapes.CHAT.items() if value is not None}).encode()
START = b'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-sonnet-4-20250514","usage":'
START += b'{"input_tokens":1000,"output_tokens":1}}}\n\n'


def one(number, **given):
    values = {
        "started_us": number * 1000,
        "took_us": 900,
        "provider": "openai",
        "dialect": "openai",
        "path": "/v1/chat/completions",
        "model": "gpt-4o",
    }
    return Try(**{**values, **given})


def row(*tries, answered=None, response=ANSWER, **ended):
    sides = Body(ASKED, len(ASKED)), Body(response, len(response))
    done = end(tries=tries, answered=answered, attempts=len(tries) or 1, **ended)
    return rows.make_row(Exchange(begin("n"), JSON, *sides, done), PRICES, "box")


def test_a_call_that_was_asked_once_has_no_rows():
    assert row().tries == ()


def test_the_provider_and_the_model_are_those_that_answered():
    refused = one(
        0, status=500, body=b'{"error":{"message":"The server had an error"}}', content_type="application/json"
    )
    other = one(
        1, status=200, provider="groq", model="llama-3.3-70b-versatile", path="/openai/v1/chat/completions", place=1
    )
    body = json.dumps({**shapes.CHAT, "model": None}).encode()
    made = row(refused, other, answered=1, response=body, fallback_index=1)
    assert (made.words.provider, made.words.model, made.words.path) == (
        "groq",
        "llama-3.3-70b-versatile",
        "/openai/v1/chat/completions",
    )
    assert (made.words.requested_model, made.plain.attempts, made.plain.fallback_index) == ("gpt-4o", 2, 1)
    first, second = made.tries
    assert (first.status, first.error_message, first.cost_nano, first.input_tokens) == (
        500,
        "The server had an error",
        0,
        None,
    )
    assert (second.provider, second.fallback_index, second.cost_nano) == ("groq", 1, made.plain.cost_nano)


def test_every_attempt_that_used_tokens_is_paid():
    alone = row().plain.cost_nano
    thrown = one(0, status=200, body=ANSWER, content_type="application/json")
    made = row(thrown, one(1, status=200), answered=1)
    assert [each.cost_nano for each in made.tries] == [alone, alone]
    assert made.plain.cost_nano == 2 * alone > 0
    assert (made.tries[0].input_tokens, made.tries[0].output_tokens) == (2006, 300)


def test_what_a_preamble_says_was_read():
    broken = one(0, status=529, provider="anthropic", dialect="anthropic", path="/v1/messages", body=START)
    broken = one(0, status=529, provider="anthropic", dialect="anthropic", path="/v1/messages", body=START)
    made = row(broken, one(1, status=200), answered=1)
    assert made.tries[0].input_tokens == 1000


def test_an_answer_that_broke_off_is_estimated():
    cut = one(0, status=200, error="upstream_cut", body=b'{"choices":[', content_type="application/json")
    made = row(cut, one(1, status=200), answered=1)
    assert made.tries[0].input_tokens > 0 and made.tries[0].cost_nano > 0
    assert made.plain.cost_nano > row().plain.cost_nano


def test_tokens_without_a_price_make_the_call_unpriced():
    body = json.dumps({**shapes.CHAT, "model": "zonk-1"}).encode()
    made = row(one(0, status=200, model="zonk-1", body=body), one(1, status=200), answered=1)
    assert made.tries[0].cost_nano is None and made.plain.cost_nano is None


def test_where_all_failed():
    made = row(
        one(0, error="connect"), one(1, error="dns", message="no such name"), response=b"", status=502, error="dns"
    )
    assert [each.cost_nano for each in made.tries] == [0, 0]
    assert (made.plain.cost_nano, made.tries[1].error_message) == (0, "no such name")


def test_nobody_knows_what_an_attempt_without_an_answer_cost():
    silent = one(0, error="idle_timeout")
    made = row(silent, one(1, status=200), answered=1)
    assert [each.cost_nano for each in made.tries] == [None, row().plain.cost_nano]
    assert made.plain.cost_nano == row().plain.cost_nano, "what is known of the call still counts"
    made = row(silent, one(1, status=500), answered=1, response=b"{}", status=500)
    assert (made.plain.cost_nano, made.tries[0].cost_nano) == (0, None)
    made = row(one(0, status=500), silent, response=b"", status=504, error="idle_timeout")
    assert made.plain.cost_nano is None


def test_a_call_that_was_left_after_a_failure_costs_nothing():
    made = row(one(0, status=500), response=b"", status=None, error="client_closed")
    assert ([each.status for each in made.tries], made.plain.cost_nano) == ([500], 0)


def test_the_key_is_that_of_who_answered():
    first, second = one(0, status=500, provider_key="aaaa"), one(1, status=200, place=1, provider_key="bbbb")
    assert row(first, second, answered=1).words.provider_key == "bbbb"
    assert row().words.provider_key == begin("n").provider_key


def test_what_nobody_was_asked_for_costs_nothing():
    made = rows.make_row(
        Exchange(begin("n"), JSON, Body(ASKED, len(ASKED)), Body(ANSWER, len(ANSWER)), end(attempts=0)), PRICES, "box"
    )
    assert (made.plain.cost_nano, made.plain.input_tokens, made.plain.attempts) == (0, 0, 0)


def test_labels_of_helicli_are_properties():
    assert row(labels={"token_limit_handler": "truncate"}).properties == {"token_limit_handler": "truncate"}
