"""The oracle: llmock, a fake provider by other hands that judges how its clients take its faults.

It has an environment of its own, `.clients/llmock`. `python tests/oracle/oracle.py` makes it, over the network; the
tests themselves never leave this machine, and are skipped where it is missing.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

KEPT = Path(__file__).parents[2] / ".clients" / "llmock"
PACKAGE = "llmock==0.2.2"
PROGRAM = KEPT / "bin" / "llmock"
START_SECONDS = 60


class Oracle:
    """A running llmock."""

    def __init__(self, url: str) -> None:
        self.url = url

    def plays(self, *behaviours: dict[str, Any]) -> None:
        """Queue behaviours, and forget all before them."""
        httpx2.post(f"{self.url}/_llmock/reset").raise_for_status()
        httpx2.post(f"{self.url}/_llmock/scenario", json={"behaviors": list(behaviours)}).raise_for_status()

    def verdict(self) -> dict[str, Any]:
        """What it thinks of its client."""
        return httpx2.get(f"{self.url}/_llmock/verdict").json()

    def attempts(self) -> int:
        """How many requests it has seen."""
        seen = httpx2.get(f"{self.url}/_llmock/requests").json()
        return len(seen["requests"] if isinstance(seen, dict) else seen)


@contextmanager
def running(*options: str) -> Iterator[Oracle]:
    """An oracle on a free port, ended with its block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PROGRAM), "serve", "--port", str(port), "--log-level", "error", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    oracle = Oracle(f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                oracle.verdict()
                break
            except httpx2.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, "llmock did not start"
                time.sleep(0.05)
        yield oracle
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    """Make the environment where it is missing."""
    if PROGRAM.exists():
        return
    sys.stdout.write(f"installing {PACKAGE} into {KEPT}\n")
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "venv", str(KEPT)], check=True)
    python = str(KEPT / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)


if __name__ == "__main__":
    main()
