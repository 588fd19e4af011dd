"""The load of the streaming bench: reads many streams at once and notes when each event came.

One thread, one epoll, no library between: it must always be faster than what is measured through it. Clocks are
nanoseconds of the machine's monotonic clock, which mock and load share. A stream that ends early is an error, never a
figure.
"""

from __future__ import annotations

import gc
import json
import re
import select
import socket
from dataclasses import dataclass, field
from time import monotonic_ns
from urllib.parse import urlsplit

from load import PATH, QUESTION

_SENT = re.compile(rb'"content":"(\d{18})"')
_DONE = b"[DONE]"


class StreamError(Exception):
    """A stream that did not come, or not to its end."""


@dataclass(eq=False)
class Stream:
    """What came on one connection: clocks of sending and of coming, event by event."""

    connection: socket.socket
    asked_ns: int = 0
    sent: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)
    rest: bytes = b""
    done: bool = False

    def gaps_ms(self) -> list[float]:
        """From one event to the next, as the client sees it."""
        return [(b - a) / 1e6 for a, b in zip(self.came, self.came[1:], strict=False)]

    def added_gaps_ms(self) -> list[float]:
        """How much longer each gap is than the one that was sent."""
        late = [b - a for a, b in zip(self.sent, self.came, strict=True)]
        return [(b - a) / 1e6 for a, b in zip(late, late[1:], strict=False)]


def request(address: str, every_ms: int, count: int) -> bytes:
    """A streamed chat completion of about 2 KB."""
    chat = {
        "model": "gpt-4o-mini",
        "stream": True,
        "metadata": {"drip": f"{every_ms}/{count}"},
        "messages": [{"role": "user", "content": QUESTION}],
    }
    body = json.dumps(chat, separators=(",", ":")).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer sk-bench\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def drink(
    address: str, streams: int, every_ms: int, count: int, ramp: float = 0.0, patience: float = 30
) -> list[Stream]:
    """So many streams at once, begun evenly over `ramp` seconds, each read to its end."""
    parts = urlsplit(address)
    asking = request(address, every_ms, count)
    made: list[Stream] = []
    for _ in range(streams):
        connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.append(Stream(connection))
    gc.collect()
    gc.disable()
    try:
        _read_all(made, asking, ramp, ramp + every_ms * count / 1000 + patience)
    finally:
        gc.enable()
        for stream in made:
            stream.connection.close()
    short = [stream for stream in made if len(stream.came) != count]
    if short:
        raise StreamError(f"{len(short)} of {streams} streams did not come to their end: {short[0].rest[:300]!r}")
    return made


def first_bytes(address: str, count: int) -> list[float]:
    """Microseconds from request to first event of short streams, one after another on one connection."""
    parts = urlsplit(address)
    asking = request(address, 1, 2)
    found = []
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            asked = monotonic_ns()
            connection.sendall(asking)
            seen, first = b"", 0
            while not seen.endswith(b"\r\n0\r\n\r\n"):
                data = connection.recv(65_536)
                if not data:
                    raise StreamError(f"a stream did not come to its end: {seen[:300]!r}")
                seen += data
                if not first and _SENT.search(seen):
                    first = monotonic_ns()
            found.append((first - asked) / 1000)
    return found


def _read_all(streams: list[Stream], asking: bytes, ramp: float, limit: float) -> None:
    poll = select.epoll()
    by_fd = {stream.connection.fileno(): stream for stream in streams}
    waiting = list(reversed(streams))
    begun = monotonic_ns()
    step = int(ramp * 1e9 / len(streams))
    end = begun + int(limit * 1e9)
    running = len(streams)
    try:
        while running and monotonic_ns() < end:
            while waiting and monotonic_ns() >= begun + step * (len(streams) - len(waiting)):
                stream = waiting.pop()
                stream.asked_ns = monotonic_ns()
                stream.connection.sendall(asking)
                stream.connection.setblocking(False)
                poll.register(stream.connection, select.EPOLLIN)
            for fd, _ in poll.poll(0.001 if waiting else 1):
                stream = by_fd[fd]
                if not _read(stream):
                    poll.unregister(fd)
                    running -= 1
    finally:
        poll.close()


def _read(stream: Stream) -> bool:
    """Take what has come; False at the end."""
    try:
        data = stream.connection.recv(65_536)
    except BlockingIOError:
        return True
    except OSError:
        return False
    now = monotonic_ns()
    rest = stream.rest + data if stream.rest else data
    end = 0
    for found in _SENT.finditer(rest):
        stream.sent.append(int(found[1]))
        stream.came.append(now)
        end = found.end()
    stream.rest = rest[end:]
    return bool(data) and _DONE not in stream.rest
