"""What a stored cost is made of."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from helicli import rates
from helicli.call import Usage
from helicli.query.calls import find
from helicli.query.reading import opened
from helicli.query.split import split
from helicli.rates import Rate, Split, make_tier
from helicli.store.calls import Priced
from tests.query import logs

TIER = make_tier(-1, {"input": 2_500_000, "output": 10_000_000, "cache_read": 1_250_000, "input_audio": 40_000_000})
RATE = Rate("openai", "gpt-4o", "list 1", (TIER,))
PRICED = Priced(RATE, TIER, (RATE,))


@pytest.fixture
def parts(tmp_path):
    """The parts of one call that is written and read back."""

    def of(new):
        with opened(logs.write(tmp_path / "x.db", new)) as db:
            return split(db, find(db, "last"))

    return of


def call(**given):
    return replace(logs.call(1, **given), priced=PRICED)


def test_input_and_output(parts):
    assert parts(call(cost_nano=1_990_000)) == Split(1_030_000, 960_000, 0)


def test_what_only_the_providers_usage_tells(parts):
    raw = {"prompt_tokens": 412, "completion_tokens": 96, "prompt_tokens_details": {"audio_tokens": 400}}
    cost = rates.cost(RATE, Usage(input=412, output=96, input_audio=400))
    assert parts(call(usage=json.dumps(raw), cost_nano=cost)) == Split(cost - 960_000, 960_000, 0)


def test_an_estimate_counts_as_the_row_does(parts):
    """A cut stream keeps the usage it began with, and its output is estimated."""
    raw = {"prompt_tokens": 412, "completion_tokens": 1}
    assert parts(call(usage=json.dumps(raw), usage_estimated=True, cost_nano=1_990_000)) == Split(1_030_000, 960_000, 0)


@pytest.mark.parametrize("cost", [None, 0, 1_990_001])
def test_what_does_not_add_up_is_not_told(parts, cost):
    assert parts(call(cost_nano=cost)) is None


def test_what_the_provider_reported_is_not_split(parts):
    assert parts(logs.call(1, cost_nano=1_990_000)) is None
