"""The database taken away while calls run: they go on, /healthcheck says so, and nothing that ended is lost."""

from __future__ import annotations

import asyncio
import ctypes
import json
import sqlite3
import threading
from contextlib import closing, contextmanager

import httpx2
import pytest

CHAT = "/v1/chat/completions"
AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}
CONTENT = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]})
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
PR_CAPBSET_DROP = 24


def obey_modes():
    """Take from root what lets it ignore file modes, so that it is like any other user."""
    libc = ctypes.CDLL(None)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@contextmanager
def calls_running(engine):
    """Four clients that call without a pause; what they saw finished, in order."""
    finished: list[str] = []
    failed: list[str] = []
    stop = threading.Event()

    async def client():
        async with httpx2.AsyncClient(timeout=30) as session:
            while not stop.is_set():
                answer = await session.post(engine.url + CHAT, headers=AUTH, content=CONTENT)
                (finished if answer.status_code == 200 else failed).append(
                    answer.headers["helicone-id"].replace("-", "")
                )
                await asyncio.sleep(0.005)

    async def clients():
        await asyncio.gather(*(client() for _ in range(4)))

    thread = threading.Thread(target=asyncio.run, args=(clients(),))
    thread.start()
    try:
        yield finished
    finally:
        stop.set()
        thread.join()
    assert failed == []
    assert finished


def wait_calls(engine, finished, more=50):
    """Wait until that many more calls have ended."""
    wanted = len(finished) + more
    engine.wait_health(lambda health: len(finished) >= wanted)
    return len(finished)


@pytest.mark.parametrize("companions", [True, False], ids=["with its -wal", "alone"])
def test_deleted(engine, companions):
    with calls_running(engine) as finished:
        wait_calls(engine, finished)
        engine.wait_rows(1)
        before = len(finished)
        for name in ["helicli.db", *(["helicli.db-wal", "helicli.db-shm"] if companions else [])]:
            (engine.db.parent / name).unlink()
        wait_calls(engine, finished, 100)
    assert engine.stop()[0] == 0
    kept = {row["id"] for row in engine.rows()}
    lost = [number for number, id in enumerate(finished) if id not in kept]
    assert all(number < before for number in lost), "a call that ended after the deletion is lost"
    with closing(sqlite3.connect(engine.db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_read_only(make_engine):
    engine = make_engine()
    engine.before_exec = obey_modes
    engine.start()
    with calls_running(engine) as finished:
        wait_calls(engine, finished)
        engine.wait_rows(1)
        engine.db.chmod(0o400)
        engine.wait_health(lambda health: health["recorder"]["state"] == "readonly")
        wait_calls(engine, finished)
        health = engine.wait_health(lambda health: health["journal"]["waiting_bytes"] > 0)
        assert "cannot be written" in health["recorder"]["message"]
        engine.db.chmod(0o600)
        engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
        wait_calls(engine, finished)
    code, said = engine.stop()
    assert code == 0
    assert "the log is readonly" in said
    assert "the log can be written again" in said
    assert {row["id"] for row in engine.rows()} == set(finished)


def test_locked_for_20_seconds(engine):
    with calls_running(engine) as finished:
        wait_calls(engine, finished)
        with closing(sqlite3.connect(engine.db, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            released = threading.Event()
            engine.wait_health(lambda health: health["recorder"]["state"] == "locked")
            before = len(finished)
            assert not released.wait(20)
            assert engine.health()["recorder"]["state"] == "locked"
            assert len(finished) > before + 100, "calls did not go on"
            other.execute("ROLLBACK")
        engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
    assert engine.stop()[0] == 0
    assert {row["id"] for row in engine.rows()} == set(finished)
