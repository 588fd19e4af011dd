"""A filter as SQL.

Owns the only place where a term becomes a condition. Values are always parameters, never text of the statement; words
are looked up by the statement itself, so that a word written later is found too. A condition under a `not` is made
true or false first, for SQL knows a third. What was said is asked of the function `said`, which `query.said` brings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from helicli.columns import COLUMNS, Kind, column
from helicli.filters import Filter
from helicli.filters.terms import And, Check, Field, Not, Or, Term, folded
from helicli.filters.values import Exact, Flag, Glob, Outcome, Prefix, Present, Range, Value
from helicli.filters.values import Kind as Asked

FAILED: Final = "(c.error IS NOT NULL OR c.status >= 400)"
"""What `status:error` means, of `calls c`."""
_OK: Final = "(c.status < 400 AND c.error IS NULL)"
_WORD: Final = "(SELECT id FROM words WHERE word = ?)"
_WORDS: Final = frozenset(each.name for each in COLUMNS if each.kind is Kind.WORD)
_VERSION: Final = re.compile(r"(.+)@(0|[1-9]\d{0,17})", re.ASCII | re.DOTALL)

Parameters = list[str | int | float | bytes]


def where(chosen: Filter) -> tuple[str, Parameters]:
    """The condition on `calls c` and its parameters; `1` for all calls."""
    values: Parameters = []
    terms = [condition(term, values) for term in chosen.needed]
    if chosen.since_ms:
        terms.append("c.created_at >= ?")
        values.append(chosen.since_ms)
    if chosen.until_ms is not None:
        terms.append("c.created_at < ?")
        values.append(chosen.until_ms)
    return " AND ".join(terms) or "1", values


def condition(term: Term, values: Parameters) -> str:
    """The condition of one term; its parameters are added to `values`."""
    if isinstance(term, Not):
        return f"({condition(term.term, values)}) IS NOT TRUE"
    if isinstance(term, And | Or):
        joint = " AND " if isinstance(term, And) else " OR "
        return f"({joint.join(condition(inner, values) for inner in term.terms)})"
    return _check(term, values)


def _check(check: Check, values: Parameters) -> str:
    field = check.field
    if field.name == "scores":
        return "EXISTS (SELECT 1 FROM scores s WHERE s.seq = c.seq)"
    if field.kind is Asked.SCORE:
        return f"EXISTS (SELECT 1 FROM scores s WHERE s.seq = c.seq AND {scores(check, values)})"
    if field.kind is Asked.SAID:
        return _any([_said(value, values) for value in check.values])
    if field.name == "properties":
        return "EXISTS (SELECT 1 FROM properties p WHERE p.seq = c.seq)"
    if field.label:
        values.append(field.label)
        inner = words("p.value", check.values, values)
        return f"EXISTS (SELECT 1 FROM properties p WHERE p.seq = c.seq AND p.name = {_WORD} AND {inner})"
    if field.name == "model":
        return _any([words(name, check.values, values) for name in ("c.model", "c.requested_model")])
    if field.name == "prompt":
        return _any([_prompt(value, values) for value in check.values])
    if field.name in _WORDS:
        return words(f"c.{field.name}", check.values, values)
    return _any([_plain(field, value, values) for value in check.values])


def scores(check: Check, values: Parameters) -> str:
    """The condition on `scores s` of a check of one score."""
    values.append(check.field.label)
    inner = _any([_number("s.value", value, values) for value in check.values])
    return f"s.name = {_WORD} AND {inner}"


def _number(name: str, value: Value, values: Parameters) -> str:
    return _within(name, value, values) if isinstance(value, Range) else f"{name} IS NOT NULL"


def _any(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def words(name: str, meant: Sequence[Value], values: Parameters) -> str:
    """A column of words that is one of some values. One word is compared with `=`: an index then keeps its order."""
    if any(isinstance(value, Present) for value in meant):
        return f"{name} IS NOT NULL"
    whole = [value.text for value in meant if isinstance(value, Exact)]
    values.extend(whole)
    if len(whole) == len(meant) == 1:
        return f"{name} = {_WORD}"
    found = [f"SELECT id FROM words WHERE word IN ({', '.join('?' * len(whole))})"] if whole else []
    found += [f"SELECT id FROM words WHERE {_like('word', glob, values)}" for glob in meant if isinstance(glob, Glob)]
    return f"{name} IN ({' UNION ALL '.join(found)})"


def _like(name: str, value: Glob, values: Parameters) -> str:
    """A text that is like a glob; its begin bounds the part of an index that is looked through."""
    pattern = "*".join(re.sub(r"[*?\[]", r"[\g<0>]", piece) for piece in value.pieces)
    values.append(pattern)
    terms = [f"{name} GLOB ?"]
    first = value.pieces[0]
    if first:
        terms.append(f"{name} >= ?")
        values.append(first)
        end = _after(first)
        if end is not None:
            terms.append(f"{name} < ?")
            values.append(end)
    return " AND ".join(terms)


def _after(text: str) -> str | None:
    """The first text after all that begin so; None where there is none."""
    code = ord(text[-1]) + 1
    if code > 0x10FFFF:
        return None
    return text[:-1] + chr(0xE000 if code == 0xD800 else code)


def _prompt(value: Value, values: Parameters) -> str:
    """A prompt by its whole name, or by name and version."""
    terms = prompts(value)
    for _, own in terms:
        values.extend(own)
    return f"({' OR '.join(term for term, _ in terms)})" if len(terms) > 1 else terms[0][0]


def prompts(value: Value) -> list[tuple[str, Parameters]]:
    """The conditions one of which a call fulfils that was made from a prompt, each with its parameters."""
    own: Parameters = []
    terms = [(words("c.prompt", (value,), own), own)]
    versioned = _VERSION.fullmatch(value.text) if isinstance(value, Exact) else None
    if versioned:
        other: Parameters = []
        text = words("c.prompt", (Exact(versioned[1]),), other)
        terms.append((f"{text} AND c.prompt_version = ?", [*other, int(versioned[2])]))
    return terms


def _plain(field: Field, value: Value, values: Parameters) -> str:
    """A column that holds its value itself."""
    name = f"c.{column(field.name).field}"
    if isinstance(value, Present):
        return f"{name} IS NOT NULL"
    if isinstance(value, Outcome):
        return FAILED if value.failed else _OK
    if isinstance(value, Flag):
        return name if value.on else f"NOT {name}"
    if isinstance(value, Exact):
        values.append(value.text)
        return f"{name} = ?"
    if isinstance(value, Glob):
        return f"({_like(name, value, values)})"
    if isinstance(value, Prefix):
        values.extend(bytes.fromhex(value.digits.ljust(32, fill)) for fill in "0f")
        return f"{name} BETWEEN ? AND ?"
    return _within(name, value, values)


def _within(name: str, value: Range, values: Parameters) -> str:
    if value.low is not None and value.low == value.high:
        values.append(value.low)
        return f"{name} = ?"
    terms: list[str] = []
    for end, sign in ((value.low, ">" if value.above else ">="), (value.high, "<" if value.below else "<=")):
        if end is not None:
            terms.append(f"{name} {sign} ?")
            values.append(end)
    return f"({' AND '.join(terms)})"


def _said(value: Value, values: Parameters) -> str:
    assert isinstance(value, Exact)
    values.append(folded(value.text))
    return "said(c.seq, ?)"
