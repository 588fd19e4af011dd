"""The views of a call besides what was said: bodies, headers, bytes, and what differs from another call.

Owns which view is told how. All text is made safe, however it came.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

import msgspec

from helicli.query.wire import Side
from helicli.tui.one_call import OneCall
from helicli.tui.table_columns import fit
from helicli.tui.widgets.canvas import Line
from helicli.view.safe import safe
from helicli.view.text import wrap

_MOST_LINES: Final = 20_000
_LONGEST: Final = 100_000
"""A line with more signs than these is cut."""

_PRETTY: Final = 4_000_000
"""A larger body is not laid out as JSON."""

_NAME: Final = 26


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
    held = side.body
    if not held:
        return told or [[(" nothing was sent", "dim")]]
    text = _pretty(held)
    if text is None:
        return [*told, [(f" {len(held):,} bytes that are no text: see raw, or ", "dim"), ("v", "accent")]]
    return [*told, *_laid(text, width)]


def diff(old: OneCall, new: OneCall, width: int) -> list[Line]:
    """What differs between what was said in two calls, and between their answers."""
    before, after = _said(old), _said(new)
    told: list[Line] = [
        [(f" - call {old.call.seq}  {safe(old.call.short_model or '–')}", "bad")],
        [(f" + call {new.call.seq}  {safe(new.call.short_model or '–')}", "ok")],
        [("", "")],
    ]
    signs = {"- ": "bad", "+ ": "ok", "  ": "dim"}
    for line in difflib.ndiff(before, after) if len(before) * len(after) < 250_000 else _plain_diff(before, after):
        if line[:2] in signs:
            role = signs[line[:2]]
            parts = wrap(line[2:], max(10, width - 4)) if width else [line[2:]]
            told += [[(f" {line[:2]}", role), (part, role)] for part in parts]
    if before == after:
        told.append([(" nothing differs in what was said", "dim")])
    return told


def _said(one: OneCall) -> list[str]:
    return [line for turn in one.turns for line in _turn(turn.role, turn.text, turn.tool_calls)]


def _turn(role: str, text: str, tool_calls: list[str]) -> list[str]:
    lines = safe(text[:_LONGEST], newlines="\n").split("\n")
    return [f"[{safe(role)}]", *lines, *(safe(f"→ {call}") for call in tool_calls)]


def _plain_diff(before: list[str], after: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, after, lineterm="", n=3):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{line[:1]} {line[1:]}"


def _pretty(held: bytes) -> str | None:
    try:
        text = held.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    if len(held) <= _PRETTY and text.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.format(held, indent=2).decode()
        except msgspec.DecodeError:
            return text
    return text


def _laid(text: str, width: int) -> list[Line]:
    lines = safe(text, newlines="\n").split("\n")
    told: list[Line] = []
    for line in lines[:_MOST_LINES]:
        for part in _parts(line[:_LONGEST], width):
            told.append(_coloured(part))
        if len(line) > _LONGEST:
            told.append([(f" … {len(line) - _LONGEST:,} signs more: v opens the pager", "dim")])
    if len(lines) > _MOST_LINES:
        told.append([(f" … {len(lines) - _MOST_LINES:,} lines more: v opens the pager", "dim")])
    return told


def _parts(line: str, width: int) -> list[str]:
    return wrap(line, max(10, width - 2)) if width else [line]


def _coloured(line: str) -> Line:
    """A line of JSON or of a stream, its key told from its value."""
    key, colon, rest = line.partition(": ")
    if colon and key.lstrip().startswith('"') and key.endswith('"'):
        return [(f" {key}", "accent"), (f": {rest}", "")]
    if line.startswith(("event:", "data:", "id:", "retry:")):
        name, _, rest = line.partition(":")
        return [(f" {name}:", "tool"), (rest, "")]
    return [(f" {line}", "")]


def _headers(title: str, side: Side, width: int) -> list[Line]:
    told: list[Line] = [[(f" {title}", "head")]]
    for name, value in side.headers:
        room = max(10, width - _NAME - 3)
        parts = wrap(safe(value), room) if width else [safe(value)]
        for at, part in enumerate(parts):
            told.append([(f" {fit(safe(name) if at == 0 else '', _NAME)} ", "accent"), (part, "")])
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
        text = held.decode()
        told += [[(f" {part}", "")] for line in safe(text, newlines="\n").split("\n")[:_MOST_LINES]
                 for part in _parts(line[:_LONGEST], width)]  # fmt: skip
    except UnicodeDecodeError:
        told += list(_hex(held))
    return [*told, [("", "")]]


def _hex(held: bytes) -> Iterator[Line]:
    for at in range(0, min(len(held), 16 * _MOST_LINES // 4), 16):
        row = held[at : at + 16]
        signs = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        yield [(f" {at:08x}  ", "dim"), (f"{row.hex(' '):<48} ", ""), (signs, "accent")]
