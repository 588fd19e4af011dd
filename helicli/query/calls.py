"""Calls, chosen from the log.

Owns the row as a value and the statements that fetch it. A question is one statement and reads one state of the log;
the rows wanted are found by index first, and only those are made whole. Never skips with OFFSET.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.columns import COLUMNS, Column, Kind
from helicli.errors import NotFoundError
from helicli.filters import Filter
from helicli.query import said
from helicli.query.names import listed
from helicli.query.plan import plan
from helicli.query.reading import Log
from helicli.query.where import Parameters, where

_MAP: Final = (
    "(SELECT json_group_object(n.word, v.word) FROM properties p JOIN words n ON n.id = p.name "
    "JOIN words v ON v.id = p.value WHERE p.seq = c.seq)"
)
_SCORES: Final = (
    "(SELECT json_group_object(n.word, s.value) FROM scores s JOIN words n ON n.id = s.name WHERE s.seq = c.seq)"
)
_FIRST_HEX: Final = 4
"""The fewest signs of an id that name a call."""

_PAGE: Final = 500
"""So many calls are made whole by one statement."""

_LAST: Final = 2**63 - 1


class Call(Struct, frozen=True):
    """One call, its columns in their order. Durations are microseconds, money nano-dollars, instants milliseconds."""

    seq: int
    id: bytes
    created_at: int
    ended_at: int
    provider: str | None
    model: str | None
    requested_model: str | None
    path: str | None
    status: int | None
    error: str | None
    error_message: str | None
    finish_reason: str | None
    user: str | None
    session: str | None
    session_path: str | None
    session_name: str | None
    name: str | None
    prompt: str | None
    prompt_version: int | None
    stream: bool
    latency_us: int
    ttft_us: int | None
    overhead_us: int | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    usage_estimated: bool
    cost_nano: int | None
    price_source: str | None
    cache: str | None
    saved_nano: int | None
    saved_us: int | None
    cached_from: int | None
    attempts: int
    fallback_index: int | None
    policy: str | None
    segment: str | None
    key: str | None
    provider_key: str | None
    org: str | None
    run: str | None
    machine: str | None
    request_id: str | None
    properties: dict[str, str]
    scores: dict[str, float] = {}

    @property
    def failed(self) -> bool:
        """What `status:error` means."""
        return self.error is not None or (self.status is not None and self.status >= 400)

    @property
    def short_model(self) -> str | None:
        """Its name for lists."""
        return listed(self.requested_model, self.model, fell=bool(self.fallback_index))

    @property
    def sought_model(self) -> str | None:
        """The name by which other calls of its model are found: what was asked for, or the fallback that answered."""
        fell = self.fallback_index or "," in (self.requested_model or "")
        return (self.model if fell else None) or self.requested_model or self.model

    @property
    def read_tokens(self) -> int | None:
        """All tokens that were read, from the provider's cache or not; None where that is not known."""
        if self.input_tokens is None:
            return None
        return self.input_tokens + (self.cache_read_tokens or 0) + (self.cache_write_tokens or 0)


def _stored(column: Column) -> str:
    if column.kind is Kind.WORD:
        return f"(SELECT word FROM words WHERE id = c.{column.name})"
    if column.kind is Kind.MAP:
        return _SCORES if column.name == "scores" else _MAP
    return f"c.{column.field}"


_SELECT: Final = f"SELECT {', '.join(_stored(column) for column in COLUMNS)} FROM calls c"


class Order(Struct, frozen=True):
    """By which column calls stand, the smallest first unless `down`; what is not known is last."""

    column: Column
    down: bool = False


def sorted_by(db: Log, chosen: Filter, limit: int | None, order: Order) -> list[Call]:
    """The first `limit` calls of an order, all of them for None; where two are equal, the newer first."""
    return by_seq(db, ordered(db, chosen, limit, order))


def ordered(db: Log, chosen: Filter, limit: int | None, order: Order) -> list[int]:
    """Their seqs."""
    with said.asked(db, chosen):
        found = plan(db, chosen)
        key = _stored(order.column)
        by = f"({key}) IS NULL, ({key}) {'DESC' if order.down else 'ASC'}, c.seq DESC"
        statement = f"SELECT c.seq FROM {found.table} WHERE {found.condition} ORDER BY {by} LIMIT ?"
        return [row[0] for row in db.execute(statement, (*found.values, -1 if limit is None else limit))]


