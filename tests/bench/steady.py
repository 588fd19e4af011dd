"""A load of so many calls a second, whatever answers: how long each took, from the moment it was due or sent.

One thread, one epoll. A call that is due while no connection is free waits, and its waiting counts: an engine that
stands still for a second is not seen as one slow call. Prints one line of JSON, a failed call is never left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import select
import socket
import sys
from collections import deque
from time import perf_counter
from urllib.parse import urlsplit

from load import PATH, REQUEST

CLIENTS = 64
USERS = 50


class Connection:
    """A kept connection, and since when its call runs."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.data = b""

    def whole(self) -> bool:
        """Whether the answer has come to its end."""
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return False
        return len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


def requests(host: str) -> list[bytes]:
    """A call of each user."""
    body = REQUEST.encode()
    lines = [f"POST {PATH} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    lines += ["Authorization: Bearer sk-bench", "Accept-Encoding: identity", f"Content-Length: {len(body)}"]
    heads = ["\r\n".join([*lines, f"Helicone-User-Id: user-{number}", "", ""]) for number in range(USERS)]
    return [head.encode() + body for head in heads]


def run(address: str, rate: float, seconds: float) -> tuple[list[float], int]:
    """The milliseconds of each call, and how many were not answered with 200."""
    parts = urlsplit(address)
    assert parts.hostname is not None and parts.port is not None
    made = [Connection((parts.hostname, parts.port)) for _ in range(CLIENTS)]
    asked = requests(parts.netloc)
    poll, by_fd = select.epoll(), {each.socket.fileno(): each for each in made}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    took: list[float] = []
    free, failed, number, full = deque(made), 0, 0, False
    gc.disable()
    begun = perf_counter()
    # A while is left for what still runs at the end.
    while len(took) < number or perf_counter() < begun + seconds:
        now = perf_counter()
        if now > begun + seconds + 20:
            break
        while (due := begun + number / rate) <= now and due < begun + seconds:
            if not free:
                full = True
                break
            connection = free.popleft()
            connection.since, connection.data = (due if full else perf_counter()), b""
            connection.socket.sendall(asked[number % USERS])
            number += 1
        else:
            full = False
        wait = begun + number / rate - perf_counter() if free and now < begun + seconds else 1.0
        for fd, _ in poll.poll(max(0.0, wait)):
            connection = by_fd[fd]
            came = connection.socket.recv(65_536)
            connection.data += came
            if connection.whole():
                took.append((perf_counter() - connection.since) * 1000)
                failed += not connection.data.startswith(b"HTTP/1.1 200")
                free.append(connection)
            elif not came:
                raise SystemExit("the engine closed a connection")
    return took, failed + number - len(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    took, failed = run(given.address, given.rate, given.seconds)
    sys.stdout.write(json.dumps({"took": [round(each, 3) for each in took], "failed": failed}) + "\n")
    sys.stdout.flush()
    # The connections end with the process.
    os._exit(0)


if __name__ == "__main__":
    main()
