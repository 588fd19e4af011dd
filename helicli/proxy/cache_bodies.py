"""The bytes of stored answers that are held in memory, so that a hit on one of them touches no disk.

Pure. Owns their bound; an answer whose bytes have gone from here is still an entry.
"""

from __future__ import annotations

from collections import OrderedDict


class Bodies:
    """The bytes of the entries that were used of late, within a bound."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self.bytes = 0

    def find(self, entry_id: bytes) -> bytes | None:
        """The bytes of an entry, None where they are not in memory."""
        body = self._held.get(entry_id)
        if body is not None:
            self._held.move_to_end(entry_id)
        return body

    def add(self, entry_id: bytes, body: bytes) -> None:
        """Hold the bytes of an entry, in the place of those that were not used for the longest time."""
        self.drop(entry_id)
        self._held[entry_id] = body
        self.bytes += len(body)
        while self.bytes > self._max_bytes:
            self.bytes -= len(self._held.popitem(last=False)[1])

    def drop(self, entry_id: bytes) -> None:
        """Hold the bytes of an entry no longer."""
        self.bytes -= len(self._held.pop(entry_id, b""))
