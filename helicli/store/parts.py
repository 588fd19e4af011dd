"""Parts of bodies, each stored once, and the lists of parts that bodies share.

Owns the tables `parts` and `chains`. A chain is a list written as its last node: a node is the list before it and one
part more, so a history sent again with one element more costs one node. Both count who needs them; at zero they go.
One object belongs to one writing connection; the caller owns the transaction.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Final

HASH_BYTES: Final = 16
_KEPT: Final = 20_000
"""How many parts, nodes and sightings are remembered each."""

_FIND_PART: Final = "SELECT id FROM parts WHERE hash = ?"
_ADD_PART: Final = "INSERT INTO parts (hash, size, uses, data) VALUES (?, ?, ?, ?)"
_USE_PART: Final = "UPDATE parts SET uses = uses + ? WHERE id = ?"
_FIND_NODE: Final = "SELECT id FROM chains WHERE parent = ? AND part = ?"
_ADD_NODE: Final = "INSERT INTO chains (parent, part, uses) VALUES (?, ?, ?)"
_USE_NODE: Final = "UPDATE chains SET uses = uses + ? WHERE id = ?"


class Parts:
    """The writer's view of both tables; `pack` makes the stored form of a new part."""

    def __init__(self, db: sqlite3.Connection, pack: Callable[[bytes], bytes]) -> None:
        self._db = db
        self._pack = pack
        self._parts: dict[bytes, int] = {}
        self._nodes: dict[tuple[int, int], int] = {}
        self._sighted: dict[bytes, None] = {}
        self._gathered: dict[str, Counter[int]] | None = None

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Count what is used again once for all that is written meanwhile; nothing may be taken back in it."""
        self._gathered = {_USE_PART: Counter(), _USE_NODE: Counter()}
        try:
            yield
            for statement, counted in self._gathered.items():
                self._db.executemany(statement, [(uses, id) for id, uses in counted.items()])
        finally:
            self._gathered = None

    def forget(self) -> None:
        """Drop what is remembered: it may have been written in a transaction that was undone, or be deleted by now."""
        self._parts.clear()
        self._nodes.clear()

    def use(self, text: bytes) -> int:
        """The id of a part that a body names itself; counted for that body."""
        part, new = self._part(text)
        if not new:
            self.use_again(part)
        return part

    def use_again(self, part: int) -> None:
        """Count a part that is known to be there once more."""
        self._count(_USE_PART, part)

    def use_if_sighted(self, text: bytes) -> int | None:
        """As `use` from the second time on that a text is met; None at the first."""
        digest = _hash(text)
        if digest not in self._sighted and self._find(digest) is None:
            if len(self._sighted) >= _KEPT:
                self._sighted.clear()
            self._sighted[digest] = None
            return None
        return self.use(text)

    def use_chain(self, parts: Sequence[bytes]) -> int:
        """The id of the list of these parts, one at least; counted for the body that names it."""
        node, new = 0, False
        for text in parts:
            part, new_part = self._part(text)
            key = node, part
            known = None if new_part else self._nodes.get(key) or self._find_node(key)
            if known is None:
                if node and not new:
                    self._count(_USE_NODE, node)
                known, new = self._add_node(key, count_part=not new_part), True
            node = known
        if not new:
            self._count(_USE_NODE, node)
        return node

    def release(self, part: int) -> None:
        """Take back one use of a part."""
        assert self._gathered is None
        row = self._db.execute("UPDATE parts SET uses = uses - 1 WHERE id = ? RETURNING uses", (part,)).fetchone()
        if row is not None and row[0] <= 0:
            self._db.execute("DELETE FROM parts WHERE id = ?", (part,))

    def release_chain(self, node: int) -> None:
        """Take back one use of a list."""
        query = "UPDATE chains SET uses = uses - 1 WHERE id = ? RETURNING uses, parent, part"
        while node:
            row = self._db.execute(query, (node,)).fetchone()
            if row is None or row[0] > 0:
                return
            self._db.execute("DELETE FROM chains WHERE id = ?", (node,))
            self.release(row[2])
            node = row[1]

    def _count(self, statement: str, id: int) -> None:
        if self._gathered is None:
            self._db.execute(statement, (1, id))
        else:
            self._gathered[statement][id] += 1

    def _part(self, text: bytes) -> tuple[int, bool]:
        """The part's id, and whether it is new; a new one is counted for whoever asked."""
        digest = _hash(text)
        known = self._find(digest)
        if known is not None:
            return known, False
        added = self._db.execute(_ADD_PART, (digest, len(text), 1, self._pack(text))).lastrowid
        return self._remember(digest, added), True

    def _find(self, digest: bytes) -> int | None:
        known = self._parts.get(digest)
        if known is None:
            row = self._db.execute(_FIND_PART, (digest,)).fetchone()
            known = None if row is None else self._remember(digest, row[0])
        return known

    def _remember(self, digest: bytes, part: int | None) -> int:
        assert part is not None
        if len(self._parts) >= _KEPT:
            self._parts.clear()
        self._parts[digest] = part
        return part

    def _find_node(self, key: tuple[int, int]) -> int | None:
        row = self._db.execute(_FIND_NODE, key).fetchone()
        return None if row is None else self._remember_node(key, row[0])

    def _add_node(self, key: tuple[int, int], *, count_part: bool) -> int:
        # Its one use is the body's, or that of the node that follows it.
        added = self._db.execute(_ADD_NODE, (*key, 1)).lastrowid
        assert added is not None
        if count_part:
            self._count(_USE_PART, key[1])
        return self._remember_node(key, added)

    def _remember_node(self, key: tuple[int, int], node: int) -> int:
        if len(self._nodes) >= _KEPT:
            self._nodes.clear()
        self._nodes[key] = node
        return node


def chain_of(db: sqlite3.Connection, node: int) -> list[bytes]:
    """The stored parts of a list, in their order. Raises sqlite3.DatabaseError where one is not there."""
    rows = db.execute(
        "WITH RECURSIVE up (parent, part, step) AS ("
        "SELECT parent, part, 0 FROM chains WHERE id = ? "
        "UNION ALL SELECT chains.parent, chains.part, step + 1 FROM up JOIN chains ON chains.id = up.parent) "
        "SELECT up.parent, parts.data FROM up LEFT JOIN parts ON parts.id = up.part ORDER BY step DESC",
        (node,),
    ).fetchall()
    if not rows or rows[0][0] != 0 or any(row[1] is None for row in rows):
        raise sqlite3.DatabaseError(f"a part of chain {node} is missing")
    return [row[1] for row in rows]


def part_of(db: sqlite3.Connection, part: int) -> bytes:
    """A stored part. Raises sqlite3.DatabaseError where it is not there."""
    row = db.execute("SELECT data FROM parts WHERE id = ?", (part,)).fetchone()
    if row is None:
        raise sqlite3.DatabaseError(f"part {part} is missing")
    return bytes(row[0])


def _hash(text: bytes) -> bytes:
    return blake2b(text, digest_size=HASH_BYTES).digest()
