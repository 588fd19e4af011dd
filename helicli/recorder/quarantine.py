"""Calls that kill the recorder, taken aside so that the others get through.

Owns a marker beside the journal: the place of the batch being read and how often a recorder has died there. After a
death each call is marked by itself, so that the marker names the very one; its third death puts it aside.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from helicli.journal import Position

DEATHS_ALLOWED: Final = 3

_MARK_BYTES: Final = 256

_CAREFUL_CALLS: Final = 5000
"""More than one batch holds: the marker of a batch names only its first call."""


class _Mark(Struct):
    generation: int = 0
    number: int = 0
    offset: int = 0
    deaths: int = 0
    busy: bool = False


class Quarantine:
    """The marker of one journal, as the recorder that starts finds it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "reading"
        self._bad = directory / "bad"
        self._mark = self._load()
        self._suspect = Position(self._mark.generation, self._mark.number, self._mark.offset)
        # Written down only when the suspect is read again: a start that reads nothing is no proof against it.
        self._deaths = self._mark.deaths + 1 if self._mark.busy else 0
        self._unkept: set[Position] = set()
        self._careful_calls = _CAREFUL_CALLS if self._mark.busy else 0

    @property
    def careful(self) -> bool:
        """Whether each call is marked by itself, because a recorder died among the ones that come."""
        return self._careful_calls > 0

    def enter(self, at: Position) -> bool:
        """Mark the place about to be read; False where it has killed too often and must be put aside."""
        if self.careful:
            self._careful_calls -= 1
        elif self._mark.busy:
            return True
        deaths = self._deaths if at == self._suspect else 0
        if deaths >= DEATHS_ALLOWED:
            return False
        self._mark = _Mark(at.generation, at.number, at.offset, deaths, busy=True)
        self._store()
        return True

    def leave(self) -> None:
        """Say that nothing is being read."""
        if self._mark.busy:
            self._mark.busy = False
            self._store()

    def put_aside(self, at: Position, payloads: list[bytes]) -> None:
        """Keep what is known of a call in the folder of bad ones, mode 0600."""
        path = self._bad / f"{at.generation:016x}-{at.number:08x}-{at.offset:08x}"
        try:
            self._bad.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(msgspec.msgpack.encode(payloads))
        except OSError:
            self._unkept.add(at)

    def count(self) -> int:
        """How many calls were put aside, kept or not."""
        return len(self._unkept) + (len(list(self._bad.iterdir())) if self._bad.is_dir() else 0)

    def _load(self) -> _Mark:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Mark)
        except (OSError, msgspec.DecodeError):
            return _Mark()

    def _store(self) -> None:
        # A disk that is full or broken must not stop the recorder here: the marker only helps after a death.
        with suppress(OSError):
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(fd, msgspec.json.encode(self._mark).ljust(_MARK_BYTES), 0)
                os.ftruncate(fd, _MARK_BYTES)
            finally:
                os.close(fd)
