"""The segments that the proxy appends to: where records go, how full they are, what happens when the disk fails.

Owns the segment being written and the lock that says the proxy lives. A record that could not be written whole is cut
off again; nothing here waits for the recorder, and only `Disk` waits for the disk.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from enum import IntEnum
from pathlib import Path

from helicli import journal
from helicli.journal import Kind, Position
from helicli.proxy.durability import Disk

_OWED_MAX = 10_000

_RESERVE_SHARE = 0.10
_RESERVE_BYTES = 5_000_000_000
"""The journal leaves a tenth of the disk free; of a large disk so many bytes, else a full one would log nothing."""


class Pressure(IntEnum):
    """How full the journal is."""

    NONE = 0
    NO_BODIES = 1
    NO_CALLS = 2


class Journal:
    """Appends records to the segments of one generation. One per proxy; holds the lock that says the proxy lives.

    It writes into `directory`; `disk` is there where the end of each call waits for it.
    """

    def __init__(self, directory: Path, generation: int, max_bytes: int, disk: Disk | None = None) -> None:
        self.directory = directory
        self._generation = generation
        self._max = max_bytes
        self.disk = disk
        self._live = os.open(directory / journal.LIVE_NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._live, fcntl.LOCK_EX)
        self._number = 0
        self._size = 0
        self._fd = -1
        self._calls = 0
        self._written = 0
        self._segment_starts: dict[int, int] = {}
        self._done = 0
        self._older = 0
        self._disk_full = False
        self._owed: deque[tuple[int, int, bytes]] = deque()
        self.running = 0
        self.dropped_bodies = 0
        self.dropped_calls = 0
        self.failure = ""
        self.pressure = Pressure.NONE
        """What may still be appended."""
        self._weigh_at = 0
        self._weigh()
        self._open_segment()

    @property
    def waiting_bytes(self) -> int:
        """Bytes appended and not yet reported as recorded."""
        return max(0, self._written - self._done) + self._older

    @property
    def place(self) -> Position:
        """Where the next record goes: everything appended stands before it."""
        return Position(self._generation, self._number, self._size)

    def recorded(self, high: Position, older: int) -> None:
        """Take the recorder's word: everything before `high` has rows; `older` bytes of dead generations wait."""
        self._older = older
        if high.generation == self._generation:
            start = self._segment_starts.get(high.number, self._done)
            self._done = max(self._done, start + high.offset - journal.SEGMENT_HEADER.size)
            for number in [n for n in self._segment_starts if n < high.number]:
                del self._segment_starts[number]
        self._weigh()

    def new_call(self) -> int:
        """A number for a call, unique in this generation."""
        self._calls += 1
        return self._calls

    def append(self, call: int, kind: int, payload: bytes) -> bool:
        """Append one record; False where it could not be kept."""
        record = journal.pack(call, kind, payload)
        if self._size >= journal.SEGMENT_BYTES or self._fd < 0:
            self._open_segment()
            if self._fd < 0:
                return False
        try:
            written = os.write(self._fd, record)
            if written != len(record):
                raise OSError(f"only {written} of {len(record)} bytes could be written")
        except OSError as error:
            self.failure = str(error)
            self._disk_full = True
            self._weigh()
            self._cut_back()
            return False
        self._size += written
        self._written += written
        if self._written >= self._weigh_at:
            self._weigh()
        return True

    def look_at_disk(self) -> None:
        """See whether the disk has room; called now and then, never by a call."""
        status = os.statvfs(self.directory)
        reserve = min(status.f_blocks * status.f_frsize * _RESERVE_SHARE, _RESERVE_BYTES)
        self._disk_full = status.f_bavail * status.f_frsize < reserve
        if not self._disk_full:
            self.failure = ""
        self._weigh()
        if not self._disk_full:
            while self._owed and self.append(*self._owed[0]):
                self._owed.popleft()

    def owe(self, call: int, kind: Kind, payload: bytes) -> None:
        """Keep an `end` or `clear` that could not be appended, to try again when the disk has room."""
        if len(self._owed) < _OWED_MAX:
            self._owed.append((call, kind, payload))
        if kind == Kind.END:
            self.dropped_calls += 1

    def _weigh(self) -> None:
        """Work the pressure out; where nothing but bytes is added, it stays until `_weigh_at` have been written."""
        waiting, bodies, calls = self.waiting_bytes, int(self._max * 0.9), self._max
        if waiting > calls or (self._disk_full and self.failure):
            self.pressure = Pressure.NO_CALLS
        elif waiting > bodies or self._disk_full:
            self.pressure = Pressure.NO_BODIES
        else:
            self.pressure = Pressure.NONE
        self._weigh_at = self._written + max(1, (bodies if waiting <= bodies else calls) - waiting)

    def _open_segment(self) -> None:
        if self._fd >= 0:
            self._leave_segment()
        fd = -1
        number = self._number + 1
        header = journal.segment_header(self._generation, number)
        path = self.directory / journal.segment_name(self._generation, number)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._number = number
            if os.write(fd, header) != len(header):
                raise OSError("a segment's header could not be written whole")
        except OSError as error:
            self.failure = str(error)
            self._disk_full = True
            self._weigh()
            if fd >= 0:
                os.close(fd)
            return
        self._fd, self._size = fd, len(header)
        self._segment_starts[number] = self._written
        if self.disk is not None:
            self.disk.opened(fd)

    def _leave_segment(self) -> None:
        if self.disk is None:
            os.close(self._fd)
        else:
            self.disk.left(self._fd)
        self._fd = -1

    def _cut_back(self) -> None:
        """Take a torn record off again, so that nothing follows it."""
        if self._fd < 0:
            return
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            self._leave_segment()
