"""The arithmetic of money."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.call import Usage
from helicli.rates import Rate, Tier, cost

LOW = Tier(-1, 2_500, 10_000, 1_250, 3_125, 5_000, 20_000)
HIGH = Tier(200_000, 5_000, 15_000, 2_500, 6_250, 10_000, 30_000)
FLAT = Rate((LOW,), "test")
TIERED = Rate((LOW, HIGH), "test")


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
    one = Rate((Tier(-1, 1, 1, 1, 1, 1, 1),), "test")
    assert cost(one, Usage(input=tokens)) == nano
    assert cost(one, Usage(input=tokens // 2, output=tokens - tokens // 2)) == nano


@given(st.tuples(*[st.integers(0, 1 << 40)] * 4), st.tuples(*[st.integers(0, 1 << 40)] * 4))
def test_more_tokens_never_cost_less(first, second):
    more = tuple(a + b for a, b in zip(first, second, strict=True))
    assert cost(TIERED, Usage(*more)) >= cost(TIERED, Usage(*first)) >= 0
