"""Calls near to one that is looked at, and why a filter leaves none.

Owns what "slow" means in a list: slower than 95 % of what it holds. Runs in the thread that reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Final

from msgspec.structs import replace

from helicli.filters import Filter, parse
from helicli.filters.terms import And, both, text
from helicli.query import index
from helicli.query.reading import Log

_TERMS: Final = 8
"""So many terms are tried."""


def slow(log: Log, asked: Filter, seq: int, *, older: bool) -> Iterator[int | None]:
    """The next slow call on one side."""
    limit = index.slow_ms(log, asked)
    if limit is None:
        yield None
        return
    yield index.beside(log, asked.both(parse(f"latency:>{limit}ms").term), seq, older=older)


def emptied_by(log: Log, asked: Filter) -> Iterator[str]:
    """Without which term there would be calls, in a sentence; empty where there is no such one."""
    if not isinstance(asked.term, And):
        yield ""
        return
    terms = asked.term.terms
    for term in reversed(terms[:_TERMS]):
        others = [each for each in terms if each is not term]
        rest = replace(asked, term=reduce(both, others))
        if index.beside(log, rest, 1 << 61, older=True) is not None:
            yield f"Without {text(term)} there are some: {rest.text}"
            return
    yield ""
