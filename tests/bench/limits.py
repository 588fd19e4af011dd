"""The bench of limits: what 1, 3 and 10 policies add to a call, with 100,000 live segments, and what a segment weighs.

Owns the clock around the station itself, beside the station of a call under no limit; and, with --road, around whole
calls of a running engine, with limits and without. Exit code 1 where three policies add more than FIGURE.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import machine

from helicli import headers as h
from helicli.call import Tags
from helicli.demo.upstream import FakeUpstream
from helicli.limits import Limit
from helicli.policy import parse
from helicli.providers.registry import BUILT_IN
from helicli.proxy.admission import Admission
from helicli.proxy.expense import Asked
from helicli.rates import Rates
from tests.e2e.engine import Engine

OPENAI = BUILT_IN["openai"]
FIGURE = 0.05
"""Milliseconds that three policies may add."""
SEGMENTS = 100_000
CALLS = 20_000
ROAD_CALLS = 8_000
BODY = b'{"model":"gpt-4o","max_tokens":50,"messages":[{"role":"user","content":"How do I reset my password?"}]}'
POLICIES = [f"{1_000_000 + number};w=3600;s=user" for number in range(10)]


def asked(user: str) -> Asked:
    """A call of a user."""
    fields = [(b"authorization", b"Bearer sk-1"), (b"content-type", b"application/json")]
    return Asked(Tags(user=user), OPENAI, "/v1/chat/completions", fields, BODY, 0)


def filled(policies: list[str]) -> Admission:
    """An admission with all segments live."""
    admission = Admission(lambda: Rates({}), tuple(Limit(parse(each)) for each in policies))

    async def fill() -> None:
        for number in range(SEGMENTS):
            await admission.ask(asked(f"user-{number}"))

    if policies:
        asyncio.run(fill())
    return admission


def station(admission: Admission) -> tuple[float, float]:
    """Microseconds of a call at the station, its permit opened, kept and closed: by the clock, and of the processor."""

    async def calls() -> tuple[float, float]:
        begun, used = time.perf_counter(), time.process_time()
        for number in range(CALLS):
            if admission.standing:
                permit = await admission.ask(asked(f"user-{number * 7 % SEGMENTS}"))
                if permit is not None:
                    permit.charges()
                    permit.close()
        each = 1e6 / CALLS
        return (time.perf_counter() - begun) * each, (time.process_time() - used) * each

    rounds = [asyncio.run(calls()) for _ in range(5)]
    return min(clock for clock, _ in rounds), min(used for _, used in rounds)


def weight() -> float:
    """Bytes of a segment with one charge, its name not counted."""
    admission = Admission(lambda: Rates({}))
    names = [f"user-{number}" for number in range(SEGMENTS)]
    policy = (parse(POLICIES[0]),)
    calls = [asked(name) for name in names]
    for call in calls:
        # Who it is for is read once for each call, and goes with it.
        assert call.user

    async def fill() -> None:
        for call in calls:
            await admission.ask(call, policy)

    tracemalloc.start()
    asyncio.run(fill())
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / len(admission.counters)


def request(many: int, user: int) -> bytes:
    """The bytes of a call of a user under so many policies."""
    fields = {"host": "127.0.0.1", "authorization": "Bearer sk-1", "content-type": "application/json"}
    fields |= {"content-length": str(len(BODY)), h.spelled(h.USER_ID): f"user-{user}"}
    if many:
        fields[h.spelled(h.LIMIT_POLICY)] = ",".join(POLICIES[:many])
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n".encode() + BODY


def answered(connection: socket.socket) -> None:
    """Read one answer to its end; a client that reads every field would be measured with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode("latin-1"))
    size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < size:
        body += connection.recv(65536)


def road() -> dict[int, float]:
    """Median milliseconds of a call through an engine under so many policies, turn by turn, all in one run."""
    with FakeUpstream(compress=False, keep=False) as upstream, tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder), upstream.url).start()
        try:
            times: dict[int, list[float]] = {0: [], 1: [], 3: [], 10: []}
            with socket.create_connection(("127.0.0.1", int(engine.url.rpartition(":")[2]))) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for number in range(ROAD_CALLS):
                    many = (0, 1, 3, 10)[number % 4]
                    sent = request(many, number)
                    begun = time.perf_counter()
                    connection.sendall(sent)
                    answered(connection)
                    times[many].append((time.perf_counter() - begun) * 1000)
            engine.stop()
        finally:
            engine.kill_all()
    return {many: statistics.median(each[50:]) for many, each in times.items()}


def main() -> int:
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    bare, bare_used = station(Admission(lambda: Rates({})))
    sys.stdout.write(f"no limit        {bare:8.2f} µs at the station\n")
    added = {}
    for many in (1, 3, 10):
        admission = filled(POLICIES[:many])
        clock, used = station(admission)
        added[many] = (clock - bare) / 1000
        sys.stdout.write(
            f"{many:2} policies     {added[many] * 1000:8.2f} µs more ({used - bare_used:.2f} of the processor), "
            f"{len(admission.counters):,} live segments\n"
        )
    sys.stdout.write(f"a segment       {weight():8.0f} bytes\n")
    if "--road" in sys.argv:
        medians = road()
        for many, median in medians.items():
            sys.stdout.write(f"{many:2} on the road  {median:8.3f} ms at p50, {median - medians[0]:+.3f} ms\n")
    sys.stdout.write(f"figure: three policies add at most {FIGURE} ms; here {added[3]:.4f} ms\n")
    return 0 if added[3] <= FIGURE else 1


if __name__ == "__main__":
    sys.exit(main())
