"""The language of filters, read: `user:ada status:4xx -cache:hit "refund policy"`.

Owns the grammar and its errors, each of which points at the word it is about. Reads any text in a time that grows with
its length. What a term means is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from helicli.errors import Excerpt, UsageError
from helicli.filters.terms import FIELDS, PROPERTY, TEXT, Check, Term, both, either, field, folded, no
from helicli.filters.values import Exact, Piece, Pieces, Value
from helicli.filters.words import SHORT, value, wanted
from helicli.guess import guess

DEEPEST: Final = 50
"""So many parentheses, or saved filters, may stand within one another."""

LONGEST: Final = 10_000
"""The longest text that is read."""

MOST_TERMS: Final = 400
"""So many values are compared at most; SQLite would not go much further."""

_OPERATOR: Final = re.compile(r"\s*(?:!=|[<>]=?|==?)\s*|:(?:[<>]=?|==?)?")
_WORDS: Final = frozenset(("and", "or", "not"))


class FilterError(UsageError):
    """A filter that cannot be read, with the place of it."""


def parse(text: str, now: datetime, saved: Mapping[str, str]) -> Term | None:
    """The term of a text; None for an empty one. Raises FilterError."""
    return _Reader(text, now, saved, ()).read()


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str, now: datetime, saved: Mapping[str, str], within: tuple[str, ...]) -> None:
        self._text = text
        self._now = now
        self._saved = saved
        self._within = within
        self._at = 0
        self._depth = 0
        self._values = 0

    def read(self) -> Term | None:
        if len(self._text) > LONGEST:
            raise FilterError(f"a filter has at most {LONGEST:,} signs", "helicli help filters")
        bad = re.search("[\0\ud800-\udfff]", self._text)
        if bad:
            raise self._error("a filter is text, and this is none", bad.start(), bad.end())
        if not self._more():
            return None
        term = self._alternatives()
        if self._more():
            raise self._error('this ")" closes nothing', self._at, self._at + 1)
        return term

    def _alternatives(self) -> Term:
        found = [self._all()]
        while self._takes("or"):
            found.append(self._all())
        return either(*found)

    def _all(self) -> Term:
        found = [self._one()]
        while self._more() and self._text[self._at] != ")" and self._next_word() != "or":
            self._takes("and")
            found.append(self._one())
        return both(*found)

    def _one(self) -> Term:
        if not self._more():
            raise self._error("something is missing here", self._at, self._at + 1)
        start, sign = self._at, self._text[self._at]
        if sign == "-" and self._at + 1 < len(self._text) and not self._text[self._at + 1].isspace():
            self._at += 1
            return no(self._deeper(start))
        if self._takes("not"):
            return no(self._deeper(start))
        if self._next_word() in _WORDS:
            raise self._error(f'"{self._next_word()}" joins two terms', start, start + len(self._next_word()))
        if sign == ")":
            raise self._error("there is nothing before this", start, start + 1)
        if sign == "(":
            return self._group()
        return self._saved_one() if sign == "@" else self._test()

    def _deeper(self, start: int) -> Term:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("this stands too deep", start, start + 1)
        term = self._one()
        self._depth -= 1
        return term

    def _group(self) -> Term:
        start = self._at
        self._at += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("this stands too deep", start, start + 1)
        term = self._alternatives()
        if not self._more():
            raise self._error('this "(" is not closed', start, start + 1)
        self._at += 1
        self._depth -= 1
        return term

    def _saved_one(self) -> Term:
        start = self._at
        self._at += 1
        name = "".join(piece.text for piece in self._pieces(":=<>"))
        held = self._saved.get(name)
        if held is None:
            near = guess(name, self._saved)
            hint = f'did you mean "@{near}"?' if near else ""
            raise self._error(f'no saved filter "@{name}"', start, self._at, hint, "helicli filters list")
        if name in self._within or len(self._within) >= DEEPEST // 10:
            raise self._error(
                f'the saved filter "@{name}" contains itself, or others too deep',
                start,
                self._at,
                "",
                "helicli filters list",
            )
        inner = _Reader(held, self._now, self._saved, (*self._within, name))
        try:
            term = inner.read()
        except FilterError as error:
            if not self._within:
                error.message += f', which "@{name}" stands for'
            raise
        self._count(inner._values)
        if term is None:
            raise self._error(f'the saved filter "@{name}" is empty', start, self._at)
        return term

    def _test(self) -> Term:
        start = self._at
        name = self._pieces(':=<>!(,"' if self._text[start] != '"' else ":=<>!(,")
        named = "".join(piece.text for piece in name)
        operator = None
        if not name or not name[0].quoted:
            if self._text[self._at : self._at + 1] == '"' and named.endswith("."):
                named += "".join(piece.text for piece in self._pieces(":=<>!(,"))
            operator = _OPERATOR.match(self._text, self._at)
        end = self._at
        if operator is None or (operator[0][0].isspace() and not self._is_field(named)):
            self._at = start
            said = "".join(piece.text for piece in self._pieces("("))
            return self._said(said, start)
        self._at = operator.end()
        return self._of_field(named, re.sub(r"\s", "", operator[0]), start, end)

    @staticmethod
    def _is_field(name: str) -> bool:
        return field(name) is not None

    def _said(self, said: str, start: int) -> Term:
        if not folded(said):
            raise self._error("there is no text in this", start, max(self._at, start + 1))
        self._count(1)
        return Check(FIELDS["text"], (Exact(said),))

    def _of_field(self, name: str, operator: str, start: int, end: int) -> Term:
        if not name:
            raise self._error(f'there is no field before "{operator}"', start, self._at)
        asked = field(name)
        if asked is None and name.lower() not in ("has", "is"):
            raise self._unknown(name, start, end)
        opposite = operator == "!="
        sign = "=" if opposite else operator.lstrip(":").replace("==", "=") or "="
        values: list[Value] = []
        found: list[Term] = []
        while True:
            begun = self._at
            pieces = self._pieces(",(")
            if not pieces:
                raise self._error(f'"{name}" has no value', start, max(end, begun))
            if self._text[self._at : self._at + 1] == "(":
                raise self._error("put this in quotes", self._at, self._at + 1)
            self._count(1)
            try:
                if asked is None:
                    found.append(wanted(name.lower(), "".join(piece.text for piece in pieces)))
                else:
                    values.append(value(asked, sign, pieces, self._now))
            except UsageError as error:
                raise self._error(error.message, begun, self._at, "", error.fix) from error
            if self._text[self._at : self._at + 1] != ",":
                break
            self._at += 1
        if sign != "=" and len(values) != 1:
            raise self._error("a comparison has one value", begun, self._at)
        term = either(*found) if asked is None else Check(asked, tuple(dict.fromkeys(values)))
        return no(term) if opposite else term

    def _pieces(self, stops: str) -> Pieces:
        """A run of signs up to white space, `)` or a stop; within quotes everything belongs to it."""
        found: list[Piece] = []
        plain = self._at
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign.isspace() or sign == ")" or (sign in stops and (sign != "!" or self._is_unequal())):
                break
            if sign != '"':
                self._at += 1
                continue
            if self._at > plain:
                found.append(Piece(self._text[plain : self._at], False))
            found.append(self._quoted())
            plain = self._at
        if self._at > plain:
            found.append(Piece(self._text[plain : self._at], False))
        return tuple(found)

    def _is_unequal(self) -> bool:
        return self._text[self._at : self._at + 2] == "!="

    def _quoted(self) -> Piece:
        start = self._at
        self._at += 1
        signs: list[str] = []
        while self._at < len(self._text):
            sign = self._text[self._at]
            self._at += 1
            if sign == '"':
                return Piece("".join(signs), True)
            if sign == "\\" and self._text[self._at : self._at + 1] in ('"', "\\"):
                sign = self._text[self._at]
                self._at += 1
            signs.append(sign)
        raise self._error("this quote is not closed", start, start + 1)

    def _more(self) -> bool:
        """Whether anything comes after the white space here, which is passed over."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _next_word(self) -> str:
        """The word here where it joins terms; else empty."""
        found = re.compile(r"[A-Za-z]+(?=[\s()]|$)").match(self._text, self._at)
        lower = found[0].lower() if found else ""
        return lower if lower in _WORDS else ""

    def _takes(self, joint: str) -> bool:
        """Whether this joint comes here; it is passed over."""
        if not self._more() or self._next_word() != joint:
            return False
        self._at += len(joint)
        return True

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MOST_TERMS:
            raise self._error(f"a filter has at most {MOST_TERMS} values", self._at - 1, self._at)

    def _unknown(self, name: str, start: int, end: int) -> FilterError:
        near = guess(name, (*SHORT, TEXT, "has", "is"))
        hint = f'did you mean "{near}"?' if near else f'properties are "{PROPERTY}NAME"'
        return self._error(f'unknown field "{name}" in filter', start, end, hint)

    def _error(
        self, message: str, start: int, end: int, hint: str = "", fix: str = "helicli help filters"
    ) -> FilterError:
        error = FilterError(message, fix)
        error.excerpt = Excerpt(self._text, start, max(end, start + 1), hint)
        return error
