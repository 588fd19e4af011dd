"""The terms of a filter: checks of one field, joined by and, or, not.

Owns the tree, the fields it may ask about, how it is printed so that it reads as the same tree, its sentence, and
whether a call fulfils it. A term is true or false of a call, never unknown: what a call does not have is not equal to
anything, and `-user:ada` holds for a call without a user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from helicli import columns
from helicli.filters.values import (
    Exact,
    Flag,
    Glob,
    Kind,
    Outcome,
    Present,
    Range,
    Value,
    holds,
    printed,
    quantity,
    quoted,
)

_KINDS: Final[Mapping[columns.Kind, Kind]] = {
    columns.Kind.ID: Kind.ID,
    columns.Kind.INSTANT: Kind.INSTANT,
    columns.Kind.WORD: Kind.TEXT,
    columns.Kind.TEXT: Kind.TEXT,
    columns.Kind.COUNT: Kind.COUNT,
    columns.Kind.FLAG: Kind.FLAG,
    columns.Kind.MS: Kind.MS,
    columns.Kind.USD: Kind.USD,
    columns.Kind.MAP: Kind.MAP,
}
PROPERTY: Final = "prop."
SCORE: Final = "score."
TEXT: Final = "text"
_BARE_NAME: Final = re.compile(r'[^\s"():=<>!*,\\]+')


class Field(Struct, frozen=True):
    """What is asked about: a column by its name, `prop.NAME`, `score.NAME`, `scores`, or `text`, what was said."""

    name: str
    kind: Kind

    @property
    def label(self) -> str:
        """The name of a property or a score; empty for what is none."""
        return self.name.partition(".")[2] if self.kind in (Kind.TEXT, Kind.SCORE) else ""

    @property
    def typed(self) -> str:
        """Its name as it is typed: without the unit, quoted where it must be."""
        if self.label:
            label = self.label if _BARE_NAME.fullmatch(self.label) else '"' + _escaped(self.label) + '"'
            return f"{self.name.partition('.')[0]}.{label}"
        return re.sub("_(ms|usd)$", "", self.name)

    @property
    def told(self) -> str:
        """Its name in a sentence."""
        if self.label:
            return ("property " if self.kind is Kind.TEXT else "score ") + quoted(self.label)
        return self.typed.replace("_", " ")


FIELDS: Final[Mapping[str, Field]] = {
    **{each.name: Field(each.name, _KINDS[each.kind]) for each in columns.COLUMNS},
    "status": Field("status", Kind.STATUS),
    TEXT: Field(TEXT, Kind.SAID),
}
"""Every field but the single properties and scores."""


def field(name: str) -> Field | None:
    """The field of a name as it may be typed; None where there is none."""
    lower = name.lower()
    for prefix in (PROPERTY, "property.", "properties."):
        if lower.startswith(prefix) and len(lower) > len(prefix):
            return Field(PROPERTY + lower[len(prefix) :], Kind.TEXT)
    if lower.startswith(SCORE) and len(lower) > len(SCORE):
        return Field(lower, Kind.SCORE)
    for known in (lower, f"{lower}_ms", f"{lower}_usd"):
        if known in FIELDS:
            return FIELDS[known]
    return None


class Check(Struct, frozen=True):
    """A field that is one of some values."""

    field: Field
    values: tuple[Value, ...]


class Not(Struct, frozen=True):
    """What does not hold."""

    term: Term


class And(Struct, frozen=True):
    """What holds where all of these do; two at least, none of them an And."""

    terms: tuple[Term, ...]


class Or(Struct, frozen=True):
    """What holds where one of these does; two at least, none of them an Or."""

    terms: tuple[Term, ...]


Term = Check | Not | And | Or


def both(*terms: Term) -> Term:
    """All of these."""
    flat = [inner for term in terms for inner in (term.terms if isinstance(term, And) else (term,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def either(*terms: Term) -> Term:
    """Any of these."""
    flat = [inner for term in terms for inner in (term.terms if isinstance(term, Or) else (term,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def no(term: Term) -> Term:
    """The opposite."""
    return term.term if isinstance(term, Not) else Not(term)


def checks(term: Term) -> Iterator[Check]:
    """Every check in a term."""
    if isinstance(term, Check):
        yield term
    elif isinstance(term, Not):
        yield from checks(term.term)
    else:
        for inner in term.terms:
            yield from checks(inner)


def text(term: Term) -> str:
    """The term as it would be typed."""
    if isinstance(term, And):
        return " ".join(_grouped(inner) for inner in term.terms)
    if isinstance(term, Or):
        return " OR ".join(text(inner) for inner in term.terms)
    if isinstance(term, Not):
        inner = text(term.term)
        return f"-({inner})" if isinstance(term.term, And | Or) else f"-{inner}"
    return _typed(term)


def _grouped(term: Term) -> str:
    return f"({text(term)})" if isinstance(term, Or) else text(term)


def _typed(check: Check) -> str:
    kind = check.field.kind
    if kind is Kind.SAID and len(check.values) == 1 and isinstance(check.values[0], Exact):
        return '"' + _escaped(check.values[0].text) + '"'
    if (
        len(check.values) == 1
        and isinstance(check.values[0], Flag)
        and check.values[0].on
        and check.field.name == "stream"
    ):
        return "is:stream"
    if check.values == (Present(),) and not check.field.label:
        return "has:" + ("score" if check.field.name == "scores" else check.field.typed)
    return f"{check.field.typed}:" + ",".join(printed(value, kind) for value in check.values)


def _escaped(given: str) -> str:
    return given.replace("\\", "\\\\").replace('"', '\\"')


def sentence(term: Term) -> str:
    """The term in plain words."""
    if isinstance(term, And):
        return " and ".join(f"({sentence(each)})" if isinstance(each, Or) else sentence(each) for each in term.terms)
    if isinstance(term, Or):
        return " or ".join(f"({sentence(each)})" if isinstance(each, And) else sentence(each) for each in term.terms)
    if isinstance(term, Not) and not isinstance(term.term, Check):
        return f"not ({sentence(term.term)})"
    check = term.term if isinstance(term, Not) else term
    assert isinstance(check, Check)
    return _told(check, " not" if isinstance(term, Not) else "")


def _told(check: Check, no: str) -> str:
    kind, name = check.field.kind, check.field.told
    if kind is Kind.SAID:
        words = " or ".join('"' + _escaped(each.text) + '"' for each in check.values if isinstance(each, Exact))
        return f"{words} is{no} said"
    if kind is Kind.FLAG and len(check.values) == 1 and isinstance(check.values[0], Flag):
        word = {"stream": "a stream", "usage_estimated": "estimated"}.get(check.field.name, check.field.told)
        return f"it is{'' if check.values[0].on is not bool(no) else ' not'} {word}"
    if check.field.name == "scores":
        name = "score"
    return f"{name} is{no} " + " or ".join(_value(each, kind) for each in check.values)


def _value(value: Value, kind: Kind) -> str:
    if isinstance(value, Present):
        return "set"
    if isinstance(value, Outcome):
        return "an error" if value.failed else "ok"
    if isinstance(value, Glob):
        return "like " + printed(value, kind)
    if not isinstance(value, Range) or "xx" in printed(value, kind):
        return printed(value, kind)
    low, high = value.low, value.high
    if low is not None and high is not None:
        ends = [quantity(low, kind), quantity(high, kind)]
        return ends[0] if low == high else f"{ends[0]} to {ends[1]}"
    if low is not None:
        return ("above " if value.above else "at least ") + quantity(low, kind)
    return ("below " if value.below else "at most ") + quantity(high or 0, kind)


def fulfils(term: Term, call: Any, said: str) -> bool:
    """Whether a call fulfils a term; `said` is all that was said in it."""
    if isinstance(term, Check):
        return any(_meets(term.field, value, call, said) for value in term.values)
    if isinstance(term, Not):
        return not fulfils(term.term, call, said)
    how = all if isinstance(term, And) else any
    return how(fulfils(inner, call, said) for inner in term.terms)


def _meets(asked: Field, value: Value, call: Any, said: str) -> bool:
    if asked.kind is Kind.SAID:
        return isinstance(value, Exact) and folded(value.text) in said
    if isinstance(value, Outcome):
        failed = call.error is not None or (call.status is not None and call.status >= 400)
        return failed if value.failed else not failed and call.status is not None
    return any(found is not None and holds(value, found) for found in _stored(asked, value, call))


def _stored(asked: Field, value: Value, call: Any) -> Sequence[Any]:
    """What the call has where it is asked."""
    name = asked.name
    if asked.kind is Kind.SCORE:
        return [call.scores[asked.label]] if asked.label in call.scores else ()
    if name == "scores":
        return list(call.scores)
    if asked.label:
        return [stored for key, stored in call.properties.items() if key.lower() == asked.label]
    if name == "properties":
        return list(call.properties)
    if name == "model":
        return (call.model, getattr(call, "requested_model", None))
    if name == "prompt" and isinstance(value, Exact):
        prompt, version = getattr(call, "prompt", None), getattr(call, "prompt_version", None)
        return (prompt, None if prompt is None or version is None else f"{prompt}@{version}")
    # What is not known yet of a call is not asked of it: it does not have it.
    return (getattr(call, columns.column(name).field, None),)


def folded(given: str) -> str:
    """Text as it is compared: in any case, and any white space alike."""
    return " ".join(given.casefold().split())
