"""The ledger of kills: what a client saw finished has exactly one row, whatever died meanwhile.

One round of each in the ordinary suite; `make test-chaos` sets HELICLI_CHAOS_ROUNDS to ten.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest

ROUNDS = range(int(os.environ.get("HELICLI_CHAOS_ROUNDS", "1")))
CHAT = "/v1/chat/completions"
AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}
CLIENTS = 64


@dataclass
class Ledger:
    """What the clients saw: ids of calls whose answers came whole, and how many were begun."""

    finished: list[str] = field(default_factory=list)
    begun: int = 0
    stop: bool = False
    enough: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self, call: str) -> None:
        """Note a call whose answer came whole."""
        self.finished.append(call)
        if len(self.finished) >= self.enough:
            self.reached.set()


async def client(url, ledger, calls, seed):
    """One client: a call after another, every third streamed, every fifth to the other provider."""
    dice = random.Random(seed)
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
    async with session:
        while ledger.begun < calls and not ledger.stop:
            ledger.begun += 1
            streamed = dice.random() < 0.33
            content = {"model": "gpt-4o", "stream": streamed, "messages": [{"role": "user", "content": f"n {seed}"}]}
            path = CHAT
            if dice.random() < 0.2:
                path = "/v1/messages"
                content |= {"model": "claude-sonnet-4-20250514", "max_tokens": 50}
            try:
                async with session.post(url + path, data=json.dumps(content), headers=AUTH) as answer:
                    text = await answer.read()
                    if answer.status == 200 and (not streamed or b"[DONE]" in text or b"message_stop" in text):
                        ledger.finish(answer.headers["Helicone-Id"])
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.01)


async def load(url, ledger, calls, disturb):
    """Run the clients, and `disturb()` once a good part of their calls has ended."""

    ledger.enough = calls // 3
    clients = [asyncio.create_task(client(url, ledger, calls, seed)) for seed in range(CLIENTS)]
    await ledger.reached.wait()
    await asyncio.to_thread(disturb)
    await asyncio.gather(*clients)


def drive(engine, calls, disturb):
    """Load an engine from this process; what the clients saw."""
    ledger = Ledger()
    asyncio.run(load(engine.url, ledger, calls, lambda: disturb(ledger)))
    return ledger


def check(engine, ledger):
    """The promise, line by line."""
    with closing(sqlite3.connect(engine.db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    rows = engine.rows()
    by_id = Counter(row["id"] for row in rows)
    assert max(by_id.values()) == 1
    finished = {text.replace("-", "") for text in ledger.finished}
    assert len(finished) == len(ledger.finished)
    without_error = {row["id"] for row in rows if row["error"] is None}
    missing = finished - set(by_id)
    assert not missing, f"{len(missing)} of {len(finished)} finished calls have no row"
    wrong = [row for row in rows if row["id"] in finished and row["error"] is not None]
    assert not wrong, f"finished calls with an error: {[(r['error'], r['error_message']) for r in wrong[:5]]}"
    # A row without an error that no client saw finished was cut in its last byte: its answer was on its way.
    unseen = without_error - finished
    assert all(row["status"] == 200 for row in rows if row["id"] in unseen)
    assert len(unseen) <= CLIENTS
    assert len(rows) <= ledger.begun


@pytest.mark.parametrize("round_", ROUNDS)
def test_5000_calls_and_a_stop_while_they_run(make_engine, round_):
    engine = make_engine().start()
    ends = []

    def stop(ledger):
        ends.append(engine.stop())
        ledger.stop = True

    ledger = drive(engine, 5000, stop)
    assert ends[0][0] == 0, ends[0][1]
    assert not list(engine.journal.glob("*.calls")), "the journal was to be empty"
    check(engine, ledger)


def test_5000_calls_are_5000_rows(engine):
    ledger = Ledger()
    asyncio.run(load(engine.url, ledger, 5000, lambda: None))
    assert len(ledger.finished) == 5000
    code, said = engine.stop()
    assert code == 0, said
    assert "5,000 calls" in said
    rows = engine.rows()
    assert Counter(row["error"] for row in rows) == {None: 5000}
    assert {row["id"] for row in rows} == {text.replace("-", "") for text in ledger.finished}


@pytest.mark.parametrize("victims", [("proxy_pid",), ("recorder_pid",), ("proxy_pid", "recorder_pid")])
@pytest.mark.parametrize("round_", ROUNDS)
def test_children_killed_under_load(make_engine, victims, round_):
    engine = make_engine().start()

    def kill(ledger):
        health = engine.wait_health(lambda health: health["recorder_pid"])
        for name in victims:
            os.kill(health[name], signal.SIGKILL)

    ledger = drive(engine, 1500, kill)
    assert len(ledger.finished) > 1000, "the engine did not go on"
    code, said = engine.stop()
    assert code == 0, said
    assert "died and is started again" in said
    engine.start()
    assert engine.stop()[0] == 0
    check(engine, ledger)


@pytest.mark.parametrize("round_", ROUNDS)
def test_all_killed_under_load(make_engine, round_):
    engine = make_engine().start()

    def kill(ledger):
        health = engine.wait_health(lambda health: health["recorder_pid"])
        for name in ("pid", "proxy_pid", "recorder_pid"):
            os.kill(health[name], signal.SIGKILL)
        ledger.stop = True

    ledger = drive(engine, 1500, kill)
    engine.process.communicate()
    engine.start()
    engine.stop()
    check(engine, ledger)


@pytest.mark.parametrize("round_", ROUNDS)
def test_supervisor_killed_under_load(make_engine, round_):
    """The children finish what runs by themselves, and the next engine waits for them."""
    engine = make_engine().start()

    def kill(ledger):
        os.kill(engine.health()["pid"], signal.SIGKILL)
        ledger.stop = True

    ledger = drive(engine, 1500, kill)
    engine.process.communicate()
    engine.start()
    assert engine.stop()[0] == 0
    check(engine, ledger)


def test_recorder_killed_again_and_again(make_engine):
    engine = make_engine().start()

    def kill(ledger):
        last = 0
        for _ in range(6):
            health = engine.wait_health(lambda h: h["recorder_pid"] not in (0, last) and h["recorder"]["state"] == "ok")  # noqa: B023
            last = health["recorder_pid"]
            with suppress(ProcessLookupError):
                os.kill(last, signal.SIGKILL)
            time.sleep(random.random() * 0.05)

    ledger = drive(engine, 1500, kill)
    assert engine.stop()[0] == 0
    assert not (engine.journal / "bad").exists(), "a call was taken for poison"
    check(engine, ledger)
