"""The cache bench: what a hit and a miss cost beside the bare road, from a request's first byte to the answer's last.

One client on one kept connection, 2 KB asked, 1 KB answered by nginx; the kinds of call take turns, because a shared
machine drifts. With `--calls N` that many of each. Also what an entry costs in memory. It exits 1 when a hit is none.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import tempfile
import time
import tracemalloc
from hashlib import sha256
from pathlib import Path
from typing import Final

import lanes
from load import PATH, REQUEST

from helicli.caching import MAX_ENTRIES, Entry
from helicli.proxy.cache_index import Index

ENTRIES: Final = MAX_ENTRIES
FEW: Final = 40_000
T0, T1 = 1_800_000_000_000, 1_800_600_000_000
KINDS: Final = ("direct", "road", "miss", "hit", "hit as stream")
_CACHED: Final = "Helicone-Cache-Enabled: true\r\n"


class Line:
    """One kept connection."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, request: bytes) -> tuple[float, bytes]:
        """Milliseconds until the last byte, and the answer's head."""
        start = time.perf_counter_ns()
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < size:
            body += self._receive()
        return (time.perf_counter_ns() - start) / 1e6, head.lower()

    def _receive(self) -> bytes:
        piece = self._socket.recv(65_536)
        if not piece:
            raise lanes.LaneError("the connection was closed")
        return piece


def request(body: str, fields: str = "") -> bytes:
    """A call as it stands on the wire."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Authorization: Bearer sk-bench\r\n{fields}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def measure(direct: str, road: str, calls: int) -> dict[str, list[float]]:
    """The times of each kind of call, one of each in turn."""
    lines = {"direct": Line(direct)} | {kind: Line(road) for kind in KINDS[1:]}
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    plain, cached = request(REQUEST), request(REQUEST, _CACHED)
    streamed = request(REQUEST[:-1] + ', "stream": true}', _CACHED)
    lines["hit"].call(cached)
    for number in range(calls + calls // 10):
        unheard = request(REQUEST.replace("terse", f"terse {number:07}"), _CACHED)
        for kind, what in zip(KINDS, (plain, plain, unheard, cached, streamed), strict=True):
            milliseconds, head = lines[kind].call(what)
            if kind != "direct" and (b"helicone-cache-hit: true" in head) is not kind.startswith("hit"):
                raise lanes.LaneError(f"a {kind} was none: {head!r}")
            if number >= calls // 10:
                took[kind].append(milliseconds)
    return took


def entry_bytes(entries: int, a_seed: int) -> float:
    """Bytes of memory for each entry of a full index, of which so many have a seed in common."""
    tracemalloc.start()
    index = Index(entries, 1 << 40)
    for number in range(entries):
        name = number.to_bytes(16, "big")
        entry = Entry(
            name,
            sha256(name).digest()[:16],
            0,
            "local",
            f"user-{number // a_seed}",
            T0 + number,
            T1 + number,
            "json",
            "x",
            False,
            1000 + number,
            900,
        )
        index.put(entry, T0, None)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / entries


def main() -> int:
    """Run the bench; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3000)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="helicli-bench-") as name:
        folder = Path(name)
        try:
            with lanes.mock(folder) as mock, lanes.helicli(folder, mock.address) as road:
                took = measure(mock.address, road.address, calls)
        except lanes.LaneError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    lines = [f"{'ms':<14}{'p50':>8}{'p95':>8}{'p99':>8}   of {calls:,} calls each"]
    for kind in KINDS:
        cuts = statistics.quantiles(took[kind], n=100)
        lines.append(f"{kind:<14}{cuts[49]:>8.3f}{cuts[94]:>8.3f}{cuts[98]:>8.3f}")
    lines.append(f"an entry in memory takes {entry_bytes(ENTRIES, ENTRIES):,.0f} bytes, of {ENTRIES:,} of one seed;")
    lines += [f"of {each} a seed {entry_bytes(FEW, each):,.0f}, of {FEW:,}" for each in (10, 1)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
