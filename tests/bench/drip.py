"""The upstream of the streaming bench: answers every chat with a stream of events at a steady pace.

Each event carries the clock at which it was sent, so that what the road adds is told apart from how late this process
was. One thread, one epoll, one write an event: it must always be faster than what is measured through it. The request
says how many events and how many milliseconds apart: `"drip":"50/200"`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import select
import socket
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = (
    b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,'
    b'"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_bench","choices":[{"index":0,"delta":{"content":"%018d"},'
    b'"logprobs":null,"finish_reason":null}]}\n\n'
)
LAST = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
_TICK_NS = 1_000_000
_ASKED = re.compile(rb'"drip":"(\d+)/(\d+)"')
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


@dataclass(eq=False)
class Stream:
    """One connection: the request that comes, and the events still to be sent."""

    connection: socket.socket
    request: bytes = b""
    every: int = 0
    left: int = 0


class Drip:
    """The listening socket, its streams, and at which tick each is due."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._poll = select.epoll()
        self._poll.register(listener, select.EPOLLIN)
        self._streams: dict[int, Stream] = {}
        self._due: defaultdict[int, list[Stream]] = defaultdict(list)
        self._frame = b"%x\r\n" % len(EVENT % 0) + EVENT + b"\r\n"

    def run(self) -> None:
        """Serve for ever."""
        tick = monotonic_ns() // _TICK_NS
        while True:
            for fd, _ in self._poll.poll(0.001 if self._due else None):
                if fd == self._listener.fileno():
                    self._accept()
                else:
                    self._read(self._streams[fd])
            now = monotonic_ns() // _TICK_NS
            if not self._due:
                tick = now
            while tick < now:
                tick += 1
                for stream in self._due.pop(tick, ()):
                    self._send(stream, tick)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._streams[connection.fileno()] = Stream(connection)
        self._poll.register(connection, select.EPOLLIN)

    def _read(self, stream: Stream) -> None:
        try:
            data = stream.connection.recv(65_536)
        except OSError:
            data = b""
        if not data:
            self._close(stream)
            return
        stream.request += data
        head, end, body = stream.request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        asked = _ASKED.search(body)
        stream.request = b""
        stream.every, stream.left = (int(asked[1]), int(asked[2])) if asked else (0, 1)
        self._write(stream, HEAD + self._frame % monotonic_ns())
        self._after(stream, monotonic_ns() // _TICK_NS)

    def _send(self, stream: Stream, tick: int) -> None:
        if stream.left and stream.connection.fileno() >= 0:
            self._write(stream, self._frame % monotonic_ns())
            self._after(stream, tick)

    def _after(self, stream: Stream, tick: int) -> None:
        stream.left -= 1
        if stream.left > 0:
            self._due[tick + stream.every].append(stream)
        else:
            self._write(stream, LAST)

    def _write(self, stream: Stream, data: bytes) -> None:
        try:
            if stream.connection.send(data) == len(data):
                return
        except OSError:
            pass
        # Whoever does not read what comes at this pace is not to be waited for.
        self._close(stream)

    def _close(self, stream: Stream) -> None:
        if stream.connection.fileno() >= 0:
            self._streams.pop(stream.connection.fileno(), None)
            stream.connection.close()
        stream.left = 0


def main() -> None:
    """Serve on a free loopback port and write `{"address", "pid"}` to the ready file."""
    parser = argparse.ArgumentParser(description="An upstream that streams at a steady pace.")
    parser.add_argument("--ready-file", type=Path, required=True)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    ready = {"address": f"http://127.0.0.1:{listener.getsockname()[1]}", "pid": os.getpid()}
    partial = options.ready_file.with_suffix(".partial")
    partial.write_text(json.dumps(ready))
    partial.replace(options.ready_file)
    gc.disable()
    Drip(listener).run()


if __name__ == "__main__":
    main()
