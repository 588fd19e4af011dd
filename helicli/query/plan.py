"""How the calls a filter chooses are found.

Owns the choice between the indexes and looking through all calls. Each index that a filter can use is asked how many
calls it gives, up to a bound, which takes a millisecond; the fewest win, and the rest of the filter is checked on them
alone. Where all give many, the newest calls are looked through: what there is much of is soon found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from helicli.filters import Filter
from helicli.filters.terms import PROPERTY, SCORE, Check, Term
from helicli.filters.values import Exact, Outcome, Prefix, Range
from helicli.query.reading import Log
from helicli.query.where import FAILED, Parameters, condition, prompts, scores, where, words

FEW: Final = 20_000
"""So many calls are read and sorted in a few milliseconds."""

_TIMED: Final = {
    "user": ("calls_user",),
    "name": ("calls_name",),
    "model": ("calls_model", "calls_requested_model"),
    "requested_model": ("calls_requested_model",),
}
"""Fields whose index holds the time too."""
_UNTIMED: Final = {"session": "calls_session", "run": "calls_run"}


class Source(Struct, frozen=True):
    """A statement that gives seqs by an index, every one that can fulfil a term among them."""

    statement: str
    values: tuple[str | int | float | bytes, ...]


class Plan(Struct, frozen=True):
    """How to find them: the table, the condition on `c`, and whether an index leads to few."""

    table: str
    condition: str
    values: tuple[str | int | float | bytes, ...]
    indexed: bool

    def statement(self, columns: str, *, down: bool = True) -> str:
        """The statement that gives some columns of them in the order of seq, above one seq, up to another."""
        order = "DESC" if down else "ASC"
        return (
            f"SELECT {columns} FROM {self.table} WHERE c.seq > ? AND c.seq <= ? AND {self.condition}"
            f" ORDER BY c.seq {order} LIMIT ?"
        )


def plan(db: Log, chosen: Filter) -> Plan:
    """The way that reads the fewest calls."""
    text, values = where(chosen)
    best, fewest = None, FEW + 1
    for source in _sources(chosen):
        counted = f"SELECT count(*) FROM ({source.statement} LIMIT ?)"
        found = db.execute(counted, (*source.values, fewest)).fetchone()[0]
        if found < fewest:
            best, fewest = source, found
    if best is not None:
        return Plan("calls c NOT INDEXED", f"c.seq IN ({best.statement}) AND {text}", (*best.values, *values), True)
    if any(_fails(term) for term in chosen.needed):
        # Says nothing new, but there is an index on it, in the order of seq.
        return Plan("calls c INDEXED BY calls_failed", f"{FAILED} AND {text}", tuple(values), True)
    return Plan("calls c NOT INDEXED", text, tuple(values), False)


def _fails(term: Term) -> bool:
    """Whether only calls that failed fulfil a term."""
    if not isinstance(term, Check):
        return False
    if term.field.name == "error":
        return True
    return term.field.name == "status" and all(
        (isinstance(value, Outcome) and value.failed)
        or (isinstance(value, Range) and value.low is not None and value.low >= 400)
        for value in term.values
    )


def _sources(chosen: Filter) -> Iterator[Source]:
    timed, bounds = _window(chosen)
    for term in chosen.needed:
        if isinstance(term, Check):
            yield from _source(term, timed, bounds)
    if timed:
        text = timed.removeprefix(" AND ")
        yield Source(f"SELECT c.seq FROM calls c INDEXED BY calls_created_at WHERE {text}", tuple(bounds))


def _source(check: Check, timed: str, bounds: Parameters) -> Iterator[Source]:
    """The index for a check, where there is one."""
    name = check.field.name
    values: Parameters = []
    if name in ("id", "seq", "request_id"):
        if all(isinstance(value, Exact | Prefix | Range) for value in check.values):
            text = condition(check, values)
            yield Source(f"SELECT c.seq FROM calls c WHERE {text}", tuple(values))
    elif name.startswith(PROPERTY):
        values.append(check.field.label)
        text = words("p.value", check.values, values)
        of_name = "p.name = (SELECT id FROM words WHERE word = ?)"
        yield Source(f"SELECT p.seq FROM properties p WHERE {of_name} AND {text}", tuple(values))
    elif name == "scores":
        yield Source("SELECT s.seq FROM scores s", ())
    elif name.startswith(SCORE):
        yield Source(f"SELECT s.seq FROM scores s WHERE {scores(check, values)}", tuple(values))
    elif name == "prompt":
        terms = [term for value in check.values for term in prompts(value)]
        table = "calls c INDEXED BY calls_prompt WHERE c.prompt IS NOT NULL"
        statement = " UNION ALL ".join(f"SELECT c.seq FROM {table} AND {text}{timed}" for text, _ in terms)
        yield Source(statement, tuple(each for _, own in terms for each in (*own, *bounds)))
    elif name in _UNTIMED:
        text = words(f"c.{name}", check.values, values)
        table = f"calls c INDEXED BY {_UNTIMED[name]}"
        yield Source(f"SELECT c.seq FROM {table} WHERE c.{name} IS NOT NULL AND {text}", tuple(values))
    elif name in _TIMED:
        parts: list[str] = []
        for index in _TIMED[name]:
            column = f"c.{index.removeprefix('calls_')}"
            text = words(column, check.values, values)
            table = f"calls c INDEXED BY {index}"
            parts.append(f"SELECT c.seq FROM {table} WHERE {column} IS NOT NULL AND {text}{timed}")
            values.extend(bounds)
        yield Source(" UNION ALL ".join(parts), tuple(values))
    elif _fails(check):
        yield Source(f"SELECT c.seq FROM calls c INDEXED BY calls_failed WHERE {FAILED}", ())


def _window(chosen: Filter) -> tuple[str, Parameters]:
    """The time as a condition that goes on another."""
    text, values = where(Filter(since_ms=chosen.since_ms, until_ms=chosen.until_ms))
    return (f" AND {text}", values) if values else ("", [])


def oldest(db: Log, chosen: Filter) -> int:
    """The seq before which no call is young enough for a filter. Reads the index on time, all of what is young."""
    if not chosen.since_ms:
        return 0
    statement = "SELECT coalesce(min(seq), 0) FROM calls INDEXED BY calls_created_at WHERE created_at >= ?"
    return max(0, int(db.execute(statement, (chosen.since_ms,)).fetchone()[0]) - 1)
