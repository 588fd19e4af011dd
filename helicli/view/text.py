"""Text laid into columns of a terminal.

Owns the width of a text in cells: wide signs take two, marks that join a sign none. What goes in has been made safe.
"""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def cut(text: str, width: int) -> str:
    """The text, its end replaced by `…` where it is wider than `width` cells."""
    if cells(text) <= width:
        return text
    room = width - 1
    kept = 0
    for sign in text:
        room -= _cell(sign)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…" if width > 0 else ""


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
    for line in text.split("\n"):
        while cells(line) > width:
            fitting = cut(line, width + 1)[:-1] if width > 1 else line[:1]
            space = fitting.rfind(" ")
            at = space if space > width // 3 else max(1, len(fitting))
            lines.append(line[:at])
            line = line[at:].removeprefix(" ")
        lines.append(line)
    return lines


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, in eighths; never empty."""
    eighths = max(1, round(min(share, 1.0) * width * 8))
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _cell(sign: str) -> int:
    if unicodedata.combining(sign) or sign in "\u200b\u200c\u200d\ufe0e\ufe0f\ufeff":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
