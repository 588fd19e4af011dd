"""The station of limits: permits opened, settled and refused, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import json

import pytest

from helicli import counters, rates
from helicli.call import Tags
from helicli.counters import Moment
from helicli.limits import Limit
from helicli.policy import parse, parse_all
from helicli.providers.registry import BUILT_IN
from helicli.proxy.admission import Admission, clock, learn_nothing
from helicli.proxy.expense import Asked
from helicli.proxy.refusal import Refusal
from helicli.rates import Rate, Rates
from tests.query.logs import chosen

T0 = 1_795_269_791_204
RATE = Rate("openai", "gpt-4o", "test", (rates.make_tier(-1, {"input": 2_500_000, "output": 10_000_000}),))
OPENAI = BUILT_IN["openai"]
SAID = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 100}
JSON = [(b"content-type", b"application/json")]


class Desk:
    """An admission, its clock, and a price list that learns."""

    def __init__(self, *limits, known=True, **more):
        self.now = 0
        self.learnt = []
        self.rates = Rates({("openai", "gpt-4o"): (RATE,)} if known else {})

        async def learn(provider, model):
            self.learnt.append(model)
            self.rates.learn(provider, model, (RATE,) if model == "gpt-4o" else ())

        self.admission = Admission(
            lambda: self.rates, limits, learn=learn, clock=lambda: Moment(self.now, T0 + self.now), **more
        )

    def ask(self, policy="", body=SAID, **tags):
        content = json.dumps(body).encode() if body is not None else b""
        asked = Asked(Tags(**tags), OPENAI, "/v1/chat/completions", [], content, 0)
        return asyncio.run(self.admission.ask(asked, parse_all(policy) if policy else ()))

    def refused(self, policy="", body=SAID, **tags):
        with pytest.raises(Refusal) as raised:
            self.ask(policy, body, **tags)
        return raised.value

    def used(self):
        return {(each.key, each.segment): each.used for _, each in self.admission.usage()}


def answer(permit, status=200, **usage):
    permit.answer(status, JSON)
    if permit.copy is not None:
        permit.copy(json.dumps({"model": "gpt-4o", "choices": [], **({"usage": usage} if usage else {})}).encode())
    return permit.close()


def test_no_limit_no_permit():
    assert Desk().ask() is None
    assert Desk(Limit(parse("1;w=60"), "few", chosen(user=("ada",)))).ask(user="linus") is None


def test_a_request_counts_when_it_goes_up_and_stays():
    desk = Desk()
    permit = desk.ask("2;w=60;u=user", user="ada")
    assert permit.copy is None, "nobody reads the answer of a call whose tokens are not counted"
    assert dict(permit.fields) == {
        b"helicone-ratelimit-limit": b"2",
        b"helicone-ratelimit-remaining": b"1",
        b"helicone-ratelimit-reset": b"0",
        b"helicone-ratelimit-policy": b"2;w=60;s=user",
    }
    (charge,) = permit.close()
    assert (charge.policy, charge.segment, charge.amount) == ("2;w=60;s=user", "ada", 1)
    assert T0 <= charge.at < T0 + 10 and charge.expires_at == charge.at + 60_000
    desk.now = 10_500
    desk.ask("2;w=60;u=user", user="ada")
    desk.now = 20_001
    refusal = desk.refused("2;w=60;u=user", user="ada")
    assert (refusal.status, refusal.word, refusal.policy, refusal.segment) == (
        429,
        "refused_limit",
        "2;w=60;s=user",
        "ada",
    )
    fields = dict(refusal.fields)
    assert (fields[b"retry-after"], fields[b"helicone-ratelimit-reset"]) == (b"40", b"40")
    assert (fields[b"x-helicone-error"], fields[b"x-should-retry"]) == (b"rate_limited", b"false")
    assert refusal.message == "limit 2/min per user reached, free again in 40.00s (at 2026-11-21T14:04:11Z)"


@pytest.mark.parametrize("unit", ["tokens", "cents"])
def test_what_was_set_aside_becomes_what_was_used(unit):
    desk, policy = Desk(), f"100000;w=60;u={unit}"
    permit = desk.ask(policy)
    (before,) = desk.used().values()
    (charge,) = answer(permit, prompt_tokens=40, completion_tokens=10)
    used = 50 if unit == "tokens" else 40 * 2500 + 10 * 10_000
    assert charge.amount == used < before
    assert desk.used() == {(policy, ""): used}
    assert permit.close() == (charge,), "closed once"
    assert desk.used() == {(policy, ""): used}


def test_what_fails_gives_back_and_what_is_unknown_stays():
    desk, policy = Desk(), "1000;w=60;u=tokens"
    answer(desk.ask(policy), 500)
    desk.ask(policy).close()
    assert desk.used() == {}
    answer(desk.ask(policy))
    assert 100 < desk.used()[policy, ""] < 120


def test_a_client_that_leaves_pays_for_its_request():
    desk, policy = Desk(), "1000;w=60;u=tokens"
    desk.ask(policy).close(left=True)
    assert 1 < desk.used()[policy, ""] < 20


def test_a_bound_is_needed_whole_and_a_guess_is_not():
    desk, policy = Desk(), "90;w=60;u=tokens"
    refusal = desk.refused(policy)
    assert "may use more than that; lower its max_tokens" in refusal.message
    assert b"retry-after" not in dict(refusal.fields)
    assert desk.ask(policy, {**SAID, "max_tokens": None}) is not None
    assert desk.used()[policy, ""] == 90


def test_a_price_is_found_out_and_one_that_nobody_knows_is_refused():
    desk = Desk(known=False)
    assert desk.ask("100;w=60;u=cents") is not None
    refusal = desk.refused("100;w=60;u=cents", {**SAID, "model": "new"})
    assert desk.learnt == ["gpt-4o", "new"]
    assert refusal.message == (
        'limit 100¢/min: the price of new is not known; give it one under [prices], or set limits.unpriced = "allow"'
    )
    assert Desk(unpriced="allow", known=False).ask("100;w=60;u=cents", {**SAID, "model": "new"}) is not None
    assert dict(refusal.fields)[b"helicone-ratelimit-policy"] == b"100;w=60;u=cents"


def test_a_price_that_nobody_told_in_time_may_be_asked_for_again():
    desk = Desk(known=False)
    desk.admission._learn = learn_nothing
    refusal = desk.refused("100;w=60;u=cents")
    assert "could not be looked up in time; try again" in refusal.message
    fields = dict(refusal.fields)
    assert fields[b"retry-after"] == b"1" and b"x-should-retry" not in fields
    assert fields[b"x-helicone-error"] == b"rate_limited"


def test_a_call_that_does_not_say_its_model_is_not_free():
    desk = Desk()
    assert "a call that does not say its model" in desk.refused("100;w=60;u=cents", {"messages": []}).message
    assert desk.ask("100;w=60;u=cents", None) is not None, "without a body nothing is asked of a model"
    assert Desk(unpriced="allow").ask("100;w=60;u=cents", {"messages": []}) is not None


def test_zero_lets_nothing_through():
    for unit in ("request", "tokens", "cents"):
        assert Desk().refused(f"0;w=60;u={unit}", {}).message.endswith(": no call is let through")


def test_a_policy_that_comes_twice_counts_once():
    desk = Desk()
    desk.ask("5;w=60,5;w=60")
    assert desk.used() == {("5;w=60", ""): 1}


def test_limits_are_replaced():
    few, many = Limit(parse("1;w=60"), "few"), Limit(parse("9;w=60"), "many")
    desk = Desk(few, many)
    desk.ask()
    desk.admission.replace((Limit(parse("2;w=60"), "few"),))
    assert [(limit.shown, each.used, each.policy.limit) for limit, each in desk.admission.usage()] == [("few", 1, 2)]
    desk.ask()
    desk.refused()
    desk.admission.replace(())
    assert desk.ask() is None


def test_a_limit_that_comes_back_goes_on():
    """Else who raises a month's budget by removing and adding it would give the month's money again."""
    few = Limit(parse("1;w=60"), "few")
    desk = Desk(few)
    charges = desk.ask().close()
    desk.admission.replace(())
    assert desk.ask() is None and desk.used() == {}
    desk.admission.replace((few,))
    desk.refused()
    after = Desk()
    after.admission.restore(charges)
    assert after.used() == {}
    after.admission.replace((few,))
    after.refused()
    after.admission.replace((Limit(parse("1;w=60"), "few", chosen(user=("ada",))),))
    assert after.ask(user="ada") is not None, "for other calls it is another limit"


@pytest.mark.parametrize("unit", ["tokens", "cents"])
def test_a_provider_that_says_it_used_more_than_there_is(unit):
    desk, policy = Desk(), f"1000;w=60;u={unit}"
    most = (1 << 53) - 1  # the largest whole number that every JSON reader knows
    permits = [desk.ask(policy, {**SAID, "max_tokens": 1} if unit == "tokens" else SAID) for _ in range(3)]
    for permit in permits:
        (charge,) = answer(permit, prompt_tokens=most, completion_tokens=most)
        assert charge.amount < 1 << 63, "what cannot be stored stops the recorder"
    desk.refused(policy)
    second = Desk()
    second.admission.restore([charge, charge])
    second.refused(policy)


def test_a_long_value_of_a_segment_is_cut_and_stays_apart():
    desk = Desk()
    for end in "ab":
        (charge,) = desk.ask("1;w=60;u=user", user="x" * 60_000 + end).close()
        assert len(charge.segment) < 200
    assert len(desk.refused("1;w=60;u=user", user="x" * 60_000 + "a").segment) < 200


def test_there_is_an_end_to_the_policies_of_calls(monkeypatch):
    monkeypatch.setattr(counters, "BOOKS_MAX", 3)
    desk = Desk(Limit(parse("9;w=60"), "few"))
    for limit in (1, 2):
        desk.ask(f"{limit};w=31536000")
    refusal = desk.refused("3;w=31536000")
    assert (refusal.status, refusal.policy) == (429, "3;w=31536000") and "different policies" in refusal.message
    assert desk.ask("2;w=31536000") is not None and desk.ask() is not None


def test_the_next_proxy_goes_on():
    few = Limit(parse("3;w=60;u=user"), "few")
    first = Desk(few)
    charges = [*first.ask(user="ada").close(), *first.ask("5;w=60", user="ada").close()]
    second = Desk(few)
    second.admission.restore(charges)
    assert second.used() == {("few w=60;s=user", "ada"): 2, ("5;w=60", ""): 1}


def test_the_clock_goes_on():
    first, second = clock(), clock()
    assert second.steady >= first.steady and abs(second.wall - first.wall) < 60_000
