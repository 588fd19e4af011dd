"""The way off the road."""

from __future__ import annotations

from helicli.proxy.refusal import Refusal


def test_it_carries_what_the_caller_is_told():
    refusal = Refusal(429, "refused_limit", "too many")
    assert (refusal.status, refusal.word, refusal.message, refusal.type) == (
        429,
        "refused_limit",
        "too many",
        "helicli_error",
    )
    assert str(refusal) == "too many"
    assert Refusal(504, "timeout", "late", type="timeout_error").type == "timeout_error"
