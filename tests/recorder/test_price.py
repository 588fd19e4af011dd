"""Rates taken from genai-prices: what they make of a usage equals what genai-prices makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from genai_prices import calc_price
from genai_prices import types as genai
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli import rates
from helicli.call import Usage
from helicli.recorder.price import Prices

PRICES = Prices()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPENAI = (
    "gpt-4o",
    "gpt-4o-mini-2024-07-18",
    "gpt-4.1-nano",
    "gpt-5",
    "gpt-5.4",
    "gpt-5.4-pro",
    "gpt-5.6-luna",
    "gpt-6-sol",
    "o3",
    "o1-pro",
    "gpt-3.5-turbo-0613",
    "ft:gpt-4o-mini-2024-07-18:me::x",
    "text-embedding-3-small",
    "gpt-oss-20b",
)
ANTHROPIC = (
    "claude-sonnet-4-20250514",
    "claude-sonnet-4-5",
    "claude-opus-4-6",
    "claude-haiku-4-5-20251001",
    "claude-haiku-5-5",
    "claude-3-haiku-20240307",
    "claude-fable-5-1",
    "claude-2",
)
MODELS = [("openai", model) for model in OPENAI] + [("anthropic", model) for model in ANTHROPIC]

counts = st.integers(0, 5000) | st.sampled_from([99_999, 100_000, 100_001, 200_000, 200_001, 272_000, 272_001])


@st.composite
def usages(draw):
    write = draw(counts)
    output = draw(counts)
    return Usage(
        input=draw(counts),
        output=output,
        cache_read=draw(counts),
        cache_write=write,
        cache_write_1h=draw(st.integers(0, write)),
        reasoning=draw(st.integers(0, output)),
    )


def _theirs(provider: str, model: str, usage: Usage, at: datetime) -> int:
    short = usage.cache_write - usage.cache_write_1h
    given = genai.Usage(
        input_tokens=usage.input + usage.cache_read + usage.cache_write,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_5m_tokens=short,
        cache_write_1h_tokens=usage.cache_write_1h,
        output_reasoning_tokens=usage.reasoning,
    )
    price = calc_price(given, model, provider_id=provider, genai_request_timestamp=at).total_price
    return int((price * 10**9).quantize(Decimal(1), ROUND_HALF_UP))


def _ours(provider: str, model: str, usage: Usage, at: datetime) -> int:
    rate = PRICES.rate(provider, model, int(at.timestamp() * 1000))
    assert rate is not None
    return rates.cost(rate, usage)


@pytest.mark.parametrize(("provider", "model"), MODELS)
@settings(max_examples=25, deadline=None)
@given(usage=usages())
def test_equal_to_genai_prices(provider, model, usage):
    assert _ours(provider, model, usage, NOW) == _theirs(provider, model, usage, NOW)


@pytest.mark.parametrize(
    "at", [datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 6, 20, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC), NOW]
)
@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "o3"), ("openai", "gpt-5.6-luna"), ("anthropic", "claude-opus-4-6")]
)
def test_prices_of_the_day(provider, model, at):
    usage = Usage(input=1000, output=1000, cache_read=1000)
    assert _ours(provider, model, usage, at) == _theirs(provider, model, usage, at)


def test_the_price_of_a_day_is_not_remembered_for_another():
    early, late = datetime(2025, 6, 1, tzinfo=UTC), NOW
    usage = Usage(input=1000)
    assert _ours("openai", "o3", usage, early) > _ours("openai", "o3", usage, late)
    assert _ours("openai", "o3", usage, early) > _ours("openai", "o3", usage, late)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "zonk-9000"),
        ("zonk", "gpt-4o"),
        ("local", "gpt-4o"),
        ("openai", ""),
        ("", ""),
        ("openai", "claude-2"),
    ],
)
def test_unknown_is_none(provider, model):
    assert PRICES.rate(provider, model, 0) is None


@pytest.mark.parametrize("model", ["whisper-1", "tts-1", "gpt-transcribe"])
def test_a_model_that_is_not_priced_by_tokens_has_no_rate(model):
    assert PRICES.rate("openai", model, 0) is None


def test_what_is_free_costs_nothing():
    rate = PRICES.rate("openai", "omni-moderation-latest", 0)
    assert rate is not None
    assert rates.cost(rate, Usage(input=1000)) == 0


def test_what_was_found_is_remembered(monkeypatch):
    prices = Prices()
    first = prices.rate("openai", "gpt-4o", 0)
    monkeypatch.setattr("helicli.recorder.price._find", None)
    assert prices.rate("openai", "gpt-4o", 1) is first
    with pytest.raises(TypeError):
        prices.rate("openai", "gpt-4", 1)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("helicli.recorder.price._REMEMBERED", 3)
    prices = Prices()
    for i in range(50):
        assert prices.rate("openai", f"zonk-{i}", 0) is None
    assert len(prices._rates) <= 5
