"""One end of the socket pair between the supervisor and a child.

Owns the framing in both kinds of process: the ones with an event loop and the recorder, which sleeps on its link. A
word that would block is dropped; the end of the link means that the other side is dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket

from msgspec import Struct

from helicli.engine.words import LENGTH_BYTES, WORD_MAX, Word, pack, unpack

_BUFFER_MAX = 4 * 1024 * 1024


class AsyncLink:
    """A link in a process with an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> AsyncLink:
        """Take over one end of a socket pair."""
        end.setblocking(False)
        return cls(*await asyncio.open_connection(sock=end, limit=WORD_MAX))

    def say(self, word: Struct) -> None:
        """Send a word; dropped where the other side has not read for long or is gone."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < _BUFFER_MAX:
            self._writer.write(pack(word))

    async def hear(self) -> Word | None:
        """The next word, None when the other side is gone."""
        try:
            length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
            return unpack(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return None

    def close(self) -> None:
        """Close this end."""
        self._writer.close()


class SleepingLink:
    """A link in a process that has nothing to wait for but its link and the clock."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        end.setblocking(False)
        self._buffer = b""
        self.closed = False

    def say(self, word: Struct) -> None:
        """Send a word; dropped where it would block. Words from here are small, so none is sent by half."""
        with contextlib.suppress(OSError):
            self._end.send(pack(word))

    def hear(self, seconds: float) -> Word | None:
        """The next word, None where none came in time; `closed` tells when the other side is gone."""
        word = self._take()
        if word is not None or self.closed:
            if self.closed:
                select.select([], [], [], seconds)
            return word
        if select.select([self._end], [], [], seconds)[0]:
            try:
                data = self._end.recv(65536)
            except BlockingIOError:
                return None
            except OSError:
                data = b""
            self.closed = not data
            self._buffer += data
        return self._take()

    def _take(self) -> Word | None:
        if len(self._buffer) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + int.from_bytes(self._buffer[:LENGTH_BYTES], "big")
        if len(self._buffer) < end:
            return None
        body, self._buffer = self._buffer[LENGTH_BYTES:end], self._buffer[end:]
        return unpack(body)
