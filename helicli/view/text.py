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
    for line in text.split("\n"):
        while cells(line) > width:
            most = max(1, _fitting(line, width))
            space = line.rfind(" ", 0, most + 1)
            at = space if space > width // 3 else most
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
    if unicodedata.combining(sign) or sign in "\u200b\u200c\u200d\ufe0e\ufe0f\ufeff":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
