"""Rates taken out of genai-prices: what they make of a usage equals what genai-prices makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import pytest
from genai_prices import types as genai
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli import rates
from helicli.call import Usage
from helicli.rates import Rates
from helicli.recorder import pricelist

SNAPSHOT = get_snapshot()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PROVIDERS = {provider.id: provider for provider in SNAPSHOT.providers}
EVERY = Usage(
    input=1009,
    output=907,
    cache_read=307,
    cache_write=211,
    cache_write_1h=53,
    reasoning=101,
    input_audio=103,
    input_image=71,
    input_video=31,
    cache_read_audio=23,
    cache_read_image=11,
    output_audio=59,
    output_image=41,
    output_video=29,
    web_searches=3,
)
PLAIN = Usage(input=1000, output=1000)
TIERS = [Usage(input=each - 7, output=900_001, cache_read=3, cache_write=4) for each in (128_001, 200_000, 200_001)]
TIERS += [Usage(input=each, reasoning=5, output=9) for each in (32_001, 256_001, 272_001, 1_000_001)]


def models():
    """Every (provider, model) as it is named in the data, and what genai-prices finds under that name."""
    for provider in SNAPSHOT.providers:
        for model in provider.models:
            try:
                owner, info = SNAPSHOT.find_provider_model(model.id, None, provider.id, None)
            except LookupError:
                continue
            yield provider.id, model.id, owner, info


ALL = [(provider, model) for provider, model, _, _ in models()]


@cache
def known(provider: str, model: str) -> Rates:
    return Rates({(provider, model): pricelist.look_up(provider, model)})


@pytest.fixture(autouse=True, scope="module")
def every_provider_by_its_own_name():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pricelist, "price_provider", lambda name: name)
        yield


def theirs(usage: Usage) -> genai.Usage:
    return genai.Usage(
        input_tokens=usage.input + usage.cache_read + usage.cache_write,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_5m_tokens=usage.cache_write - usage.cache_write_1h,
        cache_write_1h_tokens=usage.cache_write_1h,
        output_reasoning_tokens=usage.reasoning,
        input_audio_tokens=usage.input_audio + usage.cache_read_audio,
        input_image_tokens=usage.input_image + usage.cache_read_image,
        input_video_tokens=usage.input_video,
        cache_audio_read_tokens=usage.cache_read_audio,
        cache_image_read_tokens=usage.cache_read_image,
        output_audio_tokens=usage.output_audio,
        output_image_tokens=usage.output_image,
        output_video_tokens=usage.output_video,
        web_searches=usage.web_searches,
    )


def slack(price: genai.ModelPrice, usage: Usage) -> Decimal:
    """Half a nano-dollar, and for prices that are no whole nano-dollars a thousand half of one for each thousand."""
    given = [value for name, value in price.__dict__.items() if name.endswith("_mtok")]
    flat = [each for value in given for each in ([value] if isinstance(value, Decimal) else _of_tiers(value))]
    whole = all(each * 1_000_000 % 1 == 0 for each in flat)
    tokens = usage.input + usage.output + usage.cache_read + usage.cache_write
    return Decimal("0.5") + (0 if whole else Decimal(tokens) / 2000)


def _of_tiers(value):
    return [value.base, *(tier.price for tier in value.tiers)]


def check(provider: str, model: str, usage: Usage, at: datetime, mode: str = "", context=None) -> None:
    owner, info = SNAPSHOT.find_provider_model(model, None, provider, None)
    own = any(info is each for each in owner.models)
    price = info.get_prices(at, context if own else None)
    rate = known(provider, model).rate(provider, model, int(at.timestamp() * 1000), mode)
    given = {name for name, value in price.__dict__.items() if value is not None}
    if rate is None:
        assert given and not any(name.endswith("_mtok") for name in given)
        return
    figure = info.calc_price(theirs(usage), owner, genai_request_timestamp=at, price_context=context).total_price
    assert abs(rates.cost(rate, usage) - figure * 10**9) <= slack(price, usage), (provider, model, mode, at)
    assert rate.context_window == info.context_window


def moments(info: genai.ModelInfo) -> list[datetime]:
    """Instants just before and at every change of a price, and now."""
    constraints = [each.constraint for each in info.prices] if isinstance(info.prices, list) else []
    constraints += [each.constraint for each in info.price_variants or ()]
    days = {datetime.combine(each.start_date, time(), UTC) for each in constraints if hasattr(each, "start_date")}
    times = {
        timedelta(hours=at.hour, minutes=at.minute)
        for each in constraints
        if hasattr(each, "start_time")
        for at in (each.start_time, each.end_time)
    }
    changes = {day + at for day in (*days, NOW.replace(hour=0)) for at in (*times, timedelta())}
    return [NOW, datetime(2023, 1, 1, tzinfo=UTC), *(at + step for at in changes for step in STEPS)]


STEPS = (timedelta(milliseconds=-1), timedelta())


def modes(info: genai.ModelInfo) -> list[tuple[str, dict[str, str] | None]]:
    said = {value: {name: value} for each in info.price_variants or () for name, value in each.when.items()}
    return [("", None), *said.items()]


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_equal_over_every_model_mode_and_date(provider):
    for of, model, _, info in models():
        if of == provider:
            for mode, context in modes(info):
                for at in moments(info):
                    check(of, model, EVERY, at, mode, context)
                for usage in (*TIERS, PLAIN):
                    check(of, model, usage, NOW, mode, context)


def test_a_context_is_one_word_and_tells_which():
    for _, _, _, info in models():
        keys = {name: {each.when[name] for each in info.price_variants or () if name in each.when} for name in NAMES}
        assert all(len(each.when) == 1 for each in info.price_variants or ())
        assert sum(map(len, keys.values())) == len(set().union(*keys.values()))


NAMES = {name for _, _, _, info in models() for each in info.price_variants or () for name in each.when}

counts = st.integers(0, 5000) | st.sampled_from([99_999, 100_000, 128_000, 128_001, 200_000, 200_001, 272_001])


@st.composite
def parts(draw, whole):
    """Four counts that fit into a whole."""
    found = []
    for _ in range(4):
        found.append(draw(st.integers(0, whole)))
        whole -= found[-1]
    return found


@st.composite
def usages(draw):
    fresh, output, cached, write = (draw(counts) for _ in range(4))
    read, held, made = draw(parts(fresh)), draw(parts(cached)), draw(parts(output))
    return Usage(
        input=fresh,
        output=output,
        cache_read=cached,
        cache_write=write,
        cache_write_1h=draw(st.integers(0, write)),
        reasoning=made[0],
        input_audio=read[0],
        input_image=read[1],
        input_video=read[2],
        cache_read_audio=held[0],
        cache_read_image=held[1],
        output_audio=made[1],
        output_image=made[2],
        output_video=made[3],
        web_searches=draw(st.integers(0, 5)),
    )


@settings(max_examples=400, deadline=None)
@given(which=st.sampled_from(ALL), usage=usages(), days=st.integers(-900, 300), seconds=st.integers(0, 86_399))
def test_equal_whatever_was_used(which, usage, days, seconds):
    _, info = SNAPSHOT.find_provider_model(which[1], None, which[0], None)
    for mode, context in modes(info):
        check(*which, usage, NOW + timedelta(days=days, seconds=seconds), mode, context)


@pytest.mark.parametrize(
    "name", ["gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini-2024-07-18:me::x", "gpt-5.2-20251211", "GPT-4o"]
)
def test_names_that_stand_in_answers(name):
    check("openai", name, EVERY, NOW)
    assert known("openai", name).rate("openai", name, 0) is not None


@pytest.mark.parametrize("model", ["gpt-5", "gpt-4o"])
def test_anothers_model_has_no_modes(model):
    found = pricelist.look_up("azure", model)
    assert found and {rate.mode for rate in found} == {""}


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "zonk-9000"),
        ("zonk", "gpt-4o"),
        ("local", "gpt-4o"),
        ("openai", ""),
        ("", ""),
        ("openai", "claude-2"),
        ("openai", "whisper-1"),
        ("openai", "tts-1"),
        ("openai", "gpt-transcribe"),
    ],
)
def test_unknown_or_not_priced_by_tokens_is_nothing(provider, model):
    assert pricelist.look_up(provider, model) == ()


def test_a_price_that_is_not_sound_is_none():
    price = genai.ModelPrice(input_mtok=Decimal(1), cache_read_mtok=Decimal(1), input_audio_mtok=Decimal(2))
    assert pricelist._tiers(price) is None


def test_what_is_free_costs_nothing():
    (rate,) = pricelist.look_up("openai", "omni-moderation-latest")
    assert rates.cost(rate, Usage(input=1000)) == 0


def test_a_rate_is_told_once():
    (rate,) = [each for each in pricelist.look_up("openai", "gpt-5") if not each.mode]
    assert (rate.valid_from, rate.valid_until) == (0, rates.FOREVER)
    assert (rate.day_from, rate.day_until) == (0, rates.DAY_MS)


def test_day_and_night():
    found = pricelist.look_up("deepseek", "deepseek-chat")
    assert [(rate.day_from, rate.day_until) for rate in found] == [
        (0, 1_800_000),
        (1_800_000, 59_400_000),
        (59_400_000, rates.DAY_MS),
    ]
