"""The views of a call: what was said, bodies, headers, bytes, figures, and what differs from another call.

Owns their names, which view is told how, and how its lines are broken. All text is made safe, however it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from helicli.query.wire import Side
from helicli.tui import chat, diffing, facts
from helicli.tui.one_call import OneCall
from helicli.tui.raw import MOST_LINES, raw
from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import Line, Span
from helicli.view.safe import safe
from helicli.view.text import wrap

CHAT: Final = "chat"
DIFF: Final = "diff"
FIGURES: Final = "figures"
NAMES: Final = (CHAT, "request", "response", "headers", "raw")
"""The views that every call has and that take the whole width; figures may stand beside them."""

_LONGEST: Final = 100_000
"""A line with more signs than these is cut."""

_HEX: Final = 65_536
_NAME: Final = 26


class Look(Struct, frozen=True):
    """How a call is looked at: the view, whether all is shown of it, whether long lines are broken."""

    view: str = CHAT
    unfolded: bool = False
    wrapped: bool = True


def names_line(names: Sequence[str], shown: str) -> list[Span]:
    """The names of views, the one that is shown among them."""
    told: list[Span] = [(" ", "")]
    for name in names:
        told += [(f" {name} ", "cursor" if name == shown else "dim"), (" ", "")]
    return told


def lines(
    one: OneCall, look: Look, width: int, *, other: OneCall | None = None, fold: int = chat.FOLDED_LINES
) -> list[Line]:
    """A view in lines of at most `width` cells; `other` is what the call is compared with, `fold` what chat shows."""
    if look.view == FIGURES:
        return facts.lines(one, width)
    if look.view == CHAT:
        return chat.lines(one, width, unfolded=look.unfolded, wrapped=look.wrapped, fold=fold)
    if look.view == DIFF and other is not None:
        return diff(other, one, width)
    return view(one, look.view, width if look.wrapped else 0)


def view(one: OneCall, name: str, width: int) -> list[Line]:
    """One of the views; `width` 0 breaks no line."""
    if name == "headers":
        return [*_headers("request", one.sides.request, width), *_headers("response", one.sides.response, width)]
    if name == "raw":
        return [*_bytes("request", one.sides.request, width), *_bytes("response", one.sides.response, width)]
    return body(one.sides.request if name == "request" else one.sides.response, width)


def body(side: Side, width: int) -> list[Line]:
    """A body laid out to be read: JSON with its keys one below another, a stream event by event."""
    told: list[Line] = [[(f" {side.missing}", "warn")], [("", "")]] if side.missing else []
    if not side.body and told:
        return told
    return [*told, *_indented(raw(side.body, side.header("content-type")), width)]


def diff(old: OneCall, new: OneCall, width: int) -> list[Line]:
    """What differs between what was said in two calls, and between their answers."""
    head: list[Line] = [
        [(f" - call {old.call.seq}  {safe(old.call.short_model or '–')}", "bad")],
        [(f" + call {new.call.seq}  {safe(new.call.short_model or '–')}", "ok")],
        [("", "")],
    ]
    return [*head, *_indented(diffing.diff(old.turns, new.turns, max(0, width - 2)), 0)]


def broken(line: Line, width: int) -> Iterator[Line]:
    """A line as several of at most `width` cells, each part in its role."""
    row: list[Span] = []
    left = width
    for text, role in line:
        while cell_len(text) > left:
            at = _fitting(text, left)
            if row and cell_len(text[:at]) > left:
                yield row
                row, left = [], width
                continue
            # A word is left whole where that does not leave most of the line empty.
            space = text.rfind(" ", at // 2, at)
            at = space + 1 if space > 0 else at
            row.append((text[:at], role))
            yield row
            text, row, left = text[at:], [], width
        row.append((text, role))
        left -= cell_len(text)
    yield row


def _fitting(text: str, room: int) -> int:
    """How many signs from the begin of a text fit, one at least where the line is empty."""
    if text[: room + 1].isascii():
        return max(1, room)
    for at, sign in enumerate(text):
        room -= cell_len(sign)
        if room < 0:
            return max(1, at)
    return len(text)


def _indented(lines: Iterable[Line], width: int) -> list[Line]:
    parts = (part for line in lines for part in (broken(line, max(10, width - 2)) if width else (line,)))
    return [[(" ", ""), *part] for part in parts]


def _headers(title: str, side: Side, width: int) -> list[Line]:
    told: list[Line] = [[(f" {title}", "head")]]
    longest = max((cell_len(safe(name)) for name, _ in side.headers), default=0)
    wide = max(_NAME, min(longest, width // 2 if width else longest))
    for name, value in side.headers:
        room = max(10, width - wide - 3)
        parts = wrap(safe(value), room) if width else [safe(value)]
        for at, part in enumerate(parts):
            told.append([(f" {fit(safe(name) if at == 0 else '', wide)} ", "accent"), (part, "")])
    if not side.headers:
        told.append([(" none were kept", "dim")])
    return [*told, [("", "")]]


def _bytes(title: str, side: Side, width: int) -> list[Line]:
    """The bytes as they stood on the wire: text as text, anything else in hexadecimal."""
    held = side.held or b""
    told: list[Line] = [[(f" {title}", "head"), (f"  {side.size:,} bytes", "dim")]]
    if side.missing:
        told.append([(f" {side.missing}", "warn")])
    try:
        lines = safe(held.decode(), newlines="\n").split("\n")
        told += _indented(([(line[:_LONGEST], "")] for line in lines[:MOST_LINES]), width)
    except UnicodeDecodeError:
        told += _hex(held)
    return [*told, [("", "")]]


def _hex(held: bytes) -> Iterator[Line]:
    for at in range(0, min(len(held), _HEX), 16):
        row = held[at : at + 16]
        signs = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        yield [(f" {at:08x}  ", "dim"), (f"{row.hex(' '):<48} ", ""), (signs, "accent")]
