"""What of the log is chosen: a filter, and the time it is about.

Owns the one value that every command, alert and job hands on when it means some calls. It prints as text that reads as
the same filter. How it becomes SQL is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from msgspec import Struct

from helicli.filters import grammar, terms
from helicli.filters.terms import FIELDS, PROPERTY, And, Check, Field, Term
from helicli.filters.values import Exact, Kind, Piece, Value, status
from helicli.filters.words import value

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The `now` of whoever has no clock: times in words are then long ago."""


class Filter(Struct, frozen=True, kw_only=True):
    """The calls a question is about; the empty one is all of them.

    Instants are milliseconds UTC, `since_ms` included and `until_ms` not; a call counts by when its request arrived.
    """

    term: Term | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def text(self) -> str:
        """The filter as it would be typed, without the time; empty for all calls."""
        return terms.text(self.term) if self.term is not None else ""

    def sentence(self, window: str = "") -> str:
        """The filter in plain words, and the time as it was called: `user is ada and status is an error, last 24 h`."""
        words = terms.sentence(self.term) if self.term is not None else "all calls"
        return f"{words}, {window}" if window else words

    def told(self, zone: tzinfo | None = UTC) -> str:
        """The text, and the time by the clock of a zone (None is the machine's); empty for all calls."""
        parts = [self.text] if self.term is not None else []
        if self.since_ms:
            parts.append(f"since {_clock(self.since_ms, zone)}")
        if self.until_ms is not None:
            parts.append(f"until {_clock(self.until_ms, zone)}")
        return " ".join(parts)

    def matches(self, call: Any, said: str = "") -> bool:
        """Whether a call, with the columns of `columns`, is chosen; `said` is all that was said in it, as `folded`."""
        if self.since_ms is not None and call.created_at < self.since_ms:
            return False
        if self.until_ms is not None and call.created_at >= self.until_ms:
            return False
        return self.term is None or terms.fulfils(self.term, call, said)

    def both(self, *more: Term | None) -> Filter:
        """This and these."""
        some = [term for term in (self.term, *more) if term is not None]
        return Filter(term=terms.both(*some) if some else None, since_ms=self.since_ms, until_ms=self.until_ms)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check in it."""
        return tuple(terms.checks(self.term)) if self.term is not None else ()

    @property
    def needed(self) -> tuple[Term, ...]:
        """The terms that must all hold."""
        if self.term is None:
            return ()
        return self.term.terms if isinstance(self.term, And) else (self.term,)

    @property
    def needs_text(self) -> bool:
        """Whether it asks for what was said."""
        return any(each.field.kind is Kind.SAID for each in self.checks)

    def named(self, field: str) -> tuple[str, ...]:
        """The whole values of a field that it names and that must stand in a call."""
        return tuple(
            one.text
            for each in self.needed
            if isinstance(each, Check) and each.field.name == field
            for one in each.values
            if isinstance(one, Exact)
        )


def parse(text: str, now: datetime = EPOCH, saved: Mapping[str, str] | None = None) -> Filter:
    """The filter of a text; times in words count from `now`, `@name` is looked up in `saved`. Raises UsageError."""
    return Filter(term=grammar.parse(text, now, saved or {}))


def one_of(field: str, texts: Iterable[str], *, globs: bool = False) -> Check | None:
    """A column that is one of some texts, in which `*` stands for anything with `globs`; None for no texts."""
    asked = FIELDS[field]
    return _check(asked, [value(asked, "=", (Piece(text, not globs),), EPOCH) for text in texts])


def status_of(words: Iterable[str]) -> Check | None:
    """A status that is one of some words; None for none. Raises UsageError."""
    return _check(FIELDS["status"], [status(each) for each in words])


def property_is(name: str, text: str) -> Check:
    """A property of a value, letter by letter."""
    return Check(Field(PROPERTY + name.lower(), Kind.TEXT), (Exact(text),))


def _check(field: Field, values: Iterable[Value]) -> Check | None:
    several = tuple(dict.fromkeys(values))
    return Check(field, several) if several else None


def _clock(millis: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(millis / 1000, zone).strftime("%Y-%m-%dT%H:%M:%S")
