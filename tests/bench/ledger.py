"""What a lane used and what it kept: CPU and memory from /proc, calls from nginx's counter, rows from the database.

A call is lost when nginx served it and the database has no row for it, so calls cut off at the end of a round count
too. Reads only.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
import urllib.request
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


class Stuck(Exception):
    """The journal did not become empty in time."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> dict[str, float]:
    """Resident memory now and at its highest, in MB (10**6 bytes)."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.MULTILINE))
    return {"now": int(found["VmRSS"]) * 1024 / 1e6, "peak": int(found["VmHWM"]) * 1024 / 1e6}


def get(address: str) -> bytes:
    """The body of a GET."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bytes(answer.read())


class Served:
    """How many calls the mock at `address` has served, its own questions left out."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked = 0

    def now(self) -> int:
        self.asked += 1
        return int(get(f"{self.address}/bench/served").split(b"requests")[1].split()[2]) - self.asked

    def settled(self) -> int:
        """The count once it has stood still for 0.2 s: calls that wrk cut off still arrive after it has ended, and
        must not be counted for the next lane."""
        last, still = self.now(), 0
        while still < 4:
            time.sleep(0.05)
            count = self.now()
            still = still + 1 if count == last else 0
            last = count
        return last


def health(address: str) -> dict[str, Any]:
    """What helicli says of itself."""
    said: dict[str, Any] = json.loads(get(f"{address}/healthcheck"))
    return said


def wait_empty(address: str, patience: float = 300) -> float:
    """Seconds until the journal is empty, to 20 ms."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < patience:
        if health(address)["journal"]["waiting_bytes"] == 0:
            return waited
        time.sleep(0.02)
    raise Stuck(f"the journal is not empty after {patience:.0f} s: {health(address)['journal']}")


def rows(database: Path) -> int:
    """Calls in the database."""
    connection = sqlite3.connect(database.as_uri() + "?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM calls").fetchone()[0])
    finally:
        connection.close()
