"""A place in a text that was given, pointed at.

Owns how it is cut where there is no room. The text is made safe, and the mark stands under what it is about whatever
the width of the signs before.
"""

from __future__ import annotations

from helicli.errors import Excerpt
from helicli.view.safe import safe
from helicli.view.style import Painted, Style
from helicli.view.text import cells


def pointed(excerpt: Excerpt, width: int, style: Style) -> list[Painted]:
    """The line of the text, and the line of marks with the hint behind them; as much as has room."""
    start, end = excerpt.start, min(excerpt.end, max(len(excerpt.text), excerpt.start + 1))
    room = max(width - cells(safe(excerpt.hint)) - 4, width // 2)
    # Two thirds of what there is stand before the place: what was read well explains it.
    first = max(0, min(start, end - room) if cells(safe(excerpt.text)) <= width else start - room // 2)
    if cells(safe(excerpt.text)) <= width:
        first = 0
    shown, before = _cut(excerpt.text, first, width), safe(excerpt.text[first:start])
    lead = "…" if first else ""
    marks = max(1, min(cells(safe(excerpt.text[start:end])), width - cells(before) - 1))
    mark = style.bad("^" * marks)
    line = Painted(" " * (cells(before) + len(lead))) + mark
    return [Painted(safe(lead + shown)), line + f" {excerpt.hint}" if excerpt.hint else line]


def _cut(text: str, first: int, width: int) -> str:
    shown = ""
    for sign in text[first:]:
        if cells(safe(shown + sign)) > width - 2:
            return shown + "…"
        shown += sign
    return shown
