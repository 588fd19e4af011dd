"""What the recorder prices by."""

from __future__ import annotations

import pytest

from helicli.rates import CONFIG, Rate, UserPrice, make_tier
from helicli.recorder import pricelist
from helicli.recorder.price import Prices

MINE = make_tier(-1, {"input": 1})


@pytest.fixture
def asked(monkeypatch):
    """The models that genai-prices was asked for."""
    seen: list[str] = []
    real = pricelist.look_up
    monkeypatch.setattr(pricelist, "look_up", lambda provider, model: seen.append(model) or real(provider, model))
    return seen


def test_a_model_is_looked_up_once(asked):
    prices = Prices()
    first = prices.rate("openai", "gpt-4o", 0)
    assert first is not None and first.source == pricelist.source()
    assert prices.rate("openai", "gpt-4o", 1) is first
    assert (prices.rate("openai", "zonk-9000", 0), prices.rate("openai", "zonk-9000", 1)) == (None, None)
    assert asked == ["gpt-4o", "zonk-9000"]


def test_what_is_stored_is_not_looked_up(asked):
    stored = (Rate("openai", "gpt-4o", pricelist.source(), (MINE,)),)
    assert Prices({("openai", "gpt-4o"): stored}).rate("openai", "gpt-4o", 0) == stored[0]
    assert asked == []


def test_what_is_stored_of_another_version_is_looked_up_again(asked):
    stored = (Rate("openai", "gpt-4o", "genai-prices 0.0.1", (MINE,)),)
    rate = Prices({("openai", "gpt-4o"): stored}).rate("openai", "gpt-4o", 0)
    assert rate is not None and rate.source == pricelist.source()
    assert asked == ["gpt-4o"]


def test_what_the_user_prices_is_not_looked_up(asked):
    prices = Prices({}, [UserPrice("gpt-*", MINE)])
    rate = prices.rate("openai", "gpt-4o", 0)
    assert rate == Rate("openai", "gpt-4o", CONFIG, (MINE,))
    assert prices.all_of(rate) == (rate,)
    assert asked == []


def test_all_rates_of_a_model():
    prices = Prices()
    flex = prices.rate("openai", "gpt-5", 1_800_000_000_000, "flex")
    standard = prices.rate("openai", "gpt-5", 1_800_000_000_000)
    assert flex is not None and standard is not None and flex.mode == "flex"
    assert {flex, standard} < set(prices.all_of(flex)) == set(prices.all_of(standard))
