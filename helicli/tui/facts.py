"""The figures of one call as lines: where its time went, its tokens, what it cost, whose it was.

Owns the parts of the latency in the order in which they passed, each with a bar on one scale. All text is made safe.
"""

from __future__ import annotations

from typing import Final

from helicli.query.calls import Call
from helicli.rates import Split
from helicli.tui.one_call import OneCall
from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import Line
from helicli.units import count, figure, seconds
from helicli.view.page import exact_dollars, latency_parts
from helicli.view.safe import safe

_NAME: Final = 13


def lines(one: OneCall, width: int) -> list[Line]:
    """All of them, in lines of at most `width` cells."""
    call = one.call
    told = [*_timing(call, width), *_tokens(call, width), *_cost(call, one.parts, width)]
    told += _section("of", _whose(call), width)
    if call.properties:
        told += _section("properties", sorted(call.properties.items()), width)
    if call.scores:
        told += _section("scores", [(name, figure(value)) for name, value in sorted(call.scores.items())], width)
    told += _section("call", _how(call), width)
    return told


def _section(title: str, rows: list[tuple[str, str]], width: int) -> list[Line]:
    if not rows:
        return []
    room = max(4, width - _NAME - 2)
    told: list[Line] = [[(f" {title}", "head")]]
    for name, value in rows:
        text = safe(value)
        told.append([(f" {fit(safe(name), _NAME - 1)} ", "dim"), (fit(text, min(room, max(1, len(text) * 2))), "")])
    return [*told, [("", "")]]


def _timing(call: Call, width: int) -> list[Line]:
    """Bars that stand where their part of the time was."""
    room = max(4, width - _NAME - 10)
    total = max(1, call.latency_us)
    told: list[Line] = [[(" timing", "head")]]
    at = 0
    for name, part in latency_parts(call):
        before = at * room // total
        cells = max(1, (at + part) * room // total - before) if part else 0
        bar = " " * min(before, room - 1) + "█" * min(cells, room - min(before, room - 1))
        told.append([(f" {name:<{_NAME - 1}}", "dim"), (f"{seconds(part):>7} ", ""), (bar, "accent")])
        at += part
    told.append([(f" {'total':<{_NAME - 1}}", "dim"), (f"{seconds(call.latency_us):>7}", "title")])
    if call.attempts > 1:
        told.append([(f" the provider was asked {call.attempts} times", "warn")])
    return [*told, [("", "")]]


def _tokens(call: Call, width: int) -> list[Line]:
    classes = [
        ("input", call.input_tokens),
        ("cache read", call.cache_read_tokens),
        ("cache write", call.cache_write_tokens),
        ("output", call.output_tokens),
    ]
    rows = [(name, number) for name, number in classes if number or (name in ("input", "output") and number == 0)]
    if not rows:
        return []
    estimated = "  estimated from the text" if call.usage_estimated else ""
    told: list[Line] = [[(" tokens", "head"), (estimated, "warn")]]
    most = max(1, *(number or 0 for _, number in rows))
    room = max(4, width - _NAME - 10)
    for name, number in rows:
        bar = "█" * round((number or 0) * room / most)
        told.append([(f" {name:<{_NAME - 1}}", "dim"), (f"{count(number):>7} ", ""), (bar, "accent")])
    if call.reasoning_tokens:
        told.append([(f" {'reasoning':<{_NAME - 1}}", "dim"), (f"{count(call.reasoning_tokens):>7} of output", "")])
    return [*told, [("", "")]]


def _cost(call: Call, parts: Split | None, width: int) -> list[Line]:
    if call.cache in ("hit", "semantic"):
        rows = [("cost", "$0, from the cache")]
        if call.saved_nano:
            rows.append(("saved", exact_dollars(call.saved_nano)))
        if call.cached_from is not None:
            rows.append(("first asked", f"call {call.cached_from}"))
        return _section("cost", rows, width)
    if call.cost_nano is None:
        return _section("cost", [("cost", "not known: no price for this model")], width)
    rows = []
    if parts is not None:
        rows = [("tries before", exact_dollars(parts.tries_nano))] if parts.tries_nano else []
        rows += [("input", exact_dollars(parts.input_nano)), ("output", exact_dollars(parts.output_nano))]
        if parts.fees_nano:
            rows.append(("fees", exact_dollars(parts.fees_nano)))
    rows.append(("total", exact_dollars(call.cost_nano)))
    if call.price_source:
        rows.append(("price from", call.price_source))
    return _section("cost", rows, width)


def _whose(call: Call) -> list[tuple[str, str]]:
    version = f"@{call.prompt_version}" if call.prompt_version is not None else ""
    rows = (
        ("user", call.user),
        ("session", call.session),
        ("path", call.session_path),
        ("name", call.name),
        ("prompt", call.prompt and call.prompt + version),
        ("run", call.run),
        ("key", call.key),
        ("request id", call.request_id),
    )
    return [(name, value) for name, value in rows if value]


def _how(call: Call) -> list[tuple[str, str]]:
    limit = f"{call.policy} for {call.segment or 'all'}" if call.policy else None
    fallback = f"number {call.fallback_index}" if call.fallback_index else None
    rows = (
        ("provider", call.provider),
        ("asked for", call.requested_model),
        ("answered by", call.model if call.model != call.requested_model else None),
        ("sent to", call.path),
        ("finished", call.finish_reason),
        ("stream", "yes" if call.stream else "no"),
        ("cache", call.cache),
        ("limit", limit),
        ("fallback", fallback),
        ("machine", call.machine),
    )
    return [(name, value) for name, value in rows if value]
