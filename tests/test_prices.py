"""The grammar of `[prices]`."""

from __future__ import annotations

import tomllib

import pytest

from helicli.errors import UsageError
from helicli.prices import KEYS, read_prices
from helicli.rates import UserPrice, make_tier


def read(text):
    return read_prices(tomllib.loads(text)["prices"])


def test_dollars_per_million():
    assert read("""
        [prices."openai/gpt-4o"]
        input = 2.5
        output = 10
        cache_read = 0.0833
        [prices."llama*"]
        input = 0
        request = 0.005
        web_search = 0.01
        context_window = 8192
        """) == (
        UserPrice("openai/gpt-4o", make_tier(-1, {"input": 2_500_000, "output": 10_000_000, "cache_read": 83_300})),
        UserPrice("llama*", make_tier(-1, {"input": 0, "request": 5_000_000_000, "web_search": 10_000_000_000}), 8192),
    )


def test_every_key_is_a_price():
    (price,) = read_prices({"m": {**dict.fromkeys(KEYS, 1), "context_window": 100}})
    assert {getattr(price.tier, name) for name in KEYS if name not in ("request", "web_search", "context_window")} == {
        1_000_000
    }


def test_a_context_window_alone_is_no_price():
    assert read("[prices.m]\ncontext_window = 100") == (UserPrice("m", None, 100),)


def test_nothing_is_nothing():
    assert read_prices({}) == ()


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("[prices.m]\ninptu = 1", "'inptu'", "did you mean input?"),
        ("[prices.m]\ncached = 1", "'cached'", "did you mean cache_read?"),
        ("[prices.m]\nzzzzz = 1", "'zzzzz'", "use input, output"),
        ("[prices.m]\ninput = -1", "cannot be -1 dollars", "dollars per million"),
        ("[prices.m]\ninput = 1e12", "cannot be 1000000000000.0 dollars", "dollars per million"),
        ('[prices.m]\ninput = "1"', "no number: '1'", "dollars per million"),
        ("[prices.m]\ninput = true", "no number: True", "dollars per million"),
        ("[prices.m]\ninput = nan", "no number: nan", "dollars per million"),
        ("[prices.m]\ninput = inf", "no number: inf", "dollars per million"),
        ("[prices.m]\ncache_read = 1", "neither input nor output", "add input"),
        ("[prices.m]\ncontext_window = 1.5", "no number of tokens: 1.5", "128000"),
        ("[prices.m]\ncontext_window = 0", "no number of tokens: 0", "128000"),
        ("[prices.m]\ncontext_window = true", "no number of tokens: True", "128000"),
        ("[prices.m]", "no table of prices", "dollars per million"),
        ("[prices]\nm = 1", "no table of prices", "dollars per million"),
        ('[prices." "]\ninput = 1', "no model", "dollars per million"),
    ],
)
def test_what_is_no_price(text, said, fix):
    with pytest.raises(UsageError) as raised:
        read(text)
    assert said in str(raised.value)
    assert fix in raised.value.fix
