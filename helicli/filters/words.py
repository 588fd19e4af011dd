"""What stands behind the sign of a term: the value of a field, `has:error`, `is:stream`.

Owns which values each field takes. Where in the text they stand is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from helicli.columns import COLUMNS
from helicli.errors import UsageError
from helicli.filters.numbers import interval
from helicli.filters.terms import FIELDS, PROPERTY, Check, Field, Term, field, folded
from helicli.filters.values import (
    FLAGS,
    Exact,
    Flag,
    Kind,
    Outcome,
    Pieces,
    Present,
    Value,
    prefix,
    status,
    versioned,
    word,
)
from helicli.guess import guess

SHORT: Final = tuple(re.sub("_(ms|usd)$", "", column.name) for column in COLUMNS)
"""The fields, as they are typed."""

_IS: Final[Mapping[str, tuple[str, tuple[Value, ...]]]] = {
    "stream": ("stream", (Flag(True),)),
    "estimated": ("usage_estimated", (Flag(True),)),
    "error": ("status", (Outcome(True),)),
    "ok": ("status", (Outcome(False),)),
    "cached": ("cache", (Exact("hit"), Exact("semantic"))),
}
_LOWER: Final = frozenset(("provider", "error", "cache"))
"""Fields whose values are all in lower case."""


def wanted(name: str, what: str) -> Term:
    """`has:error` and `is:stream`. Raises UsageError."""
    lower = what.lower()
    if name == "has":
        asked = FIELDS["scores"] if lower == "score" else field(what)
        if asked is None or asked.kind in (Kind.SAID, Kind.FLAG):
            near = guess(lower, (*SHORT, "score"))
            raise UsageError(
                f'a call cannot have "{what}"', f'did you mean "has:{near}"?' if near else "helicli help filters"
            )
        return Check(asked, (Present(),))
    if lower not in _IS:
        near = guess(lower, _IS)
        fix = f"write is:{', is:'.join(_IS)}"
        raise UsageError(f'a call cannot be "{what}"', f"did you mean is:{near}?   {fix}" if near else fix)
    meant, values = _IS[lower]
    return Check(FIELDS[meant], values)


def value(asked: Field, sign: str, pieces: Pieces, now: datetime) -> Value:
    """One value of a field. Raises UsageError."""
    kind = asked.kind
    text = "".join(piece.text for piece in pieces)
    ordered = kind not in (Kind.TEXT, Kind.SAID, Kind.ID, Kind.FLAG, Kind.MAP)
    if sign != "=" and not ordered:
        raise UsageError(f"{asked.typed} has no order", f"write {asked.typed}:{text}")
    if kind is Kind.SAID:
        if not folded(text):
            raise UsageError("there is no text in this", "helicli help filters")
        return Exact(text)
    if sign == "=" and text == "*" and kind is not Kind.FLAG:
        found = word(pieces)
        if isinstance(found, Present):
            return found
    if kind is Kind.TEXT:
        meant = word(pieces)
        if asked.name == "prompt" and isinstance(meant, Exact):
            return versioned(meant)
        lowers = asked.name in _LOWER and isinstance(meant, Exact)
        return Exact(meant.text.lower()) if lowers and isinstance(meant, Exact) else meant
    if kind is Kind.MAP:
        raise UsageError(f"{asked.typed} cannot be compared", f"write {PROPERTY}NAME:VALUE or has:{asked.typed}")
    if kind is Kind.FLAG:
        if text.lower() not in FLAGS:
            raise UsageError(f'{asked.typed} cannot be "{text}"', f"write {asked.typed}:true or {asked.typed}:false")
        return Flag(FLAGS[text.lower()])
    if kind is Kind.ID:
        return prefix(text)
    if kind is Kind.STATUS and sign == "=" and ".." not in text:
        return status(text)
    return interval(text, kind, sign, now)
