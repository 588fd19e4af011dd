"""An exchange read into a row: by which rate it is priced."""

from __future__ import annotations

import json

import pytest

from helicli.call import Body, Exchange
from helicli.recorder import rows
from helicli.recorder.price import Prices
from tests.providers import shapes
from tests.recorder.scene import JSON, begin, end

PRICES = Prices()
ASKED = b'{"model":"gpt-4o","messages":[]}'


def row(response, request=ASKED, **begun):
    sides = Body(request, len(request)), Body(response, len(response))
    return rows.make_row(Exchange(begin("n", **begun), JSON, *sides, end()), PRICES, "box")


def _answer(model, **more):
    said = shapes.CHAT | {"model": model} | more
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("answered", "asked", "path", "priced"),
    [
        ("gpt-4o", "gpt-5", "/v1/chat/completions", "gpt-4o"),
        ("zonk-1", "gpt-5", "/v1/chat/completions", "gpt-5"),
        (None, "gpt-5", "/v1/chat/completions", "gpt-5"),
        ("zonk-1", "zonk-2", "/openai/deployments/gpt-4o/chat/completions", "gpt-4o"),
        (None, None, "/openai/deployments/gpt%2D4o/chat/completions", "gpt-4o"),
        ("zonk-1", "zonk-2", "/v1/chat/completions", None),
    ],
)
def test_which_name_is_priced(answered, asked, path, priced):
    request = json.dumps({"model": asked}).encode() if asked else b"{}"
    made = row(_answer(answered), request=request, path=path)
    assert (made.priced.rate.model if made.priced else None) == priced
    assert (made.plain.cost_nano is not None) is (priced is not None)


def test_what_the_caller_says_it_is_priced_as_counts_alone():
    begun = begin("n")
    rate = rows._rate(PRICES, begun, ("gpt-4o", "gpt-5"), "", "gpt-4o-mini")
    assert rate is not None and rate.model == "gpt-4o-mini"
    assert rows._rate(PRICES, begun, ("gpt-4o", "gpt-5"), "", "zonk-9000") is None


def test_how_it_was_served_has_its_price():
    at = 1_795_000_000_000  # when the price list knows of tiers
    costs = {
        tier: row(_answer("gpt-5", service_tier=tier), created_at=at).plain.cost_nano
        for tier in (None, "default", "scale", "flex", "priority")
    }
    assert costs[None] == costs["default"] == costs["scale"]
    assert costs["flex"] * 2 == costs[None] == costs["priority"] / 2


def test_a_reported_cost_needs_no_rate():
    said = shapes.CHAT | {"usage": shapes.CHAT_USAGE | {"cost": 0.5}}
    made = row(json.dumps(said).encode())
    assert (made.plain.cost_nano, made.words.price_source, made.priced) == (500_000_000, "provider", None)
