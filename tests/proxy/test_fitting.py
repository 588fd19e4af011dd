"""Requests that are too long for their model: what goes up, and what the row says of it."""

from __future__ import annotations

import json

import pytest

from helicli.rates import Rates, UserPrice, make_tier
from tests.proxy.house import Proxy, post
from tests.proxy.test_attempts import Plan, reply
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio

TIER = make_tier(-1, {"input": 1, "output": 1})
WORDS = " ".join(f"word{number}" for number in range(900))


def body(text, model="small", **more):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more}).encode()


async def ask(folder, handler, sent, plan=None):
    plan = plan or Plan(reply())
    async with Provider(plan) as provider, Proxy(folder, provider.url) as proxy:
        proxy.house.rates = Rates({}, [UserPrice("small", TIER, 1000), UserPrice("large", TIER, 9000)])
        status, _, _ = await proxy.call(post(sent, b"helicone-token-limit-exception-handler: " + handler))
        return status, plan, await proxy.end()


@pytest.mark.parametrize("handler", [b"truncate", b"Middle-Out"])
async def test_it_is_cut_and_said(tmp_path, handler):
    sent = body(WORDS, max_tokens=200)
    status, plan, end = await ask(tmp_path, handler, sent)
    [asked] = plan.asked
    assert status == 200 and len(asked["messages"][0]["content"]) < len(WORDS)
    assert end.request == sent, "the log keeps what came"
    labels = end.labels
    assert labels["token_limit_handler"] == handler.decode().lower()
    assert int(labels["token_limit_input"]) - int(labels["token_limit_cut"]) <= 800


@pytest.mark.parametrize("handler", [b"truncate", b"middle-out", b"fallback"])
@pytest.mark.parametrize("sent", [body("Hi"), body(WORDS, "unknown"), body(WORDS, "large"), b"no json", b""])
async def test_what_fits_or_is_not_known_goes_up_as_it_came(tmp_path, handler, sent):
    plan = Plan(reply())
    plan.raw = True
    _, plan, end = await ask(tmp_path, handler, sent, plan)
    assert plan.asked == [sent] and end.labels == {}


async def test_a_tenth_is_left_for_the_answer(tmp_path):
    words = " ".join(f"word{number}" for number in range(480))
    for more, cut in (({}, True), ({"max_tokens": 20}, False)):
        folder = tmp_path / str(cut)
        folder.mkdir()
        _, _, end = await ask(folder, b"truncate", body(words, **more))
        assert bool(end.labels) is cut


async def test_another_model_for_what_is_too_long(tmp_path):
    for text, model in (("Hi", "small"), (WORDS, "large")):
        folder = tmp_path / model
        folder.mkdir()
        _, plan, end = await ask(folder, b"fallback", body(text, "small, large"))
        assert [each["model"] for each in plan.asked] == [model]
        assert end.attempts == 1 and bool(end.labels) is (model == "large")


async def test_a_mock_answers_at_once(tmp_path):
    plan = Plan(reply())
    async with Provider(plan) as provider, Proxy(tmp_path, provider.url) as proxy:
        status, fields, told = await proxy.call(post(b"{}", b'__helicone-mock-response: {"id": "x"}'))
        assert (status, told, fields[b"content-type"]) == (200, b'{"id": "x"}', b"application/json")
        end = await proxy.end()
        assert (end.status, end.attempts, plan.asked) == (200, 0, [])
        status, _, told = await proxy.call(post(b"{}", b"__helicone-mock-response: {id"))
        assert status == 400 and b"__Helicone-Mock-Response does not parse" in told
        assert plan.asked == []
