"""The answers to calls that a limit does not let through: what has been reached, what helps, and when.

Owns their sentences and fields. Each names the limit and for whom it was counted; none quotes a body.
"""

from __future__ import annotations

from datetime import UTC, datetime

from helicli import counters
from helicli import headers as h
from helicli.call import Headers
from helicli.counters import Moment, Standing
from helicli.limits import Limit, Subject, segment
from helicli.providers.replies import LIMITED
from helicli.proxy.refusal import Refusal
from helicli.units import seconds


def full(limit: Limit, standing: Standing, fields: Headers, now: Moment) -> Refusal:
    """For a call that there is no room for."""
    wait = standing.wait_ms
    if wait is not None:
        free = datetime.fromtimestamp((now.wall + wait) / 1000, UTC)
        span = seconds(max(1, -(-wait // 1000)) * 1_000_000)
        sentence = f"limit {limit.policy.short()} reached, free again in {span} (at {free:%Y-%m-%dT%H:%M:%SZ})"
        fields = [*fields, (h.RETRY_AFTER, b"%d" % -(-wait // 1000))]
    elif limit.policy.limit:
        sentence = f"limit {limit.policy.short()}: this call alone may use more than that; lower its max_tokens"
    else:
        sentence = f"limit {limit.policy.short()}: no call is let through"
    return _limited(limit, standing.segment, sentence, [*fields, h.NO_RETRY])


def unpriced(limit: Limit, fields: Headers, subject: Subject, what: str) -> Refusal:
    """For a call whose price nobody knows."""
    sentence = f"limit {limit.policy.short()}: the price of {what} is not known; give it one under [prices]"
    sentence += ', or set limits.unpriced = "allow"'
    return _limited(limit, segment(limit.policy, subject), sentence, [*fields, h.NO_RETRY])


def late(limit: Limit, fields: Headers, subject: Subject, model: str) -> Refusal:
    """For a call whose price nobody has looked up in time: it may come again."""
    sentence = f"limit {limit.policy.short()}: the price of {model} could not be looked up in time; try again"
    return _limited(limit, segment(limit.policy, subject), sentence, [*fields, (h.RETRY_AFTER, b"1")])


def too_many(limit: Limit) -> Refusal:
    """For a call with a policy of its own that there is no room to count."""
    most = counters.BOOKS_MAX
    sentence = f"more than {most:,} different policies came with calls and are counted; send fewer"
    return _limited(limit, "", sentence, [h.NO_RETRY])


def _limited(limit: Limit, whose: str, sentence: str, fields: Headers) -> Refusal:
    return Refusal(
        429,
        "refused_limit",
        sentence,
        type=LIMITED,
        fields=[*fields, h.RATE_LIMITED],
        policy=limit.shown,
        segment=whose or None,
    )
