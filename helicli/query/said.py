"""What was said in calls, for filters that ask for it.

Owns the function `said` of SQL: whether a text stands in what was asked or answered in a call, in any case. There is no
index of it: every call that the rest of a filter leaves is read and decoded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from helicli.filters import Filter
from helicli.filters.terms import folded
from helicli.query.reading import Log


@contextmanager
def asked(db: Log, chosen: Filter) -> Iterator[None]:
    """Bring the function for as long as a question is asked, where its filter needs it and no larger one has."""
    if not chosen.needs_text or _is_there(db):
        yield
        return
    reader = _Reader(db)
    db.create_function("said", 2, reader.holds)
    try:
        yield
    except sqlite3.OperationalError:
        # What is raised within the function comes out as an error of SQL.
        if reader.failure is not None:
            raise reader.failure from None
        raise
    finally:
        db.create_function("said", 2, None)


def _is_there(db: Log) -> bool:
    try:
        # No call has this number, so nothing is read. SQLite lists a function also after it was taken away.
        db.execute("SELECT said(0, '')").fetchone()
    except sqlite3.OperationalError:
        return False
    return True


def text(db: Log, seq: int) -> str:
    """All that was said in a call, as filters compare it."""
    from helicli.query import calls, wire

    found = calls.by_seq(db, [seq])
    if not found:
        return ""
    turns = wire.conversation(found[0], wire.wire(db, seq))
    return folded(" ".join(turn.text for turn in turns))


class _Reader:
    """Reads calls for one question; the last one is kept, since a filter may ask for several texts."""

    def __init__(self, db: Log) -> None:
        self._db = db
        self._seq = 0
        self._text = ""
        self.failure: BaseException | None = None

    def holds(self, seq: int, wanted: str) -> bool:
        try:
            if seq != self._seq:
                self._seq, self._text = seq, text(self._db, seq)
            return wanted in self._text
        except BaseException as error:
            self.failure = error
            raise
