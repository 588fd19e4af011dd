"""How long a provider is waited for, in a running engine: each clock of `[upstream]`, and a call that asks for more."""

from __future__ import annotations

import socket
import time

import pytest

from tests.e2e.caller import Caller, call, chunked, head, reply, request
from tests.e2e.engine import Engine
from tests.e2e.stage import Gate, Turn
from tests.home import move_in

CONNECT, FIRST_BYTE, IDLE, TOTAL = 0.4, 0.5, 0.6, 1.5
GOOD = b'{"model":"gpt-4o","choices":[]}'
EVENT = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
STREAM = head([(b"Transfer-Encoding", b"chunked")], kind=b"text/event-stream")


def drip():
    """An event each tenth of a second, for longer than all of an answer may take."""
    for _ in range(60):
        yield chunked(EVENT, end=b"")
        time.sleep(0.1)


@pytest.fixture(scope="module")
def late():
    """What holds an answer back."""
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory, stage, late):
    """An engine whose clocks are short. The provider `deaf` takes connections and never says a word of TLS."""
    stage.plays.update(
        silent=[Turn.STALL],
        pauses=[STREAM + chunked(EVENT, end=b""), Turn.STALL],
        drips=[STREAM, drip()],
        late=[late, reply(GOOD)],
    )
    times = {"CONNECT": CONNECT, "FIRST_BYTE": FIRST_BYTE, "IDLE": IDLE, "TOTAL": TOTAL}
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.MonkeyPatch.context() as environment:
        move_in(tmp_path_factory.mktemp("home"), environment)
        for name, seconds in times.items():
            environment.setenv(f"HELICLI_UPSTREAM_{name}", f"{seconds}s")
        where = f"deaf=https://localhost:{deaf.getsockname()[1]}"
        engine = Engine(tmp_path_factory.mktemp("house"), stage.url, ["--upstream", where]).start()
        yield engine
        engine.kill_all()


def asked(play, *fields, path="/v1/chat/completions"):
    named = [(b"x-play", play.encode()), (b"Helicone-Request-Id", play.encode()), (b"Authorization", b"Bearer x")]
    return request(path, b'{"model":"gpt-4o","messages":[]}', [*named, *fields])


@pytest.mark.parametrize(
    ("play", "path", "seconds", "status", "error"),
    [
        ("deaf", "/deaf/v1/chat/completions", CONNECT, 504, "connect"),
        ("silent", "/v1/chat/completions", FIRST_BYTE, 504, "idle_timeout"),
        ("pauses", "/v1/chat/completions", IDLE, 200, "idle_timeout"),
        ("drips", "/v1/chat/completions", TOTAL, 200, "timeout"),
    ],
)
def test_each_clock(house, play, path, seconds, status, error):
    answer = call(house.url, asked(play, path=path))
    assert (answer.status, answer.complete) == (status, status == 504)
    row = house.row_of(play)
    assert (row["error"], row["status"], row["attempts"]) == (error, status, 1)
    assert seconds * 1000 <= row["latency_ms"] < seconds * 1000 + 5000


def test_a_call_that_asks_for_more_time_outlasts_them_all(house, late):
    with Caller(house.url) as patient:
        patient.send(asked("late", (b"Helicone-Increase-Timeout", b"true")))
        began = time.monotonic()
        for play in ("silent", "drips"):
            call(house.url, asked(play))
        assert time.monotonic() - began > FIRST_BYTE + TOTAL
        late.open()
        answer = patient.answer()
    assert (answer.status, answer.body) == (200, GOOD)
    row = house.row_of("late")
    assert row["error"] is None and row["latency_ms"] > (FIRST_BYTE + TOTAL) * 1000


def test_a_silent_provider_is_asked_again(house, stage):
    fields = [(b"Helicone-Retry-Enabled", b"true"), (b"Helicone-Retry-Num", b"2")]
    fields += [(b"Helicone-Retry-Min-Timeout", b"0"), (b"Helicone-Request-Name", b"again")]
    before = len(stage.heard)
    answer = call(house.url, asked("silent", *fields))
    assert (answer.status, answer.values(b"x-should-retry")) == (504, [b"false"])
    assert len(stage.heard) == before + 3
    [row] = house.wait_rows(1, "name = 'again'")
    assert (row["attempts"], row["error"]) == (3, "idle_timeout")
    assert 3 * FIRST_BYTE * 1000 <= row["latency_ms"] < 3 * FIRST_BYTE * 1000 + 5000
