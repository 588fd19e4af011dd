"""The screen in ASCII, for terminals and fonts without anything else.

Owns the sign that stands for each one that helicli draws with. What people and models wrote is left as it is.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS: Final = {
    "─━╌▔▁": "-",
    "│┃▏▎▕": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼": "+",
    "▂▃▄▅▆▇█▉▊▋▌▍▐░▒▓▖▗▘▝": "#",
    "▸▶→": ">",
    "←": "<",
    "↑▲": "^",
    "↓▼": "v",
    "●": "*",
    "○": "o",
    "‖": "=",
    "✗": "x",
    "–—": "-",
    "…·": ".",
    "⏎↵⇧": "|",
    "×": "x",
}
TABLE: Final = str.maketrans({sign: other for signs, other in _SIGNS.items() for sign in signs})


class Ascii(LineFilter):
    """Draws everything in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """A line in ASCII."""
        return [Segment(text.translate(TABLE), style, control) for text, style, control in segments]
