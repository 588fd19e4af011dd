"""The five roles of colour, in the sixteen colours every terminal has, and two marks for words that changed.

Owns the escape sequences, the only ones helicli writes. Text is made safe before it is painted, and what was painted is
known by its type, so that nothing is made safe twice or never. A Style that is off adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping


class Painted(str):
    """Text that is safe for a terminal, in helicli's own colours; what is added to it is made safe."""

    __slots__ = ()

    def __add__(self, other: str) -> Painted:
        """Both, as painted text."""
        return Painted(str.__add__(self, painted(other)))


def painted(text: str) -> Painted:
    """The text made safe, or as it is where it has been."""
    from helicli.view.safe import safe

    return text if isinstance(text, Painted) else Painted(safe(text))


class Style:
    """Paints text by its role; `on` says whether it does."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def ok(self, text: str) -> Painted:
        """What went well."""
        return self._paint("32", text)

    def warn(self, text: str) -> Painted:
        """What needs a look."""
        return self._paint("33", text)

    def bad(self, text: str) -> Painted:
        """What failed."""
        return self._paint("31", text)

    def gone(self, text: str) -> Painted:
        """Words that were taken out: told from those put in without seeing colours."""
        return self._paint("31;9", text)

    def come(self, text: str) -> Painted:
        """Words that were put in."""
        return self._paint("32;4", text)

    def dim(self, text: str) -> Painted:
        """What may be passed over."""
        return self._paint("2", text)

    def accent(self, text: str) -> Painted:
        """What the eye is to find."""
        return self._paint("36", text)

    def _paint(self, code: str, text: str) -> Painted:
        clean = painted(text)
        return Painted(f"\x1b[{code}m{clean}\x1b[0m") if self.on and clean else clean


def wants_colour(when: str, env: Mapping[str, str], tty: bool) -> bool:
    """Whether a stream is coloured: --color first, then NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal."""
    if when in ("always", "never"):
        return when == "always"
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    return tty and env.get("TERM") != "dumb"
