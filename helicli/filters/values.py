"""The values a filter compares with: texts, globs, ranges, and the words of status.

Owns how texts are read, how each value is printed as text that reads as the same value, and whether a stored value is
one. Numbers are whole ones in the unit that is stored (microseconds, nano-dollars, milliseconds UTC), so that nothing
is rounded. How they become SQL is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from msgspec import Struct

from helicli.errors import UsageError
from helicli.guess import guess
from helicli.units import rfc3339


class Kind(StrEnum):
    """What a field is compared with. `id`, `text`, `ms` and the like are as those of `columns`; of a `map` it is asked
    only whether there is anything in it, of `said` whether a text stands in it."""

    TEXT = "text"
    SAID = "said"
    ID = "id"
    COUNT = "count"
    STATUS = "status"
    MS = "ms"
    USD = "usd"
    SCORE = "score"
    INSTANT = "instant"
    FLAG = "flag"
    MAP = "map"


class Exact(Struct, frozen=True):
    """This text, letter by letter."""

    text: str


class Glob(Struct, frozen=True):
    """These pieces of text in this order, anything between them: `gpt-*-mini` is `("gpt-", "-mini")`."""

    pieces: tuple[str, ...]


class Present(Struct, frozen=True):
    """Any value at all."""


class Range(Struct, frozen=True):
    """A number from `low` to `high`, both among them, unless `above` or `below` leaves them out. None is no end."""

    low: int | float | None = None
    high: int | float | None = None
    above: bool = False
    below: bool = False


class Outcome(Struct, frozen=True):
    """`status:error`, or `status:ok`."""

    failed: bool


class Flag(Struct, frozen=True):
    """Yes or no."""

    on: bool


class Prefix(Struct, frozen=True):
    """An id that begins with these hexadecimal digits."""

    digits: str


Value = Exact | Glob | Present | Range | Outcome | Flag | Prefix

FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_CLASS: Final = re.compile(r"([1-5])xx")
_BARE: Final = re.compile(r'[^\s"(),*\\]+')
_STARS: Final = re.compile(r"\*+")


class Piece(NamedTuple):
    """Part of a value as it was typed; within quotes nothing but the quotes themselves means anything."""

    text: str
    quoted: bool


Pieces = tuple[Piece, ...]


def word(pieces: Pieces) -> Exact | Glob | Present:
    """A text, `*` where it is not quoted standing for anything."""
    parts = [""]
    for piece in pieces:
        first, *more = [piece.text] if piece.quoted else _STARS.split(piece.text)
        parts[-1] += first
        parts += more
    found = [part for at, part in enumerate(parts) if part or at in (0, len(parts) - 1)]
    if len(parts) == 1:
        return Exact(parts[0])
    return Glob(tuple(found)) if any(found) else Present()


def versioned(prompt: Exact) -> Exact:
    """A prompt's name with its version, `support@v3`, as `support@3`."""
    return Exact(re.sub(r"@v(?=\d+$)", "@", prompt.text, flags=re.ASCII))


def status(text: str) -> Range | Outcome:
    """A number, a class such as `4xx`, `ok` or `error`. Raises UsageError."""
    lower = text.lower()
    if lower in ("ok", "error"):
        return Outcome(lower == "error")
    found = _CLASS.fullmatch(lower)
    if found:
        return Range(int(found[1]) * 100, int(found[1]) * 100 + 99)
    if not re.fullmatch(r"[1-5]\d\d", text, re.ASCII):
        near, fix = guess(text, ("ok", "error")), "write a number, 2xx to 5xx, ok or error"
        raise UsageError(f'"{text}" is not a status', f"did you mean {near}?   {fix}" if near else fix)
    return Range(int(text), int(text))


def prefix(text: str) -> Prefix:
    """An id or its beginning. Raises UsageError."""
    digits = text.removesuffix("*").replace("-", "").lower()
    if not re.fullmatch("[0-9a-f]{1,32}", digits, re.ASCII):
        raise UsageError(f'"{text}" is not an id', "write an id or its beginning, as helicli show -c id prints it")
    return Prefix(digits)


def printed(value: Value, kind: Kind) -> str:
    """The value as it would be typed; a range of one end or none with its sign."""
    if isinstance(value, Exact):
        return quoted(value.text)
    if isinstance(value, Glob):
        return "*".join(quoted(piece) if piece else "" for piece in value.pieces)
    if isinstance(value, Present):
        return "*"
    if isinstance(value, Outcome):
        return "error" if value.failed else "ok"
    if isinstance(value, Flag):
        return "true" if value.on else "false"
    if isinstance(value, Prefix):
        return value.digits
    return _range(value, kind)


def _range(value: Range, kind: Kind) -> str:
    low, high = value.low, value.high
    if low is not None and high is not None:
        if low == high:
            return quantity(low, kind)
        if kind is Kind.STATUS and low % 100 == 0 and high == low + 99 and 100 <= low <= 500:
            return f"{int(low) // 100}xx"
        return f"{quantity(low, kind)}..{quantity(high, kind)}"
    if low is not None:
        return (">" if value.above else ">=") + quantity(low, kind)
    return ("<" if value.below else "<=") + quantity(high or 0, kind)


def quantity(amount: int | float, kind: Kind) -> str:
    """A number with all its figures, in a unit it is read in."""
    if isinstance(amount, float):
        return f"{amount:.15f}".rstrip("0").rstrip(".")
    if kind is Kind.INSTANT:
        return rfc3339(amount)
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if kind is Kind.USD:
        return f"{sign}${_decimal(size, 9)}"
    if kind is Kind.MS:
        return sign + (f"{size // 10**6}s" if size and size % 10**6 == 0 else f"{_decimal(size, 3)}ms")
    return f"{sign}{size}"


def _decimal(size: int, places: int) -> str:
    whole, fraction = divmod(size, 10**places)
    return f"{whole}.{fraction:0{places}d}".rstrip("0").rstrip(".")


def quoted(text: str) -> str:
    """A text as a value: within quotes where a sign of it would mean something else."""
    if _BARE.fullmatch(text) and text[0] not in "<>=":
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def holds(value: Value, stored: Any) -> bool:
    """Whether a stored value, which is not None, is one that is meant."""
    if isinstance(value, Exact):
        return bool(stored == value.text)
    if isinstance(value, Glob):
        return _like(value.pieces, stored)
    if isinstance(value, Range):
        return _within(value, stored)
    if isinstance(value, Flag):
        return bool(stored) is value.on
    if isinstance(value, Prefix):
        return bool(stored.hex().startswith(value.digits))
    return isinstance(value, Present)


def _within(value: Range, stored: int | float) -> bool:
    if value.low is not None and (stored <= value.low if value.above else stored < value.low):
        return False
    return value.high is None or (stored < value.high if value.below else stored <= value.high)


def _like(pieces: tuple[str, ...], text: str) -> bool:
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
