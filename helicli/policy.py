"""Rate-limit policies: `100;w=3600;u=user`, in both forms of the dialect.

Owns the grammar, the one spelling of each policy, its sentence, and what is told of one that does not parse: what is
wrong, where it stands, how it is written. Pure; what a policy counts is the business of `counters`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from helicli.errors import Excerpt, UsageError

REQUEST: Final = "request"
TOKENS: Final = "tokens"
CENTS: Final = "cents"
UNITS: Final = (REQUEST, TOKENS, CENTS)
GLOBAL: Final = "global"
SEGMENTS: Final = ("user", "org", GLOBAL, "key", "model", "provider")
CALENDAR: Final = ("day", "month")
"""Windows that begin and end with the calendar."""

CENT_NANO: Final = 10_000_000
WINDOW_MAX: Final = 31_536_000
LIMIT_MAX: Final = 1 << 62
EXAMPLE: Final = "100;w=3600;u=user"

_NUMBER: Final = re.compile(r"(\d{1,18})(?:\.(\d{1,12}))?")
_NAME: Final = re.compile(r"[\w-]+", re.ASCII)
_PART: Final = re.compile(r"(?:^|(?<=;))[^;]*")
_PER: Final = {1: "second", 60: "minute", 3600: "hour", 86_400: "24 hours", 604_800: "7 days"}
_SHORT: Final = {1: "s", 60: "min", 3600: "h", 86_400: "d", 604_800: "w"}


class PolicyError(UsageError):
    """A policy that is none. `what` is wrong, at `at` of `text`, for `length` signs; `how` to mend it."""

    def __init__(self, text: str, at: int, length: int, what: str, how: str) -> None:
        self.text, self.at, self.length, self.what, self.how = text, at, length, what, how
        super().__init__(f"{what} in policy {quoted(text)}", f"write it as {EXAMPLE}   helicli help policies")
        self.excerpt = Excerpt(text, at, at + max(1, length), how)

    @property
    def sentence(self) -> str:
        """All of it in one line, for an answer of the proxy's."""
        return f"{self.message}, at sign {self.at + 1}: {self.how}; write it as {EXAMPLE}"


class Policy(Struct, frozen=True):
    """So much of a unit, in a window, counted for each value of a segment.

    `limit` is requests, tokens or nano-dollars. The window is `seconds` that slide, or a `calendar` one where that is
    not empty. `named` says that the segment is the name of a property and not a word of SEGMENTS.
    """

    limit: int
    seconds: int
    calendar: str = ""
    unit: str = REQUEST
    segment: str = GLOBAL
    named: bool = False

    @property
    def spelled(self) -> str:
        """Its one spelling; the unit request and the segment global are not said."""
        return f"{self.amount};{self.measure}"

    @property
    def measure(self) -> str:
        """What is counted, without how much of it may be."""
        unit = f";u={self.unit}" if self.unit != REQUEST else ""
        segment = f";s={self.segment}" if self.segment != GLOBAL else ""
        return f"w={self.calendar or self.seconds}{unit}{segment}"

    @property
    def amount(self) -> str:
        """The limit as a policy writes it."""
        if self.unit != CENTS:
            return str(self.limit)
        return f"{self.limit // CENT_NANO}.{self.limit % CENT_NANO:07d}".rstrip("0").rstrip(".")

    def shown(self, amount: int) -> str:
        """An amount of its unit as a policy writes it: cents for nano-dollars, rounded down."""
        return str(amount // CENT_NANO if self.unit == CENTS else amount)

    def sentence(self) -> str:
        """The policy in English: `100 requests per hour, counted for each user`."""
        return f"{self._how_much()} per {self._per()}, {self._for_whom()}"

    def short(self) -> str:
        """The policy in a few signs, for a line of a list: `100/h per user`."""
        size = next((size for size in sorted(_SHORT, reverse=True) if self.seconds and self.seconds % size == 0), 1)
        many = self.seconds // size
        per = self.calendar or f"{many if many > 1 else ''}{_SHORT[size]}"
        unit = {REQUEST: "", TOKENS: " tokens", CENTS: "¢"}[self.unit]
        return f"{self.amount}{unit}/{per}" + (f" per {self.segment}" if self.segment not in (GLOBAL, "org") else "")

    def _how_much(self) -> str:
        if self.unit == CENTS:
            return "no money" if not self.limit else f"${self.limit / 1e9:,.9f}".rstrip("0").rstrip(".")
        noun = "request" if self.unit == REQUEST else "token"
        return f"{self.limit:,} {noun}{'' if self.limit == 1 else 's'}" if self.limit else f"no {noun}s"

    def _per(self) -> str:
        if self.calendar:
            return f"calendar {self.calendar}"
        if self.seconds in _PER:
            return _PER[self.seconds]
        for size, noun in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
            if self.seconds % size == 0:
                return f"{self.seconds // size:,} {noun}"
        return f"{self.seconds:,} seconds"

    def _for_whom(self) -> str:
        if self.segment == GLOBAL:
            return "for all calls together"
        if self.named:
            return f'counted for each value of the property "{self.segment}"'
        return f"counted for each {'organisation' if self.segment == 'org' else self.segment}"


def parse_all(text: str) -> tuple[Policy, ...]:
    """The policies of a text, separated by commas. Raises PolicyError."""
    if "," not in text:
        return (parse(text),)
    found, begin = [], 0
    for part in text.split(","):
        try:
            found.append(parse(part))
        except PolicyError as error:
            begin += len(part) - len(part.lstrip())
            raise PolicyError(text, begin + error.at, error.length, error.what, error.how) from None
        begin += len(part) + 1
    return tuple(found)


def parse(text: str) -> Policy:
    """One policy. Raises PolicyError."""
    return _Parser(text.strip()).policy()


def quoted(text: str, most: int = 120) -> str:
    """A text as it is shown inside a sentence: printable, and no longer than that."""
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[:most])
    return f'"{shown}{"…" if len(text) > most else ""}"'


