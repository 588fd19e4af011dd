"""An exchange read into a row: model, usage, price, the words of its columns.

Pure but for the prices it is given. Whatever the bytes are it makes a row: what cannot be read is NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from helicli import headers as h
from helicli import rates
from helicli.caching import HIT
from helicli.call import UNTOLD, Begin, Body, Exchange, Headers, Usage
from helicli.providers import read
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.rates import Rate
from helicli.recorder.price import Prices
from helicli.recorder.tries import answering, make_tries, model_asked
from helicli.store.calls import NewCall, Plain, Priced, Words
from helicli.store.encodings import content_encoding, decode

_INTEGER_MAX: Final = (1 << 63) - 1
"""What SQLite can hold; only counts that are nonsense cost more."""


def make_row(exchange: Exchange, prices: Prices, machine: str, bodies: str = "full") -> NewCall:
    """The row of an exchange; `bodies` is what is kept of its sides, a word of `helicli.call.BODIES_WORDS`."""
    begin, end, head = answering(exchange.begin, exchange.end), exchange.end, exchange.head
    tags = begin.tags
    path = begin.path.partition("?")[0]
    request = readable(begin.headers, exchange.request.held)
    response = readable(head.headers, exchange.response.held) if head else b""
    content_type = _content_type(head.headers) if head else ""
    asked = read.read_request(begin.dialect, path, request) if request else RequestFacts()
    dropped = head is None or exchange.response.held is None
    told = ResponseFacts() if dropped else read.read_response(begin.dialect, path, content_type, response)
    if head and not told.complete and _sealed(head.headers, exchange.response):
        told = ResponseFacts()
    asks = read.asks_a_model(begin.method, path)
    usage = told.usage if asks else None
    answered = end.status is not None and end.status < 400
    if asks and answered and response and not told.complete:
        usage = read.estimate_usage(begin.dialect, path, request, content_type, response)
    noted = end.cache
    # Of a call that was refused nothing is known; a hit and a mock are answers that used nothing.
    hit = (noted is not None and noted.word == HIT) or (not end.attempts and answered)
    if hit:
        usage = Usage()
    put = model_asked(end) or asked.model
    model = told.model or put
    names = told.model, put, read.model_in_path(path)
    paid = asks and any(names) and (answered or (end.attempts > 0 and end.error in UNTOLD))
    rate = _rate(prices, begin, names, told.mode, tags.model_override) if usage and not hit else None
    if usage is None and paid and answered:
        rate = _fee(prices, begin, names, tags.model_override)
    cost = usage.reported_cost_nano if usage else None
    source = "provider" if cost is not None else rate.source if rate else None
    tier = rates.tier_for(rate, usage or Usage()) if rate else None
    priced = Priced(rate, tier, prices.all_of(rate)) if rate and tier and cost is None else None
    if cost is None:
        cost = _cost(usage, rate, paid=paid)
    tries, cost = make_tries(exchange, request, prices, usage, cost)
    stream = asked.stream or "text/event-stream" in content_type
    error, message = _error(exchange, told, stream=answered and stream)
    prompted = end.prompted
    keeps_inputs = bodies == "full" and not tags.omit_request
    sent = _kept(exchange.request, omitted=tags.omit_request, bodies=bodies)
    came = _kept(exchange.response, omitted=tags.omit_response, bodies=bodies)
    return NewCall(
        plain=Plain(
            id=begin.id,
            created_at=begin.created_at,
            ended_at=end.ended_at,
            status=end.status,
            error_message=message,
            stream=stream,
            latency_us=end.latency_us,
            ttft_us=end.ttft_us,
            overhead_us=end.overhead_us,
            input_tokens=usage.input if usage else None,
            output_tokens=usage.output if usage else None,
            cache_read_tokens=usage.cache_read if usage else None,
            cache_write_tokens=usage.cache_write if usage else None,
            reasoning_tokens=usage.reasoning if usage else None,
            usage_estimated=usage is not None and usage.estimated,
            usage=usage.raw.decode("utf-8", "replace") if usage and usage.raw else None,
            cost_nano=cost,
            attempts=end.attempts,
            prompt_version=prompted.version if prompted else None,
            fallback_index=end.fallback_index,
            request_id=tags.request_id,
        ),
        words=Words(
            provider=begin.provider,
            model=model,
            requested_model=asked.model,
            path=path,
            error=error,
            finish_reason=told.finish_reason,
            user=tags.user or asked.user,
            session=tags.session,
            session_path=tags.session_path,
            session_name=tags.session_name,
            name=tags.name,
            prompt=(prompted.name if prompted else None) or tags.prompt,
            price_source=source,
            provider_key=begin.provider_key,
            org="local",
            machine=machine,
            run=tags.run,
            cache=noted.word if noted else None,
            policy=end.policy,
            segment=end.segment,
        ),
        properties={**tags.properties, **end.labels} if end.labels else tags.properties,
        request_headers=None if bodies == "off" else begin.headers if keeps_inputs else _without_inputs(begin.headers),
        request=sent[0],
        request_size=exchange.request.size,
        response_headers=head.headers if head else None,
        response=came[0] if head else None,
        response_size=exchange.response.size,
        redacted=end.redacted,
        request_missing=sent[1],
        request_sha256=sent[2],
        response_missing=came[1],
        response_sha256=came[2],
        priced=priced,
        noted=noted,
        answer=_answer(exchange, response, keeps=bodies == "full" and not tags.omit_response),
        charges=end.charges,
        tries=tries,
        inputs=prompted.inputs if prompted and keeps_inputs else None,
    )


def _rate(
    prices: Prices, begin: Begin, names: Sequence[str | None], mode: str, override: str | None = None
) -> Rate | None:
    """The rate of the first name that has one: what answered, what was asked for, what the path says.

    A name that the user gave a price for goes before all. Where the caller says what to price a call as, nothing else
    counts.
    """
    known = [name for name in ([override] if override else names) if name]
    given = prices.given(begin.provider, known)
    for name in [given] if given else known:
        if rate := prices.rate(begin.provider, name, begin.created_at, mode):
            return rate
    return None


def _fee(prices: Prices, begin: Begin, names: Sequence[str | None], override: str | None) -> Rate | None:
    """The user's rate of a call whose tokens are not told, where that is a fee for the request alone."""
    given = prices.given(begin.provider, [name for name in ([override] if override else names) if name])
    rate = prices.rate(begin.provider, given, begin.created_at) if given else None
    return rate if rate and rates.is_fee(rate) else None


