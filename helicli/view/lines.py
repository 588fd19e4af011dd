"""One call as one line of a terminal, as `tail` and `serve` print it.

Owns the columns of the line and what is told at its end: the error, or else what was said. Status is the second column
and readable without colour; only the end of the line is cut.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from helicli.query.calls import Call
from helicli.units import clock, count, dollars, seconds
from helicli.view.safe import safe
from helicli.view.style import Style
from helicli.view.text import cells, cut, left, right

_NARROW = 100
"""Below so many columns, names and models get less room."""

_FIXED = 8 + 3 + 6 + 10 + 8 + 6 * 2
"""Cells of the columns that never change: time, status, latency, tokens, cost, and what stands between all."""


def call_line(
    call: Call, width: int, style: Style, zone: tzinfo | None = UTC, *, said: str = "", user: bool = True
) -> str:
    """A call in at most `width` cells. `said` is the last thing its user said; `user` shows whose it is."""
    narrow = width < _NARROW
    model = left(safe(call.model or call.requested_model or "–"), 14 if narrow else 17)
    head = [
        style.dim(clock(call.created_at, zone)),
        status(call, style),
        model,
        right(seconds(call.latency_us), 6),
        right(tokens(call), 10),
        left(money(call), 8),
    ]
    names = [left(safe(call.user or "–"), 6 if narrow else 8)] if user else []
    if call.name:
        names.append(cut(safe(call.name), 12 if narrow else 24))
    room = width - sum(map(cells, (model, *names))) - _FIXED - 2 * len(names)
    text = cut(safe(trouble(call) or said), max(0, room))
    return "  ".join([*head, *names, style.bad(text) if call.failed else text]).rstrip()


def status(call: Call, style: Style) -> str:
    """Three signs: the status, or `–` where nothing was sent."""
    text = f"{call.status if call.status is not None else '–':<3}"
    if call.status is None or call.status >= 500 or (call.error and call.status < 400):
        return style.bad(text)
    return style.warn(text) if call.status >= 400 else style.ok(text)


def tokens(call: Call) -> str:
    """`412→96`, `~` before what was estimated, `–` where nothing is known."""
    if call.read_tokens is None and call.output_tokens is None:
        return "–"
    return f"{'~' if call.usage_estimated else ''}{count(call.read_tokens)}→{count(call.output_tokens)}"


def money(call: Call) -> str:
    """What it cost: `$0.0020`, `cached` for a hit, `–` where it is not known or where it failed for nothing."""
    if call.cache in ("hit", "semantic"):
        return "cached"
    return "–" if call.failed and not call.cost_nano else dollars(call.cost_nano)


def trouble(call: Call) -> str:
    """What went wrong, in words; empty where nothing did."""
    if not call.failed:
        return ""
    return call.error_message or call.error or ""


def summary(calls: int, cost_nano: int, errors: int, unpriced: int) -> str:
    """`38 calls · $0.11 · 0 errors`."""
    parts = [_many(calls, "call"), dollars(cost_nano), _many(errors, "error")]
    return " · ".join([*parts, f"{unpriced} unpriced"] if unpriced else parts)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
