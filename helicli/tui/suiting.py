"""What suits a terminal where the user has not said: its colours, and the signs that graphs are drawn with.

Owns what the environment tells about that. Pure: the environment is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AUTO: Final = "auto"
"""What stands in settings for `as it suits the terminal`."""

_LOCALE: Final = ("LC_ALL", "LC_CTYPE", "LANG")


def theme(word: str, env: Mapping[str, str]) -> str:
    """The theme of a setting. Shades that sixteen colours cannot show would all be the same grey."""
    if word != AUTO:
        return word
    return "helicli" if _has_shades(env) else "ansi-dark"


def symbols(word: str, env: Mapping[str, str]) -> str:
    """What is drawn with: only ASCII where the locale says so, and no braille on a console, whose fonts have none."""
    if word != AUTO:
        return word
    # One that is not set says nothing: terminals of today take UTF-8.
    locale = next((env[name] for name in _LOCALE if env.get(name)), "C.UTF-8")
    if "utf8" not in locale.lower().replace("-", ""):
        return "ascii"
    return "block" if env.get("TERM") == "linux" else "braille"


def _has_shades(env: Mapping[str, str]) -> bool:
    """Whether more than sixteen colours are drawn; as Rich decides it, which turns shades into what there is."""
    told = env.get("TEXTUAL_COLOR_SYSTEM", AUTO)
    if told != AUTO:
        return told != "standard"
    if env.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return True
    return env.get("TERM", "").strip().lower().rpartition("-")[2] in ("256color", "kitty")
