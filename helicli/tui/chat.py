"""A conversation as lines: who said what, tool calls in one line, long texts cut short.

Owns what is folded: unfolded, everything is there. All text is made safe here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from helicli.providers.facts import Message
from helicli.tui.one_call import OneCall
from helicli.tui.widgets.canvas import Line
from helicli.view import tries
from helicli.view.lines import trouble
from helicli.view.safe import safe
from helicli.view.style import Style
from helicli.view.text import wrap

FOLDED_LINES: Final = 12
_FOLDED_TOOL: Final = 200
_LONGEST: Final = 200_000
"""More signs of one turn than these are for the pager."""

_ROLES: Final = ("user", "system", "assistant", "tool")
_EDGE: Final = 11
"""Cells before what was said, for who said it."""


def lines(
    one: OneCall, width: int, *, unfolded: bool = False, wrapped: bool = True, fold: int = FOLDED_LINES
) -> list[Line]:
    """What was said in a call, in lines of at most `width` cells; of each turn `fold` lines unless it is unfolded."""
    told: list[Line] = []
    for turn in one.turns:
        told += _turn(turn, width, 0 if unfolded else fold, wrapped=wrapped)
        told.append([("", "")])
    if one.call.failed:
        told += _block("error", "bad", safe(trouble(one.call), newlines="\n"), width, _wrapped)
        told.append([("", "")])
    tried = tries.lines(one.tries, Style(on=False), max(20, width - 1))
    if tried:
        told += [*([(f" {line}", "dim")] for line in tried), [("", "")]]
    notes = _notes(one)
    told += [[(f" {note}", "dim")] for note in notes]
    if not told:
        told.append([(" nothing was said, or none of it was kept", "dim")])
    return told


def _turn(turn: Message, width: int, fold: int, *, wrapped: bool) -> list[Line]:
    role = safe(turn.role) or "–"
    colour = turn.role if turn.role in _ROLES else "system"
    lay = _wrapped if wrapped else _plain
    told: list[Line] = []
    text = turn.text
    if text or not turn.tool_calls:
        clean = safe(text[:_LONGEST], newlines="\n") if text else "(nothing)"
        told = _block(role, colour, clean, width, lay)
        if len(text) > _LONGEST:
            told.append([(" " * _EDGE, ""), (f"… {len(text) - _LONGEST:,} signs more: v opens the pager", "dim")])
        if fold and len(told) > fold:
            more = len(told) - fold + 1
            told = told[: fold - 1]
            told.append([(" " * _EDGE, ""), (f"… {more:,} lines more", "dim")])
    for each in turn.tool_calls:
        head = role if not told else ""
        if not fold:
            told += _block(head, colour, safe("→ " + each[:_LONGEST], newlines="\n"), width, lay, "tool")
        else:
            short = safe(each[: _FOLDED_TOOL + 1])
            told.append(_row(head, colour, f"→ {short}", "tool"))
    return told


def _block(
    role: str, colour: str, text: str, width: int, lay: Callable[[str, int], list[str]], body: str = ""
) -> list[Line]:
    parts = lay(text, max(10, width - _EDGE - 1))
    return [_row(role if at == 0 else "", colour, part, body) for at, part in enumerate(parts)]


def _row(role: str, colour: str, text: str, body: str) -> Line:
    return [(f" {role[: _EDGE - 2]:<{_EDGE - 1}}", colour), (text, body)]


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, width)


def _plain(text: str, _: int) -> list[str]:
    return text.split("\n")


def _notes(one: OneCall) -> list[str]:
    notes = [
        f"{name}: {side.missing}"
        for name, side in (("request", one.sides.request), ("response", one.sides.response))
        if side.missing
    ]
    if not one.turns and not notes:
        sizes = f"{one.sides.request.size:,} bytes sent, {one.sides.response.size:,} received"
        notes.append(f"no conversation here; {sizes}: see the other views")
    if one.sides.redacted:
        notes.append("a key was masked in the body")
    return notes


def plain(told: Sequence[Line]) -> str:
    """Lines as text."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in told)
