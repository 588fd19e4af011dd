"""What limits had counted when an earlier proxy ended: the charges that are recorded, and those still in the journal.

Owns the reading of both as one state: what the recorder moves from one to the other meanwhile is neither missed nor
read twice. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from helicli import journal
from helicli.call import Charge
from helicli.errors import NotFoundError
from helicli.journal import Kind, Position, Record
from helicli.limits import Limit
from helicli.store import charges, limits, position
from helicli.store.connect import open_reader
from helicli.store.position import Reached

_TRIES: Final = 20
_UNREADABLE: Final = (ValueError, TypeError, msgspec.MsgspecError)


class Counted(Struct, frozen=True):
    """The limits that are stored, and all charges that still count; `own`: the proxy's own may be among them."""

    limits: tuple[Limit, ...] = ()
    charges: tuple[Charge, ...] = ()
    own: bool = False


def counted(database: Path, folder: Path, generation: int, now_ms: int) -> Counted:
    """The state that the proxy of a generation begins with. Raises HelicliError and sqlite3.Error."""
    for last in range(_TRIES, 0, -1):
        there = _segments(folder)
        reached, found = _recorded(database, now_ms)
        gone: list[Path] = []
        waiting = [*_waiting(folder, there, reached, generation, gone)]
        # The recorder deletes what it needs no longer: then what was read has holes, and is in the database by now.
        if not gone or last == 1:
            break
    own = reached.high.generation >= generation
    return Counted(found.limits, (*found.charges, *waiting), own)


def stored_limits(database: Path) -> tuple[Limit, ...]:
    """The limits that are stored; none where there is no database. Raises HelicliError and sqlite3.Error."""
    try:
        with closing(open_reader(database)) as db:
            return tuple(each.limit() for each in limits.load(db))
    except NotFoundError:
        return ()


def _recorded(database: Path, now_ms: int) -> tuple[Reached, Counted]:
    try:
        with closing(open_reader(database)) as db, charges.one_state(db):
            stored = tuple(each.limit() for each in limits.load(db))
            return position.load(db), Counted(stored, tuple(charges.live(db, now_ms)))
    except NotFoundError:
        return Reached(), Counted()


def _segments(folder: Path) -> list[tuple[int, int]]:
    """All segments that are there, in their order."""
    names = [each for each in (journal.parse_name(path.name) for path in folder.iterdir()) if each and not each[2]]
    return sorted((generation, number) for generation, number, _ in names)


def _waiting(
    folder: Path, there: Sequence[tuple[int, int]], reached: Reached, generation: int, gone: list[Path]
) -> Iterator[Charge]:
    """The charges of calls that have no row yet: of those that ended as they ended, of the others as they began."""
    running: dict[tuple[int, int], tuple[Charge, ...]] = {}
    for at, record in _records(folder, there, reached, generation, gone):
        call = at.generation, record.call
        try:
            if record.kind == Kind.CHARGE:
                running[call] = journal.charge_decoder.decode(record.payload)
            elif record.kind == Kind.END:
                running.pop(call, None)
                if at >= reached.high:
                    yield from journal.end_decoder.decode(record.payload).charges
        except _UNREADABLE:
            # The recorder puts such a record aside, and counts it.
            continue
    for begun in running.values():
        yield from begun


def _records(
    folder: Path, there: Sequence[tuple[int, int]], reached: Reached, generation: int, gone: list[Path]
) -> Iterator[tuple[Position, Record]]:
    """The records from the recorder's place on; the files that went before they were read are put into `gone`."""
    parsed = journal.parse_name(reached.carry) if reached.carry else None
    if reached.carry and parsed is not None:
        yield from _of(folder / reached.carry, Position(parsed[0], 0, 0), gone)
    for number in there:
        if reached.low[:2] <= number and number[0] < generation:
            start = reached.low.offset if number == reached.low[:2] else 0
            yield from _of(folder / journal.segment_name(*number), Position(*number, start), gone)


def _of(path: Path, start: Position, gone: list[Path]) -> Iterator[tuple[Position, Record]]:
    """The records of a file from a place on; what is no record is stepped over."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        gone.append(path)
        return
    at = max(start.offset, journal.SEGMENT_HEADER.size)
    while 0 <= at < len(data):
        record = journal.unpack(data, at)
        if record is None:
            at = data.find(journal.RECORD_MAGIC, at + 1)
            continue
        yield start._replace(offset=at), record
        at += record.size
