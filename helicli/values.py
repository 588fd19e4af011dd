"""Values of settings: their kinds, and how each is read from a file or a text and shown.

Owns both directions. What is shown of an address never holds its user, password or query, where a secret may stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from helicli.errors import UsageError
from helicli.units import duration

Value = str | int | float | bool | tuple[str, ...] | Mapping[str, Any] | None

_SIZES: Final = {"": 1, **{f"{unit}{b}": 1000**n for n, unit in enumerate(("", "k", "m", "g", "t")) for b in ("", "b")}}
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*([kmgt]?b?)")
_SWITCHES: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_URL: Final = re.compile(r"(?<=://)[^/\s]*@|[?#].*")


class Kind(Enum):
    """What a value is; the text is how an error names it."""

    TEXT = "a text"
    FILE = "the path of a file"
    NUMBER = "a whole number"
    FACTOR = "a number from 1 up, such as 1.5"
    SIZE = 'a number of bytes, such as 2000000000 or "2 GB"'
    SWITCH = "true or false"
    DURATION = 'a duration, such as "10m"'
    WORDS = "a list of texts"
    TABLE = "a table"


def of_text(kind: Kind, text: str) -> Any:
    """What a text of the environment or of a command line stands for, to be checked by `typed`."""
    if kind is Kind.SWITCH:
        return _SWITCHES.get(text.lower(), text)
    if kind is Kind.NUMBER:
        return int(text) if re.fullmatch(r"\d{1,18}", text) else text
    if kind is Kind.FACTOR:
        return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else text
    if kind is Kind.WORDS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return _toml(text) if kind is Kind.TABLE else text


def typed(kind: Kind, given: Any, choices: tuple[str, ...] = (), most: int | None = None) -> Value:
    """What a file or a text gave, as a value of its kind; None where it is none."""
    if kind is Kind.TABLE:
        return given if isinstance(given, dict) and given else None
    if kind is Kind.SWITCH:
        return given if isinstance(given, bool) else None
    if kind is Kind.WORDS:
        texts = isinstance(given, list) and all(isinstance(each, str) and each for each in given)
        return tuple(given) if texts else None
    if kind is Kind.SIZE and isinstance(given, str):
        found = _SIZE.fullmatch(given.strip().lower())
        return int(float(found[1]) * _SIZES[found[2]]) if found else None
    if kind in (Kind.NUMBER, Kind.SIZE):
        whole = isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= (most or 2**62)
        return given if whole else None
    if kind is Kind.FACTOR:
        number = isinstance(given, int | float) and not isinstance(given, bool) and 1 <= given <= (most or 2**62)
        return float(given) if number else None
    if not isinstance(given, str) or not given or "\0" in given:
        return None
    if choices and given not in choices:
        return None
    if kind is Kind.DURATION:
        try:
            duration(given)
        except UsageError:
            return None
    return given


def shown(value: Value) -> str:
    """A value for people; what could be a secret in an address is left out."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(shown, value))
    if isinstance(value, Mapping):
        return msgspec.json.encode(value).decode()
    return masked(str(value))


def masked(text: str) -> str:
    """An address without its user, password and query; any other text as it is."""
    return _URL.sub(lambda found: "…@" if found[0].endswith("@") else "", text) if "://" in text else text


def _toml(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
