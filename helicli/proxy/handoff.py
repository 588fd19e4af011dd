"""Station 8, the journal's writing end: each exchange appended, record by record, as it happens.

Owns the segment being written and the one thing that could stop a call here: nothing. A journal that is full or fails
drops bodies first, then calls, counts them and says so; no call waits for it or fails by it.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from enum import IntEnum
from pathlib import Path
from time import time_ns

from msgspec.structs import replace

from helicli import journal
from helicli.call import Begin, Charge, End, Head
from helicli.journal import Kind, Position
from helicli.proxy.durability import Disk
from helicli.proxy.masking import Masker, mask_body

_OWED_MAX = 10_000

SMALL = 64 * 1024
"""A call whose both sides are smaller than this, and not streamed, is one `begin` and one `end`."""

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

    `disk` is there where the end of each call waits for it.
    """

    def __init__(self, directory: Path, generation: int, max_bytes: int, disk: Disk | None = None) -> None:
        self._directory = directory
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
        self._open_segment()

    @property
    def waiting_bytes(self) -> int:
        """Bytes appended and not yet reported as recorded."""
        return max(0, self._written - self._done) + self._older

    @property
    def place(self) -> Position:
        """Where the next record goes: everything appended stands before it."""
        return Position(self._generation, self._number, self._size)

    @property
    def pressure(self) -> Pressure:
        """What may still be appended."""
        waiting = self.waiting_bytes
        if waiting > self._max or (self._disk_full and self.failure):
            return Pressure.NO_CALLS
        if waiting > self._max * 0.9 or self._disk_full:
            return Pressure.NO_BODIES
        return Pressure.NONE

    def recorded(self, high: Position, older: int) -> None:
        """Take the recorder's word: everything before `high` has rows; `older` bytes of dead generations wait."""
        self._older = older
        if high.generation == self._generation:
            start = self._segment_starts.get(high.number, self._done)
            self._done = max(self._done, start + high.offset - journal.SEGMENT_HEADER.size)
            for number in [n for n in self._segment_starts if n < high.number]:
                del self._segment_starts[number]

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
            self._cut_back()
            return False
        self._size += written
        self._written += written
        return True

    def look_at_disk(self) -> None:
        """See whether the disk has room; called now and then, never by a call."""
        status = os.statvfs(self._directory)
        reserve = min(status.f_blocks * status.f_frsize * _RESERVE_SHARE, _RESERVE_BYTES)
        self._disk_full = status.f_bavail * status.f_frsize < reserve
        if not self._disk_full:
            self.failure = ""
            while self._owed and self.append(*self._owed[0]):
                self._owed.popleft()

    def owe(self, call: int, end: bytes) -> None:
        """Keep an `end` that could not be appended, to try again when the disk has room."""
        if len(self._owed) < _OWED_MAX:
            self._owed.append((call, Kind.END, end))
        self.dropped_calls += 1

    def _open_segment(self) -> None:
        if self._fd >= 0:
            self._leave_segment()
        fd = -1
        number = self._number + 1
        header = journal.segment_header(self._generation, number)
        path = self._directory / journal.segment_name(self._generation, number)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._number = number
            if os.write(fd, header) != len(header):
                raise OSError("a segment's header could not be written whole")
        except OSError as error:
            self.failure = str(error)
            self._disk_full = True
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


