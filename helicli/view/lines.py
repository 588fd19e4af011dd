"""One call as one line of a terminal, as `tail` and `serve` print it.

Owns the columns of the line and what is told at its end: the error, or else what was said. Status is the second column
and readable without colour. The end of the line is cut; where that is not enough, the last columns are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Final

from helicli.query.calls import Call
from helicli.query.names import undated
from helicli.units import count, dollars, seconds
from helicli.view.safe import safe
from helicli.view.style import Painted, Style
from helicli.view.summary import summary
from helicli.view.text import cells, cut, left, right
from helicli.view.tries import marked
from helicli.view.when import When

_NARROW = 100
"""Below so many columns, models and users get less room."""

_SHORT = 20
"""With less room than this, what was said stands alone, without the name."""

_INSTANT: Final = {"local": 8, "utc": 8, "relative": 7, "unix": 10}
_CLOCK: Final = When("local", UTC)


def call_line(
    call: Call, width: int, style: Style, when: When = _CLOCK, *, said: str = "", user: bool = True
) -> Painted:
    """A call in at most `width` cells, 13 at least. `said` is what its user said last; `user` shows whose it is."""
    texts = [
        when.short(call.created_at),
        status(call),
        safe(undated(call.short_model or "–")),
        seconds(call.latency_us),
    ]
    fixed = _fixed([*texts, tokens(call), money(call), *([safe(call.user or "–")] if user else [])], width, when)
    room = width - _taken(fixed) - 2
    mark = marked(call.attempts, call.fallback_index)
    text = safe(trouble(call) or said)
    name, told = _end(safe(call.name or ""), f"{mark} {text}".strip() if mark else text, room)
    parts = [style.dim(fixed[0]), paint(call, style)(fixed[1]), *fixed[2:], name]
    parts = [*(part for part in parts if part), style.bad(told) if call.failed else told]
    return Painted("  ".join(parts).rstrip())


def head_line(width: int, style: Style, when: When = _CLOCK, *, user: bool = True) -> Painted:
    """The titles above lines of calls."""
    titles = ["WHEN", "ST", "MODEL", "TIME", "TOKENS", "COST", *(["USER"] if user else [])]
    return style.dim(cut("  ".join([*_fixed(titles, width, when), "NAME, TEXT"]), width))


def _fixed(texts: Sequence[str], width: int, when: When) -> list[str]:
    """The columns before the name, as many as there is room for."""
    narrow = width < _NARROW
    fixed = [
        left(texts[0], _INSTANT[when.how]),
        left(texts[1], 3),
        left(texts[2], 13 if narrow else 15 if width < 120 else 24),
        right(texts[3], 6),
        f"{texts[4]:>9}",
        f"{texts[5]:<8}",
        *(left(text, 6 if narrow else 8) for text in texts[6:]),
    ]
    while len(fixed) > 2 and _taken(fixed) > width:
        fixed.pop()
    return fixed


def _taken(fixed: Sequence[str]) -> int:
    return sum(cells(part) + 2 for part in fixed) - 2


def _end(name: str, told: str, room: int) -> tuple[str, str]:
    """What a call is called and what is told of it, in `room` cells together."""
    told = cut(told, max(0, room))
    if name and told:
        name = cut(name, max(room * 2 // 5, room - 2 - cells(told))) if room >= _SHORT else ""
    name = cut(name, max(0, room))
    return name, cut(told, max(0, room - (cells(name) + 2 if name else 0)))


def status(call: Call) -> str:
    """Three signs: the status, or `–` where nothing was sent."""
    return f"{call.status if call.status is not None else '–':<3}"


def paint(call: Call, style: Style) -> Callable[[str], str]:
    """The role of a call's status."""
    if not call.failed:
        return style.ok
    return style.warn if call.status is not None and 400 <= call.status < 500 else style.bad


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


class Tally:
    """What the calls of a list come to, counted as they are printed."""

    def __init__(self) -> None:
        self.calls = self._errors = self._cost = self._unpriced = 0

    def add(self, call: Call) -> None:
        """Count one."""
        self.calls += 1
        self._errors += call.failed
        self._cost += call.cost_nano or 0
        self._unpriced += call.cost_nano is None

    def told(self) -> str:
        """The same as `summary`, of these."""
        return summary(self.calls, self._cost, self._errors, self._unpriced)
