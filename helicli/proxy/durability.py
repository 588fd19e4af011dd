"""Durability `sync`: the last byte of a call waits until the disk has what the journal has of it.

Owns the grouped fdatasync: calls that end while one runs share the next. It runs in a thread; a disk that fails is
counted and told, and never fails a call.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helicli.providers.read import has_ended

_EVENT_MAX = 1024 * 1024


def sync_file(fd: int) -> None:
    """Force a file's data to the disk; macOS has only the dearer fsync."""
    getattr(os, "fdatasync", os.fsync)(fd)


class Disk:
    """The segments that are not known to be on the disk, and the calls that wait for it. Used in one event loop."""

    def __init__(self, directory: Path, sync: Callable[[int], None] = sync_file) -> None:
        self._directory = directory
        self._sync = sync
        self._open = -1
        self._left: list[int] = []
        self._named = True
        self._waiting: list[asyncio.Future[None]] = []
        self._rounds: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "journal-sync")
        self.failures = 0
        self.failure = ""

    def opened(self, fd: int) -> None:
        """Take the segment that is written from now on; its name has to reach the disk too."""
        self._open, self._named = fd, False

    def left(self, fd: int) -> None:
        """Take over a segment that is written no more: it is closed once it was synced."""
        self._open = -1
        self._left.append(fd)
        self._begin()

    async def settled(self) -> None:
        """Wait until all that has been appended is on the disk, or the disk has failed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._begin()
        await future

    def _begin(self) -> None:
        if self._rounds is None:
            self._rounds = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """One round after another while somebody waits; a segment is closed by a round, so by no other meanwhile."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting or self._left:
                waiting, self._waiting = self._waiting, []
                left, self._left = self._left, []
                named, self._named = self._named, True
                try:
                    await loop.run_in_executor(self._thread, self._round, left, self._open, named)
                except OSError as error:
                    self.failures += 1
                    self.failure = str(error)
                    self._named = self._named and named
                finally:
                    for future in waiting:
                        if not future.done():
                            future.set_result(None)
        finally:
            self._rounds = None

    def _round(self, left: list[int], opened: int, named: bool) -> None:
        """In the thread. Every file is tried; the first failure is raised at the end."""
        failed: OSError | None = None
        for fd in (*left, opened):
            try:
                if fd >= 0:
                    self._sync(fd)
            except OSError as error:
                failed = failed or error
        for fd in left:
            os.close(fd)
        if not named:
            self._sync_names()
        if failed is not None:
            raise failed

    def _sync_names(self) -> None:
        fd = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


class LastEvent:
    """Tells which piece of a stream carries its last event, by the dialect; of lines where `lines` says so.

    Pieces that end no event are only kept: a picture in one event comes in hundreds of them.
    """

    def __init__(self, dialect: str, path: str, *, lines: bool) -> None:
        self._dialect = dialect
        self._path = path
        self._ends = (b"\n",) if lines else (b"\n\n", b"\n\r\n", b"\r\r")
        self._begun: list[bytes] = []
        self._size = 0
        self._before = b""
        self._too_large = False

    def is_in(self, piece: bytes) -> bool:
        """Whether the last event ends in this piece. An event too large to be held counts as one that may be it."""
        near = self._before + piece
        self._before = near[-2:]
        self._begun.append(piece)
        self._size += len(piece)
        found = False
        if any(end in near for end in self._ends):
            text = b"".join(self._begun)
            found, self._too_large = self._too_large or has_ended(self._dialect, self._path, text), False
            self._keep(text[max(text.rfind(end) + len(end) if end in text else 0 for end in self._ends) :])
        if self._size > _EVENT_MAX:
            self._too_large = True
            self._keep(self._before)
        return found

    def _keep(self, begun: bytes) -> None:
        self._begun, self._size = [begun], len(begun)