def key_of(db: Log, order: Order, seq: int) -> tuple[Any] | None:
    """What a call is ordered by, None where it has gone."""
    row = db.execute(f"SELECT {_stored(order.column)} FROM calls c WHERE c.seq = ?", (seq,)).fetchone()
    return None if row is None else (row[0],)


def newest(db: Log, chosen: Filter, limit: int) -> list[Call]:
    """The newest `limit` calls, oldest of them first."""
    with said.asked(db, chosen):
        found = plan(db, chosen)
        rows = db.execute(found.statement("c.seq"), (0, _LAST, *found.values, limit))
        seqs = [row[0] for row in rows]
    return by_seq(db, seqs[::-1])


def after(db: Log, seq: int, chosen: Filter, limit: int) -> list[Call]:
    """The first `limit` calls that come after a seq."""
    with said.asked(db, chosen):
        if seq:
            # What comes after a call that was just seen is little; an index on anything else would read all of the log.
            text, values = where(chosen)
            statement = f"SELECT c.seq FROM calls c NOT INDEXED WHERE c.seq > ? AND {text} ORDER BY c.seq LIMIT ?"
            rows = db.execute(statement, (seq, *values, limit))
        else:
            found = plan(db, chosen)
            rows = db.execute(found.statement("c.seq", down=False), (0, _LAST, *found.values, limit))
        seqs = [row[0] for row in rows]
    return by_seq(db, seqs)


def by_seq(db: Log, seqs: Sequence[int]) -> list[Call]:
    """The calls of some seqs, in their order; those that have gone are left out."""
    found: dict[int, Call] = {}
    for at in range(0, len(seqs), _PAGE):
        page = seqs[at : at + _PAGE]
        marks = ", ".join("?" * len(page))
        found |= {call.seq: call for call in _fetch(db, f"{_SELECT} WHERE c.seq IN ({marks})", [*page])}
    return [found[seq] for seq in seqs if seq in found]


def find(db: Log, ref: str) -> Call:
    """The call a word names: seq, id or its beginning, request id, `last`, or `-N` for the N-th newest.

    The newest where several are meant. Raises NotFoundError.
    """
    seq = _seq_of(db, ref.strip())
    found = _fetch(db, f"{_SELECT} WHERE c.seq = ?", [seq]) if seq is not None else []
    if found:
        return found[0]
    last = last_seq(db)
    if not last:
        raise NotFoundError(f"no call {ref}: the log is empty", "helicli serve   (then send a call through it)")
    raise NotFoundError(f"no call {ref}; the newest is {last}", "helicli show last")


def last_seq(db: Log) -> int:
    """The seq of the newest call, 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0])


def _fetch(db: Log, statement: str, values: Parameters) -> list[Call]:
    return [_call(row) for row in db.execute(statement, values)]


def _call(row: tuple[Any, ...]) -> Call:
    call: dict[str, Any] = dict(zip(Call.__struct_fields__, row, strict=True))
    call["stream"] = bool(call["stream"])
    call["usage_estimated"] = bool(call["usage_estimated"])
    for name in ("properties", "scores"):
        call[name] = msgspec.json.decode(call[name]) if call[name] != "{}" else {}
    return Call(**call)


def _seq_of(db: Log, ref: str) -> int | None:
    if ref == "last":
        return last_seq(db)
    number = ref.removeprefix("-")
    # `0001` is no number of a call but the beginning of an id.
    if number.isascii() and number.isdecimal() and len(number) < 19 and number == str(int(number)):
        if ref != number:
            return _from_end(db, int(number))
        if db.execute("SELECT 1 FROM calls WHERE seq = ?", (int(ref),)).fetchone():
            return int(ref)
    return _by_id(db, ref)


def _from_end(db: Log, number: int) -> int | None:
    row = db.execute(
        "SELECT count(*), min(seq) FROM (SELECT seq FROM calls ORDER BY seq DESC LIMIT ?)", (number,)
    ).fetchone()
    return int(row[1]) if number and row[0] == number else None


def _by_id(db: Log, ref: str) -> int | None:
    row = db.execute("SELECT max(seq) FROM calls WHERE request_id = ?", (ref,)).fetchone()
    by_request: int | None = row[0]
    digits = ref.replace("-", "").lower()
    if not _FIRST_HEX <= len(digits) <= 32 or digits.strip("0123456789abcdef"):
        return by_request
    low, high = (bytes.fromhex(digits.ljust(32, fill)) for fill in "0f")
    row = db.execute("SELECT max(seq) FROM calls WHERE id BETWEEN ? AND ?", (low, high)).fetchone()
    return max((seq for seq in (by_request, row[0]) if seq is not None), default=None)
