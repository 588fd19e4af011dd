"""Header fields by comparison: a program sends the same ones with every call, but for a date, a length, an id.

Owns the choice of the list that others are compared with, and how a difference is written. A template has the same
names in the same order; templates are parts, so they are counted and go like parts.
"""

from __future__ import annotations

from itertools import compress
from operator import itemgetter, ne
from typing import Final

import msgspec

from helicli.call import Headers
from helicli.store.packing import varint, varints
from helicli.store.parts import Parts

_SHAPES: Final = 1_000
_PER_SHAPE: Final = 4
_NAME: Final = itemgetter(0)
_VALUE: Final = itemgetter(1)
_pairs: Final = msgspec.json.Decoder(list[tuple[str, str]])


class Templates:
    """The lists that header fields were compared with of late, by the names in them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[tuple[bytes, ...], list[tuple[int, list[bytes]]]] = {}

    def forget(self) -> None:
        """Drop what is remembered: it may have been written in a transaction that was undone, or be deleted by now."""
        self._known.clear()

    def compare(self, fields: Headers) -> tuple[int, bytes]:
        """The part that fields are compared with, counted for them, and what is different: (index, length, value)*."""
        names = tuple(map(_NAME, fields))
        values = list(map(_VALUE, fields))
        known = self._known.get(names)
        if known is None:
            if len(self._known) >= _SHAPES:
                self._known.clear()
            known = self._known[names] = []
        best: list[int] | None = None
        chosen = size = 0
        for part, template in known:
            different = list(compress(range(len(values)), map(ne, values, template)))
            weight = sum([len(values[at]) for at in different])
            if best is None or weight < size:
                best, chosen, size = different, part, weight
        if best is None or (len(known) < _PER_SHAPE and 2 * size > sum(map(len, values))):
            part = self._parts.use(_encode(fields))
            known.append((part, values))
            return part, b""
        self._parts.use_again(chosen)
        return chosen, b"".join([varints(at, len(values[at])) + values[at] for at in best])


def fields_from(template: bytes, different: bytes) -> list[tuple[str, str]]:
    """The fields that were compared."""
    fields = _pairs.decode(template)
    at = 0
    while at < len(different):
        index, at = varint(different, at)
        size, at = varint(different, at)
        fields[index] = fields[index][0], different[at : at + size].decode("latin-1")
        at += size
    return fields


def _encode(fields: Headers) -> bytes:
    return msgspec.json.encode([(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields])
