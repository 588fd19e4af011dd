"""The columns of the table of calls: what stands in each cell, in which role, and how wide it is.

Owns which columns give way where there is no room. Widths follow from the width of the terminal alone; no row is
measured. All text of a call is made safe here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from helicli.query.calls import Call
from helicli.query.names import undated
from helicli.units import ago, seconds
from helicli.view import fields, lines
from helicli.view.safe import safe
from helicli.view.text import thin

USUAL: Final = ("when", "status", "model", "latency", "tokens", "cost", "user", "name", "text")
"""What the table shows where nothing else was chosen."""

DOCS: Final = {
    "when": "how long ago its request arrived",
    "latency": "from the first byte of the request to the last of the answer",
    "tokens": "read and written; ~ where they were estimated",
    "cost": "dollars, or cached",
    "text": "what went wrong, or the last thing the user said",
}
"""What stands in those of them that are no columns of a call."""

GAP: Final = 2


class Shape(Struct, frozen=True):
    """One column: `least` and `most` are its widths, `worth` tells which go first where there is no room."""

    name: str
    title: str
    least: int
    most: int
    worth: int
    right: bool = False


_BAR: Final = 2
"""So many cells a bar beside the latency has where there is room."""

_FULL_US: Final = 10_000_000
"""It is full from this latency on: one that is seen from afar."""

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"

_OWN: Final = {
    shape.name: shape
    for shape in (
        Shape("when", "WHEN", 8, 8, 9),
        Shape("status", "ST", 3, 3, 10),
        Shape("model", "MODEL", 12, 24, 8),
        Shape("latency", "LATENCY", 8, 8 + 1 + _BAR, 7, right=True),
        Shape("tokens", "TOKENS", 10, 11, 2, right=True),
        Shape("cost", "COST", 9, 9, 6, right=True),
        Shape("user", "USER", 9, 14, 3),
        Shape("name", "NAME", 10, 18, 1),
        Shape("text", "LAST MESSAGE", 15, 400, 5),
    )
}


def shape(name: str) -> Shape:
    """The column of a name: one of USUAL, a column of calls, or `prop.NAME`. Raises UsageError."""
    if name in _OWN:
        return _OWN[name]
    field = fields.field(name)
    most = min(field.width, 24)
    return Shape(field.name, field.title, min(most, max(6, len(field.title))), most, 4, field.is_number)


def fitted(names: Sequence[str], width: int) -> list[tuple[Shape, int]]:
    """The columns for which there is room, each with its width."""
    shapes = [shape(name) for name in names]
    while len(shapes) > 1 and sum(each.least for each in shapes) + GAP * (len(shapes) - 1) > width:
        shapes.remove(min(shapes, key=lambda each: each.worth))
    left = width - sum(each.least for each in shapes) - GAP * (len(shapes) - 1)
    widths = {each.name: each.least for each in shapes}
    while left > 0:
        # What was said has no end, and models have long names: they get two cells for each one of the others.
        # So does the latency: a bar of one cell tells little.
        wide = [each for each in shapes if widths[each.name] < each.most]
        if not wide:
            break
        for each in [*wide, *(each for each in wide if each.name in ("text", "model", "latency"))]:
            more = min(1, left)
            widths[each.name] += more
            left -= more
    return [(each, widths[each.name]) for each in shapes]


def head(columns: Sequence[tuple[Shape, int]], order: str = "", down: bool = False) -> str:
    """The titles; a sign beside the one that the calls are sorted by."""
    sign = "▼" if down else "▲"
    titles = [each.title + sign if order and each.name == order else each.title for each, _ in columns]
    return (" " * GAP).join(
        fit(fit(title, min(width, each.least), right=True), width)
        if each.name == "latency"
        else fit(title, width, right=each.right)
        for title, (each, width) in zip(titles, columns, strict=True)
    )


def cells(call: Call, said: str | None, columns: Sequence[tuple[Shape, int]], now: int) -> list[tuple[str, str]]:
    """The cells of a call with their roles, gaps between them."""
    line: list[tuple[str, str]] = []
    for at, (each, width) in enumerate(columns):
        text, role = cell(call, said, each.name, now)
        if each.name == "latency" and width > each.least + 1:
            text = f"{text:>{each.least}} {bar(call.latency_us, width - each.least - 1)}"
        if at:
            line.append((" " * GAP, ""))
        line.append((fit(text, width, right=each.right), role))
    return line


def cell(call: Call, said: str | None, name: str, now: int) -> tuple[str, str]:
    """What stands in one cell, and its role."""
    if name == "when":
        return ago(call.created_at, now), "dim"
    if name == "status":
        return (str(call.status) if call.status is not None else "–"), outcome(call)
    if name == "model":
        return safe(undated(call.short_model or "–")), ""
    if name == "latency":
        return seconds(call.latency_us), ""
    if name == "tokens":
        return lines.tokens(call).strip(), ""
    if name == "cost":
        return lines.money(call).strip(), "ok" if call.cache in ("hit", "semantic") else ""
    if name == "user":
        return safe(call.user or "–"), ""
    if name == "name":
        return safe(call.name or "–"), ""
    if name == "text":
        trouble = lines.trouble(call)
        return (f"✗ {safe(trouble)}", "bad") if trouble else (safe((said or "")[:600]), "dim")
    return fields.field(name).cell(call, "", lambda instant: ago(instant, now)), ""


def bar(latency_us: int, cells: int) -> str:
    """A latency as a bar of at most so many cells; what took any time at all is seen."""
    eighths = min(cells * 8, max(int(latency_us > 0), latency_us * cells * 8 // _FULL_US))
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(cells)


def outcome(call: Call) -> str:
    """The role of what became of a call."""
    if call.failed:
        return "warn" if call.status is not None and 400 <= call.status < 500 else "bad"
    return "ok" if call.status is not None else "dim"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """A safe text of exactly so many cells as Textual counts them, its end as `…` where it is longer."""
    text = thin(text[: 4 * width + 8])
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    filling = " " * (width - cell_len(text))
    return filling + text if right else text + filling
