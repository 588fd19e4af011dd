"""Finished calls of a demo: what its traffic and the fake upstream come to, read and priced as the recorder does.

Owns the step from a planned call to its row without a proxy and without a clock. The same seed gives the same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

from helicli import headers
from helicli.call import Begin, Body, End, Exchange, Head, Tags
from helicli.demo import traffic
from helicli.demo.routes import reply_to
from helicli.demo.seen import Seen
from helicli.demo.switches import read_switches
from helicli.demo.traffic import Planned
from helicli.recorder.price import Prices
from helicli.recorder.rows import make_row
from helicli.store.calls import NewCall

_OPENAI: Final = ("gpt-4o-mini", "gpt-4o", "o4-mini", "gpt-4.1", "gpt-4.1-mini", "ft:gpt-4o-mini:example")
_CLAUDE: Final = ("claude-sonnet-4-20250514", "claude-opus-4-20250514", "claude-3-5-haiku-20241022")
_MASKED: Final = b"***"
_SECRET: Final = (b"authorization", b"x-api-key")


def finished(count: int, seed: int, at_ms: int) -> Iterator[NewCall]:
    """The first `count` calls of the traffic of a seed, all made at one instant."""
    prices = Prices()
    for number, planned in enumerate(traffic.plan(count, seed)):
        yield make_row(_exchange(_varied(planned, number), number, at_ms), prices, "demo")


def _varied(planned: Planned, number: int) -> Planned:
    """The call, asked of one of more models than the live demo knows."""
    models = _CLAUDE if planned.dialect == "anthropic" else _OPENAI
    # The first of them most often, the last seldom.
    pick = (number * 7919 % 100) ** 2 * len(models) // 10_000
    return msgspec.structs.replace(planned, model=models[pick])


def _exchange(planned: Planned, number: int, at_ms: int) -> Exchange:
    path = "/v1/messages" if planned.dialect == "anthropic" else "/v1/chat/completions"
    sent, body = traffic.fields(planned), _body(planned)
    switches = read_switches(sent)
    reply = reply_to(Seen("POST", path, sent, body), switches, f"req_{number:032x}")
    cut = switches.end
    answer = reply.body if reply.body is not None else b"".join(islice(reply.parts, cut))
    head = Head(reply.status, [(b"content-type", reply.kind), *reply.fields])
    latency = 2_000 if reply.status == 429 else 400_000 + number * 7_919 % 97 * 35_000
    streams = planned.stream and reply.status == 200
    end = End(
        ended_at=at_ms,
        latency_us=latency,
        ttft_us=latency // 4 if streams else None,
        overhead_us=300,
        status=reply.status,
        error="upstream_cut" if cut is not None else None,
        error_message="the provider closed the connection in the middle of its answer" if cut is not None else None,
        attempts=1,
    )
    tags = Tags(session_path=planned.session_path, session_name=planned.session_name, name=planned.name)
    kept = [(name, _MASKED if name in _SECRET else value) for name, value in sent if not _steers(name)]
    begin = Begin(
        number.to_bytes(16, "big"), at_ms - latency // 1000, planned.dialect, planned.dialect, "POST", path,
        "demo0123", kept, tags,
    )  # fmt: skip
    return Exchange(begin, head, Body(body, len(body)), Body(answer, len(answer)), end)


def _body(planned: Planned) -> bytes:
    """The body as it went up: of OpenAI's streams the proxy asks the usage."""
    body = traffic.body(planned)
    if not planned.stream or planned.dialect == "anthropic":
        return body
    return msgspec.json.encode({**msgspec.json.decode(body), "stream_options": {"include_usage": True}})


def _steers(name: bytes) -> bool:
    """Whether a field steers the fake upstream, or says of whom a call is: copies of it are others'."""
    return name.startswith((b"x-fake-", headers.PREFIX))