class Handoff:
    """One call's records. Bodies are held back until they are known to be more than small."""

    def __init__(self, writer: Journal, begin: Begin, secrets: list[bytes]) -> None:
        self._journal = writer
        self._call = writer.new_call()
        self._secrets = secrets
        self._request: list[bytes] = []
        self._request_bytes = 0
        self._spread = False
        self._ended = False
        self._sides: dict[Kind, Masker] = {}
        self.redacted = False
        writer.running += 1
        self._kept = writer.pressure < Pressure.NO_CALLS and writer.append(
            self._call, Kind.BEGIN, journal.encode(begin)
        )
        if not self._kept:
            writer.dropped_calls += 1
        self._bodies = True

    def request(self, piece: bytes) -> None:
        """Take a piece of the request body as the client sent it."""
        if not piece or self._ended or not self._room():
            return
        if self._spread:
            self._append_masked(Kind.REQUEST, piece)
            return
        self.redacted |= self.repeats_secret(piece)
        self._request.append(piece)
        self._request_bytes += len(piece)
        if self._request_bytes >= SMALL:
            self._spread_out()

    def charge(self, charges: tuple[Charge, ...]) -> None:
        """Take what limits have counted before the call goes up, so that a kill does not forget it."""
        self._append(Kind.CHARGE, journal.encode(charges))

    def head(self, head: Head) -> None:
        """Take status and headers of an answer whose body comes in pieces."""
        self._spread_out()
        self._append(Kind.HEAD, journal.encode(head))

    def chunk(self, piece: bytes) -> None:
        """Take a piece of the answer as the provider sent it, before it goes to the client."""
        if self._room():
            self._append_masked(Kind.CHUNK, piece)

    def end(self, end: End, head: Head | None = None, response: bytes = b"") -> None:
        """Take the end of the call; `head` and `response` are those of an answer that was not taken in pieces."""
        if self._ended:
            return
        self._ended = True
        self._journal.running -= 1
        if head is not None and len(response) + self._request_bytes >= SMALL:
            self.head(head)
            self.chunk(response)
            head = None
        request: bytes | None = None
        kept_response: bytes | None = None
        if not self._spread and self._room():
            request = self._mask(b"".join(self._request))
            kept_response = self._mask(response) if head is not None else b""
        for kind, side in self._sides.items():
            self._unmask(kind, side.flush())
        marks = {"redacted": self.redacted, "spread": self._spread, "dropped": not self._bodies}
        whole = replace(end, head=head, request=request, response=kept_response, **marks)
        if self._kept and not self._journal.append(self._call, Kind.END, journal.encode(whole)):
            self._journal.owe(self._call, journal.encode(replace(whole, request=None, response=None, dropped=True)))

    async def settled(self) -> None:
        """Wait, where calls are to be on the disk before their last byte goes, until all of this one is."""
        if self._journal.disk is not None and self._kept:
            await self._journal.disk.settled()

    @property
    def settles(self) -> bool:
        """Whether `settled` waits for anything."""
        return self._journal.disk is not None

    def repeats_secret(self, text: bytes) -> bool:
        """Whether one of the call's secrets stands in a text."""
        return any(secret in text for secret in self._secrets)

    def _spread_out(self) -> None:
        if not self._spread:
            self._spread = True
            for piece in self._request:
                self._append_masked(Kind.REQUEST, piece)
            self._request.clear()

    def _room(self) -> bool:
        if self._bodies and self._journal.pressure >= Pressure.NO_BODIES:
            self._bodies = False
            if self._kept:
                self._journal.dropped_bodies += 1
        return self._bodies

    def _append(self, kind: int, payload: bytes) -> None:
        if self._kept and not self._journal.append(self._call, kind, payload):
            self._bodies = False

    def _append_masked(self, kind: Kind, piece: bytes) -> None:
        if not self._secrets:
            self._append(kind, piece)
            return
        side = self._sides.get(kind)
        if side is None:
            side = self._sides[kind] = Masker(self._secrets)
        told, masked = side.feed(piece)
        self.redacted |= side.redacted
        self._unmask(kind, told)
        self._append(kind, masked)

    def _unmask(self, kind: Kind, told: bytes) -> None:
        if told and self._bodies:
            self._append(Kind.UNMASK, bytes((kind,)) + told)

    def _mask(self, piece: bytes) -> bytes:
        masked = mask_body(piece, self._secrets)
        if masked is not piece:
            self.redacted = True
        return masked


def now_ms() -> int:
    """Milliseconds UTC."""
    return time_ns() // 1_000_000
