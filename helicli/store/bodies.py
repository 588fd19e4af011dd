"""Bodies and headers as they are kept: exact bytes, cut into parts, packed.

Owns the stored form, in which a first number says how it is stored, and the dictionaries. Whatever goes in comes out
byte for byte. Counts every part it names and takes the counts back; never looks at what a body means.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from typing import Final, NamedTuple

from helicli.call import Headers
from helicli.store.cutting import Cut, cut, join
from helicli.store.fields import Templates, fields_from
from helicli.store.packing import LISTED, Packer, Unpacker, train, varint, varints
from helicli.store.parts import Parts, chain_of, part_of

_LITERAL_MIN: Final = 64
"""What stands between parts is a part itself from this length on, once it is met again."""

_TRAIN_AT: Final = (1_000, 10_000, 100_000)
"""The calls at which a dictionary is made of the latest ones; each is better than the one before, none ever goes."""

_SAMPLES: Final = 1_000
_SAMPLE_BYTES: Final = 8 * 1024
_SAMPLED_BYTES: Final = 1_500_000
_SAMPLED: Final = (
    "SELECT data FROM parts WHERE length(data) < 100000 ORDER BY id DESC LIMIT ?",
    "SELECT response FROM bodies WHERE length(response) < 100000 AND substr(response, 1, 1) <> x'01' "
    "ORDER BY seq DESC LIMIT ?",
    "SELECT request FROM bodies WHERE length(request) < 100000 AND substr(request, 1, 1) <> x'01' "
    "ORDER BY seq DESC LIMIT ?",
    "SELECT response_headers FROM bodies WHERE response_headers IS NOT NULL ORDER BY seq DESC LIMIT ?",
)
"""What dictionaries are made of, the latest first: bytes of each kind, and of one sample, are bounded. Bodies that were
cut (LISTED) are left out: their parts are there."""

_NEVER: Final = 1 << 63


class BodyWriter:
    """Stores bodies and headers through the one writing connection; the caller owns the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._reader = BodyReader(db)
        self._parts = Parts(db, self.pack)
        self._templates = Templates(self._parts)
        self._packer: Packer | None = None
        self._train_at = 0

    def forget(self) -> None:
        """Drop what is remembered of a transaction that was undone."""
        self._parts.forget()
        self._templates.forget()
        self._reader = BodyReader(self._db)
        self._packer = None
        self._train_at = 0

    def gathering(self) -> AbstractContextManager[None]:
        """What is used again is counted once for all that is written meanwhile."""
        return self._parts.gathering()

    def pack(self, body: bytes) -> bytes:
        """Bytes packed with the latest dictionary; they need no counting."""
        if self._packer is None:
            row = self._db.execute("SELECT id, data FROM dictionaries ORDER BY id DESC LIMIT 1").fetchone()
            self._packer = Packer(*row) if row else Packer()
        return self._packer.pack(body)

    def body(self, body: bytes) -> bytes:
        """The stored form of a body, whose parts are counted for it."""
        pieces = cut(body)
        if pieces is None:
            return self.pack(body)
        numbers = [LISTED]
        fixed = b"".join((*(mark for _, mark in pieces.marks), *pieces.literals))
        part = self._parts.use_if_sighted(fixed) if len(fixed) >= _LITERAL_MIN else None
        numbers += part or 0, len(pieces.chains)
        for literal, chain in zip(pieces.literals, pieces.chains, strict=False):
            numbers += len(literal), self._parts.use_chain(chain)
        numbers.append(len(pieces.marks))
        last = 0
        for at, mark in pieces.marks:
            numbers += at - last, len(mark)
            last = at
        return varints(*numbers) + (b"" if part else self.pack(fixed))

    def headers(self, fields: Headers) -> bytes:
        """The stored form of header fields: their part, and what is different from it."""
        part, different = self._templates.compare(fields)
        return varints(LISTED, part) + self.pack(different)

    def release(self, seq: int) -> None:
        """Delete what is stored of a call's two sides, and every part that nothing else needs."""
        query = "DELETE FROM bodies WHERE seq = ? RETURNING request_headers, request, response_headers, response"
        row = self._db.execute(query, (seq,)).fetchone()
        if row is None:
            return
        uses = uses_of(*row)
        for node in uses.chains:
            self._parts.release_chain(node)
        for part in uses.parts:
            self._parts.release(part)
        self._parts.forget()
        self._templates.forget()

    def learn(self, seq: int) -> bool:
        """Make a dictionary of the latest calls where it is time for one; whether it was made."""
        if seq < self._train_at:
            return False
        made = self._db.execute("SELECT count(*) FROM dictionaries").fetchone()[0]
        self._train_at = _TRAIN_AT[made] if made < len(_TRAIN_AT) else _NEVER
        if seq < self._train_at:
            return False
        dictionary = train(self._samples())
        if dictionary is None:
            self._train_at = seq + _TRAIN_AT[0]
            return False
        self._db.execute("INSERT INTO dictionaries (data) VALUES (?)", (dictionary,))
        self._packer = None
        self._train_at = 0
        return True

    def _samples(self) -> list[bytes]:
        """What was packed of late, so much of each kind: parts, answers, other requests, header fields."""
        samples: list[bytes] = []
        for query in _SAMPLED:
            room = _SAMPLED_BYTES
            for (data,) in self._db.execute(query, (_SAMPLES,)):
                packed = data[varint(data, 1)[1] :] if data[0] == LISTED else data
                samples.append(self._reader.unpack(packed)[:_SAMPLE_BYTES])
                room -= len(samples[-1])
                if room < 0:
                    break
        return samples


