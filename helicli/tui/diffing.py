"""Two conversations beside each other: what only the one holds, what only the other, what both do.

Owns how turns are matched and how much of what is alike is shown. Pure; every line is safe for a terminal. The sign at
its begin tells what a line is, colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from helicli.providers.facts import Message
from helicli.view.safe import safe
from helicli.view.text import wrap

if TYPE_CHECKING:
    from helicli.tui.widgets.canvas import Line

CONTEXT: Final = 2
"""So many lines that are alike are shown around one that is not."""

MOST: Final = 5_000
"""Texts of more lines are not compared line by line."""

_SIGN: Final = {"-": "bad", "+": "ok", " ": "dim"}

_Turn = tuple[str, tuple[str, ...]]
"""A turn's role and its lines."""


def diff(before: Sequence[Message], after: Sequence[Message], width: int = 0) -> list[Line]:
    """The lines that lead from one conversation to another; lines are broken at `width`, 0 for never."""
    old, new = [_turn(each) for each in before], [_turn(each) for each in after]
    if old == new:
        return [[("  both say the same", "dim")], *_alike(old)]
    lines: list[Line] = []
    for what, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            lines += _alike(old[first:last])
        else:
            lines += _changed(old[first:last], new[begin:end], width)
    return lines


def _turn(message: Message) -> _Turn:
    text = "\n".join([*([message.text] if message.text else []), *(f"→ {call}" for call in message.tool_calls)])
    return safe(message.role), tuple(safe(text, newlines="\n").split("\n"))


def _alike(turns: Sequence[_Turn]) -> Iterator[Line]:
    if not turns:
        return
    roles = ", ".join(role for role, _ in turns[:6]) + (", …" if len(turns) > 6 else "")
    yield [(f"  = {len(turns)} turn{'s' if len(turns) > 1 else ''} alike: {roles}", "dim")]


def _changed(old: Sequence[_Turn], new: Sequence[_Turn], width: int) -> Iterator[Line]:
    """Turns in the place of others: those of one role are compared, in their order."""
    waiting = list(new)
    for turn in old:
        at = next((at for at, each in enumerate(waiting) if each[0] == turn[0]), None)
        if at is None:
            yield from _whole("-", turn, width)
            continue
        for other in waiting[:at]:
            yield from _whole("+", other, width)
        yield [(f"  {turn[0]}", "title")]
        yield from _lines(turn[1], waiting[at][1], width)
        del waiting[: at + 1]
    for other in waiting:
        yield from _whole("+", other, width)


def _whole(sign: str, turn: _Turn, width: int) -> Iterator[Line]:
    yield [(f"{sign} {turn[0]}", _SIGN[sign])]
    for line in turn[1]:
        yield from _signed(sign, line, width)


def _lines(old: Sequence[str], new: Sequence[str], width: int) -> Iterator[Line]:
    if len(old) > MOST or len(new) > MOST:
        yield [(f"    {len(old):,} lines, then {len(new):,}: too many to be compared", "warn")]
        return
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for at, (what, first, last, begin, end) in enumerate(codes):
        if what == "equal":
            yield from _context(old[first:last], at == 0, at == len(codes) - 1, width)
            continue
        for line in old[first:last]:
            yield from _signed("-", line, width)
        for line in new[begin:end]:
            yield from _signed("+", line, width)


def _context(lines: Sequence[str], first: bool, last: bool, width: int) -> Iterator[Line]:
    """Lines that are alike, but for those far from what is not."""
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    if len(lines) <= head + tail + 1:
        head, tail = len(lines), 0
    for line in lines[:head]:
        yield from _signed(" ", line, width)
    if len(lines) > head + tail:
        yield [(f"    ⋮ {len(lines) - head - tail} lines alike", "dim")]
    for line in lines[len(lines) - tail :]:
        yield from _signed(" ", line, width)


def _signed(sign: str, line: str, width: int) -> Iterator[Line]:
    for part in wrap(line, max(10, width - 4)) if width else (line,):
        yield [(f"  {sign} {part}", _SIGN[sign])]