def _answer(exchange: Exchange, response: bytes, *, keeps: bool) -> bytes | None:
    """The decoded bytes that the cache is to keep, None where it keeps none or all of them are not there.

    What was switched off or omitted is nowhere kept on disk: such an answer is cached in the proxy's memory alone.
    """
    noted = exchange.end.cache
    if noted is None or noted.put is None or not keeps or not exchange.response.whole:
        return None
    return response if len(response) == noted.put.size else None


def _kept(body: Body, *, omitted: bool, bodies: str) -> tuple[bytes | None, str | None, bytes | None]:
    """What is kept of a side, why that is not all, and the SHA-256 of all where only its ends are kept."""
    if body.size:
        if omitted:
            return None, "omitted", None
        if bodies != "full":
            return None, "switched_off", None
        if body.held is None:
            return None, "journal_full", None
        if not body.whole:
            return body.held, "middle", body.sha256
    return body.held, None, None


def _without_inputs(fields: Headers) -> Headers:
    """The fields of a call whose request is not kept: the values of its prompt's variables are part of that."""
    return [(name, h.MASK if name == h.PROMPT_VARIABLES else value) for name, value in fields]


def readable(headers: Headers, body: bytes | None) -> bytes:
    """A body without its content encoding; as it is where that cannot be undone."""
    if not body:
        return b""
    encoding = content_encoding(headers)
    plain = decode(encoding, body) if encoding else None
    return body if plain is None else plain


def _sealed(headers: Headers, body: Body) -> bool:
    """Whether a body is encoded so that nothing can be said of its end: unknown to us, or only its ends are held."""
    encoding = content_encoding(headers)
    return bool(encoding) and (not body.whole or decode(encoding, body.held or b"") is None)


def _content_type(headers: Headers) -> str:
    for name, value in headers:
        if name == b"content-type":
            return value.decode("latin-1")
    return ""


def _cost(usage: Usage | None, rate: Rate | None, *, paid: bool) -> int | None:
    """No tokens cost 0; tokens without a rate, and what was paid for tokens that are not known, cost None.

    Without tokens there is a rate only where it is a fee for the request.
    """
    if usage is None:
        fee = rates.cost(rate, Usage()) if rate else None
        return fee if paid else 0
    if not (usage.input or usage.output or usage.cache_read or usage.cache_write):
        return 0
    cost = rates.cost(rate, usage) if rate else None
    return cost if cost is not None and cost <= _INTEGER_MAX else None


def _error(exchange: Exchange, told: ResponseFacts, *, stream: bool) -> tuple[str | None, str | None]:
    """The word and the sentence of a call that went wrong; `stream` for one that was answered with a stream.

    An error told inside a good status is the provider's; a stream that ends without its last event was cut, however
    cleanly its connection was closed; one whose last event has come was not left early by a client that then closed.
    """
    end = exchange.end
    if end.error and not (end.error == "client_closed" and stream and told.complete and exchange.response.size):
        return end.error, end.error_message or told.error_message
    if told.error_message and end.status is not None and end.status < 400:
        return "provider_error", told.error_message
    if stream and not told.complete:
        return "upstream_cut", "the stream ended without its last event"
    return None, told.error_message