class BodyReader:
    """Reads what was stored, through any connection. Raises sqlite3.DatabaseError where some of it is gone."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._unpacker = Unpacker(self._dictionary)

    def unpack(self, packed: bytes) -> bytes:
        """The bytes that were packed."""
        return self._unpacker.unpack(packed)

    def body(self, stored: bytes) -> bytes:
        """The exact bytes of a stored body."""
        if stored[0] != LISTED:
            return self.unpack(stored)
        listed = _Listed(stored)
        fixed = self.unpack(part_of(self._db, listed.part) if listed.part else stored[listed.end :])
        at = 0
        marks = []
        for offset, size in listed.marks:
            marks.append((offset, fixed[at : at + size]))
            at += size
        literals, chains = [], []
        for size, node in listed.chains:
            literals.append(fixed[at : at + size])
            chains.append([self.unpack(data) for data in chain_of(self._db, node)])
            at += size
        return join(Cut([*literals, fixed[at:]], chains, marks))

    def headers(self, stored: bytes) -> list[tuple[str, str]]:
        """Header fields in their order, duplicates kept."""
        part, at = varint(stored, 1)
        return fields_from(self.unpack(part_of(self._db, part)), self.unpack(stored[at:]))

    def _dictionary(self, number: int) -> bytes:
        row = self._db.execute("SELECT data FROM dictionaries WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise sqlite3.DatabaseError(f"dictionary {number} is missing")
        return bytes(row[0])


class Uses(NamedTuple):
    """The parts and chains that the stored sides of a call name, once for each time."""

    parts: list[int]
    chains: list[int]


def uses_of(
    request_headers: bytes | None, request: bytes | None, response_headers: bytes | None, response: bytes | None
) -> Uses:
    """What the stored sides of a call need."""
    uses = Uses([], [])
    for headers in (request_headers, response_headers):
        if headers is not None:
            uses.parts.append(varint(headers, 1)[0])
    for body in (request, response):
        if body is not None and body[0] == LISTED:
            listed = _Listed(body)
            uses.chains.extend(node for _, node in listed.chains)
            if listed.part:
                uses.parts.append(listed.part)
    return uses


class _Listed:
    """The numbers of a body that was cut: its literals' part (0 where they follow), chains and marks."""

    def __init__(self, stored: bytes) -> None:
        self.part, at = varint(stored, 1)
        count, at = varint(stored, at)
        self.chains: list[tuple[int, int]] = []
        for _ in range(count):
            size, at = varint(stored, at)
            node, at = varint(stored, at)
            self.chains.append((size, node))
        count, at = varint(stored, at)
        self.marks: list[tuple[int, int]] = []
        last = 0
        for _ in range(count):
            gap, at = varint(stored, at)
            size, at = varint(stored, at)
            last += gap
            self.marks.append((last, size))
        self.end = at
