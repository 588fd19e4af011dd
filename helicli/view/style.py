"""The five roles of colour, in the sixteen colours every terminal has.

Owns the escape sequences, the only ones helicli writes. A Style that is off gives the text back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping


class Style:
    """Paints text by its role; `on` says whether it does."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def ok(self, text: str) -> str:
        """What went well."""
        return self._paint("32", text)

    def warn(self, text: str) -> str:
        """What needs a look."""
        return self._paint("33", text)

    def bad(self, text: str) -> str:
        """What failed."""
        return self._paint("31", text)

    def dim(self, text: str) -> str:
        """What may be passed over."""
        return self._paint("2", text)

    def accent(self, text: str) -> str:
        """What the eye is to find."""
        return self._paint("36", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def wants_colour(when: str, env: Mapping[str, str], tty: bool) -> bool:
    """Whether a stream is coloured: --color first, then NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal."""
    if when in ("always", "never"):
        return when == "always"
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    return tty and env.get("TERM") != "dumb"
