"""What a refused call is told."""

from __future__ import annotations

import pytest

from helicli.call import Tags
from helicli.counters import Moment, Standing
from helicli.limits import Limit
from helicli.policy import parse
from helicli.providers.registry import BUILT_IN
from helicli.proxy import limited
from helicli.proxy.expense import Asked

LIMIT = Limit(parse("100;w=3600;u=user"), "few")
NOW = Moment(5, 1_795_269_791_204)
ADA = Asked(Tags(user="ada"), BUILT_IN["openai"], "/v1/chat/completions", [], b"{}", 0)


@pytest.mark.parametrize(
    ("wait", "after", "told"),
    [
        (1, b"1", "free again in 1.00s (at 2026-11-21T14:03:11Z)"),
        (2_460_000, b"2460", "free again in 41m 0s (at 2026-11-21T14:44:11Z)"),
        (2_460_001, b"2461", "free again in 41m 1s"),
    ],
)
def test_when_there_is_room_again(wait, after, told):
    refusal = limited.full(LIMIT, Standing("few", LIMIT.policy, "ada", 100, wait), [], NOW)
    assert dict(refusal.fields)[b"retry-after"] == after
    assert refusal.message.startswith("limit 100/h per user reached, ") and told in refusal.message
    assert (refusal.status, refusal.word, refusal.policy, refusal.segment) == (429, "refused_limit", "few", "ada")


@pytest.mark.parametrize(("policy", "told"), [("0;w=60", "no call is let through"), ("5;w=60;u=tokens", "max_tokens")])
def test_where_there_is_never_room(policy, told):
    limit = Limit(parse(policy))
    refusal = limited.full(limit, Standing("", limit.policy, "", 0, None), [], NOW)
    assert told in refusal.message and b"retry-after" not in dict(refusal.fields)
    assert refusal.segment is None


def test_an_sdk_repeats_only_what_may_pass():
    full = limited.full(LIMIT, Standing("few", LIMIT.policy, "ada", 100, 1), [], NOW)
    for refusal in (full, limited.unpriced(LIMIT, [], ADA, "new"), limited.too_many(LIMIT)):
        fields = dict(refusal.fields)
        assert (fields[b"x-should-retry"], fields[b"x-helicone-error"]) == (b"false", b"rate_limited")
    late = limited.late(LIMIT, [], ADA, "new")
    assert b"x-should-retry" not in dict(late.fields) and late.segment == "ada"
