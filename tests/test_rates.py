"""The arithmetic of money."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from helicli import rates
from helicli.call import Usage
from helicli.rates import CONFIG, DAY_MS, FALLS_UNDER, Rate, Rates, Split, Tier, UserPrice, cost, make_tier, split

LOW_PRICES = {
    "input": 2_500,
    "output": 10_000,
    "cache_read": 1_250,
    "cache_write": 3_125,
    "cache_write_1h": 5_000,
    "reasoning": 20_000,
    "input_audio": 40_000,
    "input_image": 7_000,
    "input_video": 9_000,
    "cache_read_audio": 4_000,
    "cache_read_image": 700,
    "output_audio": 80_000,
    "output_image": 30_000,
    "output_video": 90_000,
    "web_search": 10_000_000_000,
}
LOW = make_tier(-1, LOW_PRICES)
HIGH = make_tier(200_000, {name: 2 * nano for name, nano in LOW_PRICES.items()} | {"output": 15_000})
FLAT = Rate("p", "m", "test", (LOW,))
TIERED = Rate("p", "m", "test", (LOW, HIGH))


@pytest.mark.parametrize(
    ("usage", "nano"),
    [
        (Usage(), 0),
        (Usage(input=1000), 2_500),
        (Usage(output=1000), 10_000),
        (Usage(output=1000, reasoning=400), 600 * 10 + 400 * 20),
        (Usage(cache_read=1000), 1_250),
        (Usage(cache_write=1000), 3_125),
        (Usage(cache_write=1000, cache_write_1h=1000), 5_000),
        (Usage(cache_write=1000, cache_write_1h=200), 800 * 3_125 // 1000 + 1_000),
        (Usage(1000, 1000, 1000, 1000, 0, 0), 2_500 + 10_000 + 1_250 + 3_125),
        (Usage(input=1000, input_audio=1000), 40_000),
        (Usage(input=1000, input_audio=200, input_image=300, input_video=400), 250 + 8_000 + 2_100 + 3_600),
        (Usage(cache_read=1000, cache_read_audio=200, cache_read_image=300), 625 + 800 + 210),
        (
            Usage(output=1000, reasoning=100, output_audio=200, output_image=300, output_video=400),
            2_000 + 16_000 + 9_000 + 36_000,
        ),
        (Usage(output=1000, web_searches=3), 10_000 + 30_000_000),
    ],
)
def test_each_class_has_its_price(usage, nano):
    assert cost(FLAT, usage) == nano


@pytest.mark.parametrize(("read", "dear"), [(199_999, False), (200_000, False), (200_001, True)])
@pytest.mark.parametrize("kind", ["input", "cache_read", "cache_write"])
def test_a_tier_is_chosen_by_all_that_was_read(read, dear, kind):
    usage = Usage(**{kind: read}, output=1000)
    price = getattr(HIGH if dear else LOW, kind)
    assert cost(TIERED, usage) == (read * price + 500) // 1000 + (15_000 if dear else 10_000)


def test_output_opens_no_tier():
    assert cost(TIERED, Usage(output=1_000_000)) == 10_000_000


@pytest.mark.parametrize(("tokens", "nano"), [(1, 0), (499, 0), (500, 1), (1499, 1), (1500, 2)])
def test_rounded_half_up_once_at_the_end(tokens, nano):
    one = Rate("p", "m", "test", (make_tier(-1, {"input": 1, "output": 1}),))
    assert cost(one, Usage(input=tokens)) == nano
    assert cost(one, Usage(input=tokens // 2, output=tokens - tokens // 2)) == nano


counts = st.integers(0, 1 << 40)


@given(st.tuples(*[counts] * 4), st.tuples(*[counts] * 4))
def test_more_tokens_never_cost_less(first, second):
    more = tuple(a + b for a, b in zip(first, second, strict=True))
    assert cost(TIERED, Usage(*more)) >= cost(TIERED, Usage(*first)) >= 0


def test_a_request_has_its_fee():
    rate = Rate("p", "m", "test", (make_tier(-1, {"input": 1000, "request": 12_000_000_000}),))
    assert cost(rate, Usage(input=7)) == 12_000_007


@given(
    usage=st.builds(Usage, counts, counts, counts, counts, web_searches=st.integers(0, 9)),
    prices=st.tuples(*[st.integers(0, 10**7)] * 6),
)
def test_the_parts_are_the_whole(usage, prices):
    names = ("input", "output", "cache_read", "cache_write", "web_search", "request")
    rate = Rate("p", "m", "test", (make_tier(-1, dict(zip(names, prices, strict=True))),))
    parts = split(rate.tiers[0], usage)
    assert parts.cost_nano == cost(rate, usage)
    assert min(parts.input_nano, parts.output_nano, parts.fees_nano) >= 0


@pytest.mark.parametrize(
    ("usage", "parts"),
    [
        (Usage(input=412, output=96), Split(1_030_000, 960_000, 0)),
        (Usage(cache_read=1000), Split(1_250_000, 0, 0)),
        (Usage(output=1000), Split(0, 10_000_000, 0)),
        (Usage(input=1000, web_searches=2), Split(2_500_000, 0, 20_000_000)),
        (Usage(web_searches=2), Split(0, 0, 20_000_000)),
    ],
)
def test_what_a_cost_is_made_of(usage, parts):
    tier = make_tier(-1, {name: nano * (1 if name == "web_search" else 1000) for name, nano in LOW_PRICES.items()})
    assert split(tier, usage) == parts


def test_the_classes_are_those_of_a_tier():
    assert ("above", *sorted(FALLS_UNDER)) == (Tier.__struct_fields__[0], *sorted(Tier.__struct_fields__[1:]))
    assert all(set(under) < set(FALLS_UNDER) for under in FALLS_UNDER.values())


def test_a_class_without_a_price_is_charged_as_what_it_falls_under():
    only = make_tier(-1, {"input": 5, "output": 7})
    read = ("input", "cache_read", "cache_write", "cache_write_1h", "input_audio", "cache_read_image", "input_video")
    assert {getattr(only, name) for name in read} == {5}
    assert {only.reasoning, only.output_audio, only.output_image, only.output_video} == {7}
    assert (only.web_search, only.request) == (0, 0)
    assert make_tier(-1, {"input": 5, "cache_write": 6}).cache_write_1h == 6
    audio = make_tier(-1, {"input": 5, "input_audio": 9})
    assert (audio.cache_read_audio, audio.cache_read) == (9, 5)
    assert make_tier(-1, {"input": 5, "input_audio": 9, "cache_read": 1}).cache_read_audio == 1


def test_lookup():
    known = Rates({("p", "m"): (FLAT,), ("p", "free"): ()})
    assert known.rate("p", "m", 0) is FLAT
    assert known.rate("p", "free", 0) is None
    assert known.rate("q", "m", 0) is None
    assert (known.all_of("p", "m"), known.all_of("p", "free"), known.all_of("q", "m")) == ((FLAT,), (), None)
    assert len(known) == 2


def test_a_rate_is_valid_from_its_first_to_before_its_last_instant():
    old, new = replace(FLAT, valid_until=1000), replace(TIERED, valid_from=1000)
    known = Rates({("p", "m"): (old, new)})
    assert [known.rate("p", "m", at) for at in (0, 999, 1000, 10**15)] == [old, old, new, new]


def test_a_price_of_the_day_and_one_of_the_night():
    morning, rest = replace(FLAT, day_until=DAY_MS // 2), replace(TIERED, day_from=DAY_MS // 2)
    known = Rates({("p", "m"): (morning, rest)})
    noon = 20_000 * DAY_MS + DAY_MS // 2
    assert [known.rate("p", "m", noon + step) for step in (-1, 0, DAY_MS // 2 - 1, DAY_MS // 2)] == [
        morning,
        rest,
        rest,
        morning,
    ]


def test_a_mode_has_its_price_or_the_standard_one():
    flex = replace(FLAT, mode="flex")
    known = Rates({("p", "m"): (TIERED, flex)})
    assert known.rate("p", "m", 0, "flex") is flex
    assert known.rate("p", "m", 0, "scale") is known.rate("p", "m", 0) is TIERED


def test_a_users_price_goes_before_any_other():
    mine = make_tier(-1, {"input": 1})
    known = Rates({("p", "m"): (FLAT,)}, [UserPrice("m", mine)])
    assert known.rate("p", "m", 0) == Rate("p", "m", CONFIG, (mine,))
    assert known.rate("q", "M", 0, "flex") == Rate("q", "M", CONFIG, (mine,))
    assert known.is_users("p", "m") and not known.is_users("p", "n")
    assert known.rate("p", "n", 0) is None


def test_a_users_context_window_leaves_the_price():
    known = Rates({("p", "m"): (replace(FLAT, context_window=5),)}, [UserPrice("m", None, 9), UserPrice("n", None, 9)])
    assert known.rate("p", "m", 0) == replace(FLAT, context_window=9)
    assert known.rate("p", "n", 0) is None
    assert not known.is_users("p", "m")


@pytest.mark.parametrize(
    ("patterns", "provider", "model", "chosen"),
    [
        (["*", "gpt-*", "gpt-4o*"], "openai", "gpt-4o-mini", "gpt-4o*"),
        (["gpt-4o*", "gpt-4o"], "openai", "gpt-4o", "gpt-4o"),
        (["gpt-4o", "openai/*"], "openai", "gpt-4o", "gpt-4o"),
        (["gpt-*", "openai/*"], "openai", "gpt-4o", "openai/*"),
        (["gpt-4o", "openai/gpt-4o"], "openai", "gpt-4o", "openai/gpt-4o"),
        (["gpt-4o", "openai/*"], "azure", "gpt-4o", "gpt-4o"),
        (["azure/gpt-4o"], "openai", "gpt-4o", None),
        (["meta-llama/*"], "together", "meta-llama/Llama-3", "meta-llama/*"),
        (["meta-llama/*", "*"], "together", "meta-llama/Llama-3", "meta-llama/*"),
        (["openai/gpt-4o", "openrouter/*"], "openai", "gpt-4o", "openai/gpt-4o"),
        (["openai/gpt-4o", "openrouter/*"], "openrouter", "openai/gpt-4o", "openrouter/*"),
        (["openai/gpt-4o", "openrouter/openai/*"], "openrouter", "openai/gpt-4o", "openrouter/openai/*"),
        (["openai/gpt-4o", "openai/*"], "openrouter", "openai/gpt-4o", "openai/gpt-4o"),
        (["OpenRouter/OpenAI/gpt-4o", "openrouter/*"], "openrouter", "openai/gpt-4o", "OpenRouter/OpenAI/gpt-4o"),
    ],
)
def test_the_closest_pattern_counts(patterns, provider, model, chosen):
    given = [UserPrice(pattern, make_tier(-1, {"input": at})) for at, pattern in enumerate(patterns, 1)]
    found = Rates({}, given).rate(provider, model, 0)
    assert (patterns[found.tiers[0].input - 1] if found else None) == chosen


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(rates, "REMEMBERED", 3)
    known = Rates({}, [UserPrice("zonk", make_tier(-1, {"input": 1}))])
    for at in range(50):
        known.learn("p", f"m{at}", (replace(FLAT, model=f"m{at}"),))
        assert known.rate("p", f"m{at}", 0).model == f"m{at}"
    assert max(map(len, (known, known._lines, known._matched))) <= 3
