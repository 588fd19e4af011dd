"""The attempts of a call as rows, and who of them answered.

Owns what an attempt cost that did not count: it has used what its provider says, or what can be estimated of an answer
that broke off. Pure but for the prices it is given.
"""

from __future__ import annotations

from msgspec.structs import replace

from helicli import rates
from helicli.call import UNTOLD, Begin, End, Exchange, Try, Usage
from helicli.providers import read
from helicli.recorder.price import Prices
from helicli.store.calls import NewTry


def answering(begin: Begin, end: End) -> Begin:
    """The begin of a call as it was at the provider that answered, or was asked last."""
    if not end.tries:
        return begin
    who = _who(end)
    query = begin.path.partition("?")[2] if who.path == begin.path.partition("?")[0] else ""
    path = f"{who.path}?{query}" if query else who.path
    return replace(begin, provider=who.provider, dialect=who.dialect, path=path, provider_key=who.provider_key)


def model_asked(end: End) -> str | None:
    """The model that the answering provider was asked for, None where the call has no attempts of its own."""
    return (_who(end).model or None) if end.tries else None


def make_tries(
    exchange: Exchange, request: bytes, prices: Prices, usage: Usage | None, cost: int | None
) -> tuple[tuple[NewTry, ...], int | None]:
    """The rows of all attempts, and what the call cost with them: `usage` and `cost` are those of its own answer.

    Where one attempt has used tokens of which no price is known, none is known of the call. Of one that was given up
    without an answer nobody knows whether it was charged: that is told of the attempt, and of a call without an answer.
    """
    end = exchange.end
    if not end.tries:
        return (), cost
    made = []
    costs: list[int | None] = []
    for number, each in enumerate(end.tries):
        counts = number == end.answered
        used = usage if counts else _usage(each, request)
        price = cost if counts else _price(each, used, prices, exchange)
        silent = not counts and each.status is None and each.error in UNTOLD
        if not silent or end.answered is None:
            costs.append(None if silent else price)
        made.append(
            NewTry(
                fallback_index=each.place,
                started_us=each.started_us,
                latency_us=each.took_us,
                provider=each.provider,
                model=each.model or None,
                status=each.status,
                error=each.error,
                error_message=each.message or (None if counts else _said(each)),
                upstream_id=each.upstream_id,
                input_tokens=used.input + used.cache_read + used.cache_write if used else None,
                output_tokens=used.output if used else None,
                cost_nano=None if silent else price,
            )
        )
    return tuple(made), None if None in costs else sum(each or 0 for each in costs)


def _who(end: End) -> Try:
    return end.tries[end.answered if end.answered is not None else -1]


def _usage(given: Try, request: bytes) -> Usage | None:
    """What an attempt has used that did not count; nothing where its provider refused it."""
    if not given.body:
        return None
    told = read.read_response(given.dialect, given.path, given.content_type, given.body)
    if told.usage is None and given.status is not None and given.status < 400 and not told.complete:
        return read.estimate_usage(given.dialect, given.path, request, given.content_type, given.body)
    return told.usage


def _price(given: Try, used: Usage | None, prices: Prices, exchange: Exchange) -> int | None:
    if used is None or not (used.input or used.output or used.cache_read or used.cache_write):
        return 0
    if used.reported_cost_nano is not None:
        return used.reported_cost_nano
    rate = prices.rate(given.provider, given.model, exchange.begin.created_at)
    return rates.cost(rate, used) if rate is not None else None


def _said(given: Try) -> str | None:
    """What the provider said went wrong."""
    if not given.body:
        return None
    return read.read_response(given.dialect, given.path, given.content_type, given.body).error_message
