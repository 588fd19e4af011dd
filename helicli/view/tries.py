"""The attempts of a call: lines of its page, and objects for programs.

Owns what a person is told of each: when it began, who was asked, what came of it. Everything shown is safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from helicli.query.tries import Attempt
from helicli.units import dollars, seconds
from helicli.view.safe import safe
from helicli.view.style import Style
from helicli.view.text import cells, cut, left, right

_LABEL: Final = 8


def lines(tries: Sequence[Attempt], style: Style, width: int = 0) -> list[str]:
    """A line for each attempt, in columns and, where `width` is not 0, no wider; none where there are none."""
    rows = [_row(each) for each in tries]
    widths = [max(cells(row[at]) for row in rows) for at in range(4)] if rows else []
    made: list[str] = []
    for each, row in zip(tries, rows, strict=True):
        good = each.error is None and each.status is not None and each.status < 400
        start, what, who, took, said = row
        text = f"{right(start, widths[0])}  {left(what, widths[1])}  {left(who, widths[2])}  {right(took, widths[3])}"
        if width:
            text = cut(text, width - _LABEL)
            said = cut(said, width - _LABEL - cells(text) - 2)
        made.append(left("" if made else "tries", _LABEL) + (style.ok if good else style.bad)(text) + _apart(said))
    return made


def objects(tries: Sequence[Attempt]) -> dict[str, Any]:
    """What JSON says of them: nothing where there are none."""
    return {"tries": [_object(each) for each in tries]} if tries else {}


def marked(attempts: int, fallback_index: int | None) -> str:
    """`[4 tries, fallback 1]`, for the line of a call; empty where it was asked once and no fallback answered."""
    tries = f"{attempts} tries" if attempts > 1 else ""
    fallback = f"fallback {fallback_index}" if fallback_index else ""
    told = ", ".join(filter(None, (tries, fallback)))
    return f"[{told}]" if told else ""


def _apart(said: str) -> str:
    return f"  {said}" if said else ""


def _row(each: Attempt) -> tuple[str, str, str, str, str]:
    what = str(each.status) if each.status is not None else "–"
    if each.error:
        what = f"{what} {each.error}" if each.status is not None else each.error
    who = f"{safe(each.model or 'no model')} via {safe(each.provider or '–')}"
    cost = dollars(each.cost_nano) if each.cost_nano else "unpriced" if each.cost_nano is None else ""
    said = "  ".join(part for part in (cost, safe(each.error_message or "")) if part)
    return f"+{seconds(each.started_us)}", safe(what), who, seconds(each.latency_us), said


def _object(each: Attempt) -> dict[str, Any]:
    return {
        "number": each.number,
        "fallback_index": each.fallback_index,
        "started_ms": each.started_us / 1000,
        "latency_ms": each.latency_us / 1000,
        "provider": each.provider,
        "model": each.model,
        "status": each.status,
        "error": each.error,
        "error_message": each.error_message,
        "upstream_id": each.upstream_id,
        "input_tokens": each.input_tokens,
        "output_tokens": each.output_tokens,
        "cost_usd": None if each.cost_nano is None else each.cost_nano / 1e9,
    }
