"""An exchange read into a row: by which rate it is priced."""

from __future__ import annotations

import json

import pytest

from helicli.call import Body, Exchange
from helicli.prices import read_prices
from helicli.recorder import rows
from helicli.recorder.price import Prices
from tests.providers import shapes
from tests.recorder.scene import JSON, begin, end

PRICES = Prices()
ASKED = b'{"model":"gpt-4o","messages":[]}'


def row(response, request=ASKED, prices=PRICES, **begun):
    sides = Body(request, len(request)), Body(response, len(response))
    return rows.make_row(Exchange(begin("n", **begun), JSON, *sides, end()), prices, "box")


def unanswered(word, status, request=ASKED, attempts=1):
    """A call that ended in an error of the road."""
    sides = Body(request, len(request)), Body(b"", 0)
    return rows.make_row(
        Exchange(begin("n"), None, *sides, end(error=word, status=status, attempts=attempts)), PRICES, "box"
    )


def users(**given):
    """Prices that the user gave."""
    return Prices({}, read_prices(given))


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


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/responses/resp_1", "/v1/batches/batch_1", "/v1/chat/completions/c_1"])
def test_what_is_only_read_again_is_not_charged_again(method, path):
    said = _answer("gpt-4o")
    made = row(said, request=b"", method=method, path=path)
    assert (made.plain.cost_nano, made.plain.input_tokens, made.priced) == (0, None, None)
    assert row(said, path=path).plain.cost_nano > 0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/responses/resp_1/cancel",
        "/v1/batches/b/cancel",
        "/v1/messages/batches/b/cancel",
        "/v1beta/batches/b:cancel",
    ],
)
def test_what_is_cancelled_is_not_charged_again(path):
    made = row(_answer("gpt-4o"), request=b"", method="POST", path=path)
    assert (made.plain.cost_nano, made.plain.input_tokens, made.priced) == (0, None, None)
    assert row(_answer("gpt-4o"), path="/v1/models/cancel/chat/completions").plain.cost_nano > 0


def test_a_stream_read_again_and_left_is_not_estimated():
    made = row(
        b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n', method="GET", path="/v1/responses/r?stream=true"
    )
    assert (made.plain.cost_nano, made.plain.output_tokens) == (0, None)


def test_the_name_that_the_user_priced_goes_before_the_one_that_answered():
    answer = _answer("gpt-4o-2024-08-06")
    deployment = "/openai/deployments/mine/chat/completions"
    one, other = {"input": 1.0, "output": 1.0}, {"input": 2.0, "output": 2.0}
    for prices, path, source, dollars in (
        (users(**{"openai/gpt-4o": one}), "/v1/chat/completions", "config", 1),
        (users(**{"gpt-4o": one, "*": other}), "/v1/chat/completions", "config", 1),
        (users(**{"gpt-4o": one, "gpt-4o-2024-08-06": other}), "/v1/chat/completions", "config", 2),
        (users(mine=one), deployment, "config", 1),
        (users(**{"gpt-5": one}), "/v1/chat/completions", PRICES.rate("openai", "gpt-4o", 0).source, None),
    ):
        made = row(answer, path=path, prices=prices)
        assert made.words.price_source == source
        tokens = made.plain.input_tokens + made.plain.cache_read_tokens + made.plain.output_tokens
        assert dollars is None or made.plain.cost_nano == tokens * dollars * 1000


def test_a_fee_needs_no_tokens():
    image = b'{"created":1,"data":[{"url":"x"}]}'
    asked = b'{"model":"dall-e-3","prompt":"x"}'
    path = "/v1/images/generations"
    made = row(image, asked, users(**{"dall-e-3": {"request": 0.04}}), path=path)
    assert (made.plain.cost_nano, made.words.price_source, made.plain.input_tokens) == (40_000_000, "config", None)
    assert made.priced.tier.request == 40_000_000_000
    for given in ({}, {"dall-e-3": {"request": 0.04, "input": 1.0}}, {"dall-e-2": {"request": 0.04}}):
        assert row(image, asked, users(**given), path=path).plain.cost_nano is None


def test_a_model_that_only_the_path_names_is_unpriced_and_not_free():
    speech = row(b"\xff\xf3", b'{"input":"x"}', path="/openai/deployments/tts/audio/speech?api-version=1")
    assert speech.plain.cost_nano is None
    assert row(b'{"id":"gpt-4o"}', b"", method="GET", path="/v1/models/gpt-4o").plain.cost_nano == 0


@pytest.mark.parametrize(
    ("word", "status", "cost"),
    [
        ("client_closed", None, None),
        ("idle_timeout", 504, None),
        ("timeout", 504, None),
        ("upstream_cut", 502, None),
        ("engine_killed", None, None),
        ("connect", 502, 0),
        ("dns", 502, 0),
        ("bad_request", 400, 0),
        ("refused_door", 403, 0),
    ],
)
def test_what_a_provider_may_have_charged_and_did_not_tell_is_unpriced(word, status, cost):
    assert unanswered(word, status).plain.cost_nano == cost
    assert unanswered(word, status, b'{"mod').plain.cost_nano == 0, "a request that did not come whole asked nothing"
    assert unanswered(word, status, attempts=0).plain.cost_nano == 0, "nobody was asked"
