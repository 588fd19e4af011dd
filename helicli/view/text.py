"""Text laid into columns of a terminal.

Owns the width of a text in cells: wide signs take two, marks that join a sign none. What goes in has been made safe.
Signs without a width come out at most MARKS in a row, so that no text is much longer than it is wide.
"""

from __future__ import annotations

import unicodedata
from typing import Final

MARKS: Final = 3
"""More signs than these on top of one are in no language's spelling."""

_NO_WIDTH: Final = ("Mn", "Me", "Cf")


def cells(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def thin(text: str) -> str:
    """The text without the marks that come after MARKS of them in a row."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = 0 if _cell(sign) else marks + 1
        if marks <= MARKS:
            kept.append(sign)
    return "".join(kept)


def cut(text: str, width: int) -> str:
    """The text, its end replaced by `…` where it is wider than `width` cells or has too many marks to be looked at."""
    longest = max(0, width) * (MARKS + 1) + MARKS
    text, whole = thin(text[: 2 * longest]), len(text) <= 2 * longest
    if whole and cells(text) <= width:
        return text
    return text[: _fitting(text, width - 1)].rstrip() + "…" if width > 0 else ""


def left(text: str, width: int) -> str:
    """Cut or filled to `width`, the text at the left."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


def right(text: str, width: int) -> str:
    """Cut or filled to `width`, the text at the right."""
    text = cut(text, width)
    return " " * (width - cells(text)) + text


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, each at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    for line in map(thin, text.split("\n")):
        while (fitting := _fitting(line, width)) < len(line):
            most = max(1, fitting)
            space = line.rfind(" ", 0, most + 1)
            # A space of the indentation is no place to break at.
            at = space if line[: max(0, space)].strip() else most
            lines.append(line[:at])
            line = line[at:].removeprefix(" ")
        lines.append(line)
    return lines


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, in eighths; never empty."""
    eighths = max(1, round(min(share, 1.0) * width * 8))
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _fitting(text: str, width: int) -> int:
    """How many signs from the start of a text fit."""
    for at, sign in enumerate(text):
        width -= _cell(sign)
        if width < 0:
            return at
    return len(text)


def _cell(sign: str) -> int:
    if unicodedata.category(sign) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
