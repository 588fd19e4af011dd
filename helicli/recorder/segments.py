"""The journal read in order, from files that another process is still writing.

Owns descriptors and the place reached. Yields whole records only; a torn tail is waited for while its proxy lives, is
normal where a proxy died, and is counted and stepped over anywhere else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from helicli import journal
from helicli.journal import Position, Record

READ_BYTES: Final = 1024 * 1024

CARRIED: Final = 0xFFFFFFFF
"""The segment number under which the records of the carry file are found."""


class Entry(NamedTuple):
    """A record and where it stands: it begins at `at`, the next one at `after`."""

    at: Position
    after: Position
    record: Record


class EndOfGeneration(NamedTuple):
    """Said once when a later generation has begun: `generation` will get no more records."""

    generation: int


class Segments:
    """Reads the segments of one journal from a position on."""

    def __init__(self, directory: Path, start: Position) -> None:
        self.directory = directory
        self.place = start._replace(offset=max(start.offset, journal.SEGMENT_HEADER.size))
        self.bad_records = 0
        self._fds: dict[tuple[int, int], int] = {}
        self._known: list[tuple[int, int]] = []

    def read(self, limit: int) -> Iterator[Entry | EndOfGeneration]:
        """What there is from the place reached on, about `limit` bytes of it; moves the place."""
        taken = 0
        while taken < limit:
            before = self.place
            for entry in self._read_segment(limit - taken):
                taken += entry.record.size
                yield entry
            if self.place != before:
                continue
            following = self._following()
            if following is None:
                return
            if self._grown() or self.step_over():
                continue
            if following[0] != self.place.generation and self.place.generation:
                yield EndOfGeneration(self.place.generation)
            self.place = Position(*following, journal.SEGMENT_HEADER.size)

    def fetch_record(self, at: Position, size: int) -> tuple[int, bytes]:
        """Kind and payload of the record of `size` bytes at a place that was read before."""
        data = os.pread(self._open(at.generation, at.number), size, at.offset)
        record = journal.unpack(data, 0)
        if record is None:
            raise OSError(f"the record at {at} can no longer be read")
        return record.kind, record.payload

    def write_carry(self, generation: int, number: int, records: Iterable[Record]) -> str:
        """Write records to a carry file, safe on the disk before it has its name, and read from it; its name.

        Raises OSError where they cannot be read or written; then nothing has changed.
        """
        name = journal.carry_name(generation, number)
        unfinished = self.directory / f"{name}.new"
        fd = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(fd, journal.segment_header(generation, number))
            for record in records:
                _write_all(fd, journal.pack(record.call, record.kind, record.payload))
            _sync(fd)
            unfinished.rename(self.directory / name)
            self._sync_directory()
        except OSError:
            os.close(fd)
            raise
        self._replace_carry(generation, fd)
        return name

    def open_carry(self, name: str) -> Iterator[Entry]:
        """The records of a carry file; its entries stand in the segment number CARRIED."""
        parsed = journal.parse_name(name)
        try:
            fd = os.open(self.directory / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        generation = parsed[0] if parsed else 0
        self._replace_carry(generation, fd)
        at, size = journal.SEGMENT_HEADER.size, os.fstat(fd).st_size
        while at < size:
            record = journal.unpack(_read_from(fd, at, 0), 0)
            if record is None:
                self.bad_records += 1
                return
            following = at + record.size
            yield Entry(Position(generation, CARRIED, at), Position(generation, CARRIED, following), record)
            at = following

    def remove_carries(self, keep: str | None) -> None:
        """Delete every carry file but one, those that were never finished too."""
        for path in list(self.directory.iterdir()):
            parsed = journal.parse_name(path.name.removesuffix(".new"))
            if parsed and parsed[2] and path.name != keep:
                path.unlink(missing_ok=True)

    def sync(self) -> None:
        """Force what the proxy has appended to the segment being read to the disk."""
        fd = self._fds.get(self.place[:2])
        if fd is not None:
            _sync(fd)

    def waiting_bytes(self, high: Position) -> int:
        """Bytes of records after `high`."""
        total = 0
        for name in self._listed():
            if name >= high[:2]:
                start = high.offset if name == high[:2] else journal.SEGMENT_HEADER.size
                total += max(0, (self.directory / journal.segment_name(*name)).stat().st_size - start)
        return total

    def written_at(self, generation: int) -> int:
        """Milliseconds UTC of the last write of a generation, 0 where none of its segments is left."""
        paths = [self.directory / journal.segment_name(*name) for name in self._listed() if name[0] == generation]
        return int(max((path.stat().st_mtime for path in paths), default=0) * 1000)

    def remove_before(self, low: Position) -> int:
        """Delete the segments that lie wholly before `low`; how many."""
        gone = [name for name in self._listed() if name < low[:2]]
        for name in gone:
            (self.directory / journal.segment_name(*name)).unlink(missing_ok=True)
            fd = self._fds.pop(name, None)
            if fd is not None:
                os.close(fd)
        return len(gone)

    def remove_all(self) -> None:
        """Delete every segment: all were read to their end and none will be written again."""
        for generation, number in self._listed()[-1:]:
            self.remove_before(Position(generation, number + 1, 0))

    def close(self) -> None:
        """Close the files."""
        for fd in self._fds.values():
            os.close(fd)
        self._fds.clear()

    def _replace_carry(self, generation: int, fd: int) -> None:
        for name in [name for name in self._fds if name[1] == CARRIED]:
            os.close(self._fds.pop(name))
        self._fds[generation, CARRIED] = fd

    def _sync_directory(self) -> None:
        fd = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _listed(self) -> list[tuple[int, int]]:
        found = [journal.parse_name(path.name) for path in self.directory.iterdir()]
        self._known = sorted((each[0], each[1]) for each in found if each and not each[2])
        return self._known

    def _following(self) -> tuple[int, int] | None:
        if any(name > self.place[:2] for name in self._known) or self._listed():
            return next((name for name in self._known if name > self.place[:2]), None)
        return None

    def _open(self, generation: int, number: int) -> int:
        fd = self._fds.get((generation, number))
        if fd is None:
            fd = os.open(self.directory / journal.segment_name(generation, number), os.O_RDONLY | os.O_CLOEXEC)
            self._fds[generation, number] = fd
        return fd

    def _read_segment(self, limit: int) -> Iterator[Entry]:
        generation, number, offset = self.place
        if not generation:
            return
        try:
            fd = self._open(generation, number)
        except FileNotFoundError:
            return
        data = _read_from(fd, offset, min(READ_BYTES, limit))
        at = 0
        while (record := journal.unpack(data, at)) is not None:
            start = Position(generation, number, offset + at)
            at += record.size
            self.place = Position(generation, number, offset + at)
            yield Entry(start, self.place, record)

    def _grown(self) -> bool:
        """Whether the segment at the place has a whole record after all: written just before the next segment."""
        try:
            fd = self._open(*self.place[:2])
        except FileNotFoundError:
            return False
        return journal.unpack(_read_from(fd, self.place.offset, 0), 0) is not None

    def step_over(self) -> bool:
        """Step over bytes that are no record; False where nothing readable is left in the segment.

        Only for a segment that will not grow: what is torn may be a record that is still being written.
        """
        try:
            fd = self._open(*self.place[:2])
        except FileNotFoundError:
            return False
        rest = os.pread(fd, os.fstat(fd).st_size - self.place.offset, self.place.offset)
        if not rest:
            return False
        at = rest.find(journal.RECORD_MAGIC, 1)
        while at >= 0:
            if journal.unpack(rest, at) is not None:
                self.bad_records += 1
                self.place = self.place._replace(offset=self.place.offset + at)
                return True
            at = rest.find(journal.RECORD_MAGIC, at + 1)
        if (self.place.generation, self.place.number + 1) in self._known:
            self.bad_records += 1
        return False


def _read_from(fd: int, offset: int, want: int) -> bytes:
    """At least the record at an offset, where the file holds the whole of it, and up to `want` bytes."""
    data = os.pread(fd, max(want, journal.RECORD_HEADER.size), offset)
    needed = journal.wanted(data, 0)
    if len(data) < needed <= os.fstat(fd).st_size - offset:
        return os.pread(fd, needed, offset)
    return data


def _sync(fd: int) -> None:
    """Force a file's data to the disk; macOS has only the dearer fsync."""
    getattr(os, "fdatasync", os.fsync)(fd)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
