"""One round of load: wrk sends chat completions to one address, and what it saw comes back as numbers.

Latencies are integer microseconds, counts are wrk's own. A round that wrk could not run is an error, never a zero.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/v1/chat/completions"
QUESTION = "The quick brown fox jumps over the lazy dog. " * 41
REQUEST = json.dumps(
    {
        "model": "gpt-4o-mini",
        "messages": [{"role": "system", "content": "You are terse."}, {"role": "user", "content": QUESTION}],
        "temperature": 0.2,
    }
)
"""A chat request of about 2 KB, plain ASCII without `]==]`, so that it stands in a Lua string as it is."""

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer sk-bench"
wrk.headers["Accept"] = "application/json"
wrk.body = [==[%s]==]
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('ROUND {"requests":%%d,"us":%%d,"p50":%%d,"p95":%%d,"p99":%%d,' ..
    '"connect":%%d,"read":%%d,"write":%%d,"status":%%d,"timeout":%%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect, e.read, e.write, e.status, e.timeout))
end
"""


class LoadError(Exception):
    """wrk did not run or did not report."""


@dataclass(frozen=True)
class Round:
    """What one round saw. `cpu` is the share of one core each named process used; `drain` the seconds until the
    journal was empty afterwards, None where there is no journal."""

    lane: str
    phase: str
    clients: int
    seconds: float
    requests: int
    p50: int
    p95: int
    p99: int
    errors: dict[str, int]
    cpu: dict[str, float] = field(default_factory=dict)
    drain: float | None = None

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def failed(self) -> int:
        return sum(self.errors.values())


def write_script(folder: Path) -> Path:
    """The wrk script that posts `REQUEST`."""
    script = folder / "post.lua"
    script.write_text(SCRIPT % REQUEST)
    return script


def run_wrk(address: str, script: Path, clients: int, seconds: int) -> dict[str, int]:
    """One run of wrk against `address`, as the counts and percentiles its script reports."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), address + PATH]
    # Two minutes beyond its own end only a wrk that hangs is still there.
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120, check=False)
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"{' '.join(command)} did not end") from error
    for line in ran.stdout.splitlines():
        if line.startswith("ROUND "):
            seen: dict[str, int] = json.loads(line.removeprefix("ROUND "))
            return seen
    raise LoadError(f"{' '.join(command)} ended with {ran.returncode}: {(ran.stderr or ran.stdout).strip()[-400:]}")


def as_round(lane: str, phase: str, clients: int, seen: dict[str, int], cpu: dict[str, float]) -> Round:
    """A `Round` out of what `run_wrk` returned."""
    errors = {name: seen[name] for name in ("connect", "read", "write", "status", "timeout")}
    seconds = seen["us"] / 1e6
    return Round(lane, phase, clients, seconds, seen["requests"], seen["p50"], seen["p95"], seen["p99"], errors, cpu)
