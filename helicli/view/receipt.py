"""What a run was, in two lines: the sums, and where to look."""

from __future__ import annotations

from helicli.query.runs import Receipt
from helicli.units import count, dollars, seconds
from helicli.view.style import Painted, Style
from helicli.view.text import cells

_RULE = 72


def rule(width: int, style: Style) -> Painted:
    """What parts the receipt from the program's output on a terminal."""
    title = "── helicli "
    return style.dim(title + "─" * max(0, min(width, _RULE) - cells(title)))


def lines(of: Receipt, where: str, style: Style) -> list[Painted]:
    """The receipt; `where` is the command that shows the calls."""
    sums = [_many(of.calls, "call")]
    if of.cached:
        sums.append(f"{of.cached:,} cached")
    sums.append(style.bad(_many(of.errors, "error")) if of.errors else _many(0, "error"))
    sums.append(f"{count(of.input_tokens)}→{count(of.output_tokens)} tokens")
    sums.append(dollars(of.cost_nano))
    if of.unpriced:
        sums.append(style.warn(f"{of.unpriced:,} unpriced"))
    sums.append(f"p50 {seconds(of.p50_us)} p95 {seconds(of.p95_us)}")
    look = [f"slowest {of.slowest} {seconds(of.slowest_us)}"]
    if of.failures:
        shown = [f"{each.seq} {each.status if each.status is not None else '–'}" for each in of.failures]
        more = " …" if of.errors > len(shown) else ""
        look.append(f"errors {', '.join(shown)}{more}")
    return [Painted(" · ".join(sums)), Painted("    ".join([*look, style.accent(where)]))]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
