"""The bench of retries: what a call costs more that is armed with retries and fallbacks, and needs none of them.

Owns the clock around the stations that take part in it, with a provider that answers at once; and, with --road, around
whole calls of a running engine. Of many calls the tenth that was fastest counts, since other work can only add. Exit
code 1 where more than FIGURE is added.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import lanes
import machine
from cache import Line, request
from load import PATH, REQUEST

from helicli.call import Headers
from helicli.providers import registry
from helicli.proxy import directives, masking, route
from helicli.proxy.admission import Admission
from helicli.proxy.asking import Asking
from helicli.proxy.attempts import planned
from helicli.proxy.breaker import Breaker
from helicli.proxy.clocks import Clocks
from helicli.proxy.usage import UsageAsking
from helicli.rates import Rates

FIGURE: Final = 0.02
"""Milliseconds that being armed may add."""

ROUNDS: Final = 60
CALLS: Final = 500
ROAD_CALLS: Final = 3000
RETRY: Final = [("Helicone-Retry-Enabled", "true"), ("Helicone-Retry-Num", "3"), ("Helicone-Retry-Factor", "2")]
FALLBACK: Final = [("Helicone-Fallback", '[{"model": "gpt-4o-mini"}]')]
TAGS: Final = [("Helicone-Property-A", "true"), ("Helicone-Property-B", "3"), ("Helicone-Property-C", "2")]
KINDS: Final = {"plain": [], "tags": TAGS, "retries": RETRY, "fallback": FALLBACK, "both": RETRY + FALLBACK}
"""Tags stand for what three header fields cost that ask for nothing."""


class Answer:
    """An answer that is there at once."""

    status, whole, is_stream, away_ns = 200, True, False, 0

    def __init__(self) -> None:
        self.headers: Headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]


class Upstream:
    """Answers every request."""

    async def send(self, *_: Any, **more: Any) -> Answer:
        """The answer."""
        return Answer()


def stations(said: list[tuple[str, str]]) -> list[int]:
    """Nanoseconds of calls with these fields: they are read, what is planned is asked, and masked for the journal."""
    fields = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"authorization", b"Bearer sk-bench-1")]
    fields += [(name.lower().encode(), value.encode()) for name, value in said]
    providers, body = registry.build({}), REQUEST.encode()
    client: Any = SimpleNamespace(headers=fields, has_more=False, method="POST", gone=False)
    house: Any = SimpleNamespace(
        providers=providers,
        upstream=Upstream(),
        usage=UsageAsking(),
        breaker=Breaker(5, 30),
        admission=Admission(lambda: Rates({})),
    )
    handoff: Any = SimpleNamespace()

    async def calls() -> list[int]:
        took = []
        for _ in range(CALLS):
            begun = time.perf_counter_ns()
            found = directives.read(fields)
            where = route.find(PATH, fields, providers, found)
            masking.mask_headers(fields, masking.secrets_of(fields, PATH))
            asking = Asking(house, client, Clocks(), handoff, found)
            plan = planned(found, where, client, body, house, asking, handoff)
            await (asking.once(where, fields, body) if plan is None else plan.ask(fields, body))
            took.append(time.perf_counter_ns() - begun)
        return took

    return asyncio.run(calls())


def road(address: str) -> dict[str, float]:
    """The median milliseconds of a call of each kind; which comes first changes from round to round."""
    lines = {kind: Line(address) for kind in KINDS}
    asked = {kind: request(REQUEST, "".join(f"{n}: {v}\r\n" for n, v in said)) for kind, said in KINDS.items()}
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    names = list(KINDS)
    for number in range(ROAD_CALLS):
        turn = number % len(names)
        for kind in names[turn:] + names[:turn]:
            milliseconds, head = lines[kind].call(asked[kind])
            if not head.startswith(b"http/1.1 200") or (b"fallback-index: 0" in head) is not (
                kind in ("fallback", "both")
            ):
                raise lanes.LaneError(f"a call of kind {kind} went wrong: {head!r}")
            took[kind].append(milliseconds)
    return {kind: statistics.median(each[ROAD_CALLS // 10 :]) for kind, each in took.items()}


def main() -> int:
    """Run the bench; the exit code."""
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    took: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind, said in KINDS.items():
            took[kind] += stations(said)
    least = {kind: statistics.quantiles(each, n=10)[0] / 1000 for kind, each in took.items()}
    for kind, microseconds in least.items():
        sys.stdout.write(f"{kind:<9} {microseconds:8.2f} µs at the stations {microseconds - least['plain']:+8.2f}\n")
    if "--road" in sys.argv:
        with tempfile.TemporaryDirectory(prefix="helicli-bench-") as name:
            folder = Path(name)
            with lanes.mock(folder) as mock, lanes.helicli(folder, mock.address) as lane:
                for kind, median in road(lane.address).items():
                    sys.stdout.write(f"{kind:<9} {median:8.3f} ms on the road, p50\n")
    added = (least["both"] - least["plain"]) / 1000
    sys.stdout.write(f"figure: armed and unused adds at most {FIGURE} ms; here {added:.4f} ms\n")
    return 0 if added <= FIGURE else 1


if __name__ == "__main__":
    sys.exit(main())
