"""The calls that were marked.

Owns them for all screens: a mark stays while filters come and go, until it is taken away. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator


class Marks:
    """Seqs, in the order in which they were marked."""

    def __init__(self) -> None:
        self._seqs: dict[int, None] = {}

    def __contains__(self, seq: object) -> bool:
        return seq in self._seqs

    def __len__(self) -> int:
        return len(self._seqs)

    def __iter__(self) -> Iterator[int]:
        """The newest call first."""
        return iter(sorted(self._seqs, reverse=True))

    def turn(self, seq: int) -> None:
        """Mark a call, or take its mark away."""
        if seq in self._seqs:
            del self._seqs[seq]
        else:
            self._seqs[seq] = None

    def clear(self) -> None:
        """Take all marks away."""
        self._seqs.clear()

    def other(self, seq: int) -> int | None:
        """The call that was marked last, besides one; None where there is no other."""
        return next((each for each in reversed(self._seqs) if each != seq), None)
