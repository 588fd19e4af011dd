"""The prompts bench: what a stored prompt adds to a call, beside the same call with its text written out.

One client on one kept connection each, nginx as the provider, 2 KB going up; the kinds of call take turns, because a
shared machine drifts. It exits 1 when a prompt was not used, or adds more than 0.1 ms to the p50.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

import lanes
from cache import Line
from load import PATH

from helicli.engine import prompts
from helicli.prompts import File, Source
from helicli.store.prompts import Push

MOST_MS: Final = 0.1
RULES: Final = "Answer tersely and to the point. " * 55
QUESTION: Final = "How do I reset my password? I have tried everything. " * 4
SYSTEM: Final = f"You are {{{{tone}}}}. {RULES}"
TEXT: Final = f"+++\n[parameters]\ntemperature = 0.2\n+++\n## system\n{SYSTEM}\n\n## user\n{{{{question}}}}\n"
VALUES: Final = {"tone": "kind", "question": QUESTION}
WRITTEN: Final = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": f"You are kind. {RULES.strip()}"},
        {"role": "user", "content": QUESTION},
    ],
    "temperature": 0.2,
}
ASKED: Final = {"model": "gpt-4o", "messages": [{"role": "user", "content": "{{question}}"}]}
KINDS: Final = ("written out", "by header", "in the body")


def request(body: object, fields: str = "") -> bytes:
    """A call as it stands on the wire."""
    text = json.dumps(body)
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Authorization: Bearer sk-bench\r\n{fields}Content-Length: {len(text)}\r\n\r\n{text}".encode()


def measure(road: str, calls: int) -> dict[str, list[float]]:
    """The times of each kind of call, one of each in turn."""
    fields = f"Helicone-Prompt-Id: support\r\nHelicone-Prompt-Variables: {json.dumps(VALUES)}\r\n"
    requests = (
        request(WRITTEN),
        request(ASKED, fields),
        request({**ASKED, "messages": [], "prompt_id": "support", "inputs": VALUES}),
    )
    lines = {kind: Line(road) for kind in KINDS}
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(calls + calls // 10):
        for kind, what in zip(KINDS, requests, strict=True):
            milliseconds, head = lines[kind].call(what)
            if (b"helicone-prompt-version: 1" in head) is (kind == KINDS[0]):
                raise lanes.LaneError(f"{kind}: {head!r}")
            if number >= calls // 10:
                took[kind].append(milliseconds)
    return took


def main() -> int:
    """Run the bench; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5000)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="helicli-bench-") as name:
        folder = Path(name)
        try:
            with lanes.mock(folder) as mock, lanes.helicli(folder, mock.address) as road:
                assert road.database is not None
                prompts.change(road.database, Push((Source(File("support.md", TEXT)),)), print)
                took = measure(road.address, calls)
        except lanes.LaneError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    lines = [f"{'ms':<14}{'p50':>8}{'p95':>8}{'p99':>8}{'added':>8}   of {calls:,} calls each"]
    p50s = {}
    for kind in KINDS:
        cuts = statistics.quantiles(took[kind], n=100)
        p50s[kind] = cuts[49]
        added = cuts[49] - p50s[KINDS[0]]
        lines.append(f"{kind:<14}{cuts[49]:>8.3f}{cuts[94]:>8.3f}{cuts[98]:>8.3f}{added:>8.3f}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if max(p50s.values()) - p50s[KINDS[0]] <= MOST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
