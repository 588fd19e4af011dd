"""Calls, chosen from the log.

Owns the row as a value and the statements that fetch it. A question is one statement and reads one state of the log;
the rows wanted are found by index first, and only those are made whole. Never skips with OFFSET.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.columns import COLUMNS, Column, Kind
from helicli.errors import NotFoundError
from helicli.filters import Selection
from helicli.query.reading import Log
from helicli.query.where import Parameters, where

_MAP: Final = (
    "(SELECT json_group_object(n.word, v.word) FROM properties p JOIN words n ON n.id = p.name "
    "JOIN words v ON v.id = p.value WHERE p.seq = c.seq)"
)
_FIRST_HEX: Final = 4
"""The fewest signs of an id that name a call."""

_FEW: Final = 20_000
"""So many calls are read and sorted in a few milliseconds."""


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

    @property
    def failed(self) -> bool:
        """What `status:error` means."""
        return self.error is not None or (self.status is not None and self.status >= 400)

    @property
    def short_model(self) -> str | None:
        """The shorter of the name that was asked for and the name that answered, for lists."""
        names = [name for name in (self.requested_model, self.model) if name]
        return min(names, key=len) if names else None

    @property
    def read_tokens(self) -> int | None:
        """All tokens that were read, from the provider's cache or not; None where that is not known."""
        if self.input_tokens is None:
            return None
        return self.input_tokens + (self.cache_read_tokens or 0) + (self.cache_write_tokens or 0)


def _stored(column: Column) -> str:
    if column.kind is Kind.WORD:
        return f"(SELECT word FROM words WHERE id = c.{column.name})"
    return _MAP if column.kind is Kind.MAP else f"c.{column.field}"


_SELECT: Final = f"SELECT {', '.join(_stored(column) for column in COLUMNS)} FROM calls c"


class Order(Struct, frozen=True):
    """By which column calls stand, the smallest first unless `down`; what is not known is last."""

    column: Column
    down: bool = False


def sorted_by(db: Log, selection: Selection, limit: int | None, order: Order) -> list[Call]:
    """The first `limit` calls of an order, all of them for None; where two are equal, the newer first."""
    condition, values = where(selection)
    key = _stored(order.column)
    by = f"({key}) IS NULL, ({key}) {'DESC' if order.down else 'ASC'}, c.seq DESC"
    return _fetch(db, f"{_SELECT} WHERE {condition} ORDER BY {by} LIMIT ?", [*values, -1 if limit is None else limit])


def newest(db: Log, selection: Selection, limit: int) -> list[Call]:
    """The newest `limit` calls, oldest of them first."""
    condition, values = where(selection)
    inner = f"SELECT c.seq FROM {_table(db, selection)} WHERE {condition} ORDER BY c.seq DESC LIMIT ?"
    return _fetch(db, f"{_SELECT} WHERE c.seq IN ({inner}) ORDER BY c.seq", [*values, limit])


def after(db: Log, seq: int, selection: Selection, limit: int) -> list[Call]:
    """The first `limit` calls that come after a seq."""
    condition, values = where(selection)
    # What comes after a call that was just seen is little; an index on anything else would read all of the log.
    table = "calls c NOT INDEXED" if seq else _table(db, selection)
    inner = f"SELECT c.seq FROM {table} WHERE c.seq > ? AND {condition} ORDER BY c.seq LIMIT ?"
    return _fetch(db, f"{_SELECT} WHERE c.seq IN ({inner}) ORDER BY c.seq", [seq, *values, limit])


def _table(db: Log, selection: Selection) -> str:
    """The calls, by their time where few of them are young enough: else all would be read to find that out."""
    if selection.since_ms is None:
        return "calls c"
    young = "SELECT count(*) FROM (SELECT 1 FROM calls WHERE created_at >= ? LIMIT ?)"
    few = db.execute(young, (selection.since_ms, _FEW + 1)).fetchone()[0] <= _FEW
    return "calls c INDEXED BY calls_created_at" if few else "calls c"


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
        raise NotFoundError(f"no call {ref}; the log is empty", "helicli serve   (then send a call through it)")
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
    call["properties"] = msgspec.json.decode(call["properties"])
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