class _Parser:
    """One policy being read; the parts after the limit may stand in any order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._window: tuple[int, str] | None = None
        self._unit: str | None = None
        self._segment: str | None = None
        self._named = False

    def policy(self) -> Policy:
        text = self._text
        if not text:
            raise PolicyError(text, 0, 1, "no limit", "begin with a number")
        parts = list(_PART.finditer(text))
        number = self._number(parts[0])
        for part in parts[1:]:
            self._part(part)
        if self._window is None:
            raise self._error(len(text), 1, "no window", "add ;w= and seconds, day or month")
        unit = self._unit or REQUEST
        whole, rest = number
        limit = int(whole) * CENT_NANO + int(rest[:7].ljust(7, "0")) if unit == CENTS else int(whole)
        if limit > LIMIT_MAX:
            raise self._error(0, len(whole), f'a limit of "{whole}" that is too large', "write a smaller number")
        seconds, calendar = self._window
        return Policy(limit, seconds, calendar, unit, self._segment or GLOBAL, self._named)

    def _number(self, part: re.Match[str]) -> tuple[str, str]:
        said = part[0].strip()
        found = _NUMBER.fullmatch(said) if said.isascii() else None
        if found is None:
            if "=" in said:
                raise self._error(part.start(), len(said), "no limit before the first part", "begin with a number")
            raise self._error(part.start(), len(part[0]), f"{quoted(said)} for a limit", "write a number")
        return found[1], found[2] or ""

    def _part(self, part: re.Match[str]) -> None:
        at, said = part.start(), part[0]
        if not said.strip():
            raise self._error(at, len(said), "an empty part", "take one ; away")
        key, equals, value = said.partition("=")
        name, word = key.strip().lower(), value.strip()
        at_key, at_value = at + len(key) - len(key.lstrip()), at + len(key) + 1 + len(value) - len(value.lstrip())
        if not equals:
            raise self._error(at_key, len(said.strip()), f'{quoted(said.strip())} without a "="', "write w=, u= or s=")
        if name not in ("w", "u", "s"):
            near = {"window": "w", "unit": "u", "segment": "s"}.get(name) or next(
                iter(get_close_matches(name, "wus")), ""
            )
            guess = f'did you mean "{near}"?  ' if near else ""
            raise self._error(at_key, len(key.strip()), f"unknown part {quoted(name)}", f"{guess}parts: w, u, s")
        if not word:
            raise self._error(at_value, 1, f'nothing after "{name}="', _takes(name))
        if name == "w":
            self._take_window(at_value, word)
        else:
            self._take_word(at_value, name, word)

    def _take_window(self, at: int, word: str) -> None:
        if self._window is not None:
            raise self._error(at, len(word), "a second window", "write w= once")
        if word.lower() in CALENDAR:
            self._window = 0, word.lower()
            return
        if not (word.isascii() and word.isdigit()):
            near = get_close_matches(word.lower(), CALENDAR, 1)
            guess = f'did you mean "{near[0]}"?  ' if near else ""
            raise self._error(at, len(word), f"{quoted(word)} for a window", guess + _takes("w"))
        digits = word.lstrip("0")
        if not 1 <= len(digits) <= len(str(WINDOW_MAX)) or int(digits) > WINDOW_MAX:
            raise self._error(at, len(word), f"a window of {quoted(word)} seconds", f"write 1 to {WINDOW_MAX}")
        self._window = int(digits), ""

    def _take_word(self, at: int, name: str, given: str) -> None:
        word = given.lower()
        if word in UNITS:
            if self._unit is not None:
                raise self._error(at, len(given), f'a second unit "{word}"', f'the unit is "{self._unit}" already')
            self._unit = word
            return
        if word not in SEGMENTS and (name == "u" or not _NAME.fullmatch(word)):
            near = get_close_matches(word, (*UNITS, *SEGMENTS), 1)
            guess = f'did you mean "{near[0]}"?  ' if near else ""
            what = "unknown unit" if name == "u" else "no name of a property:"
            raise self._error(at, len(given), f"{what} {quoted(given)}", guess + _takes(name))
        if self._segment is not None:
            raise self._error(
                at, len(given), f'a second segment "{word}"', f'it is counted for each "{self._segment}" already'
            )
        self._segment, self._named = word, word not in SEGMENTS

    def _error(self, at: int, length: int, what: str, how: str) -> PolicyError:
        return PolicyError(self._text, at, length, what, how)


def _takes(name: str) -> str:
    """What may follow a part's name."""
    if name == "w":
        return "write seconds, day or month"
    words = f"units: {', '.join(UNITS)}   or per: {', '.join(SEGMENTS)}"
    return words if name == "u" else f"{words}, or a property's name"
