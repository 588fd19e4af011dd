"""The engine as a whole: what its watcher and its control socket are told, and how it starts and stops."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.request

import pytest

from helicli import paths
from helicli.engine import child, client, lock
from helicli.engine.place import EngineSettings
from helicli.engine.supervisor import FORCED, Supervisor
from helicli.engine.words import Health, Notice, Ready, RecorderState
from helicli.errors import DatabaseError, HelicliError, UsageError

pytestmark = pytest.mark.anyio


class Watcher:
    """Remembers what it was told."""

    def __init__(self):
        self.health = asyncio.get_running_loop().create_future()
        self.notices = []
        self.draining_calls = []

    def ready(self, health):
        self.health.set_result(health)

    def notice(self, text):
        self.notices.append(text)

    def draining(self, running_calls):
        self.draining_calls.append(running_calls)


class Scene:
    """A supervisor on a free port, and its running."""

    def __init__(self, database):
        self.watcher = Watcher()
        self.supervisor = Supervisor(EngineSettings(database, port=0), self.watcher)
        self.running = None

    async def run(self):
        self.running = asyncio.ensure_future(self.supervisor.run())
        await asyncio.wait({self.running, self.watcher.health}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        if self.running.done():
            await self.running
        return self.watcher.health.result()

    async def stopped(self):
        return await asyncio.wait_for(asyncio.shield(self.running), 60)

    async def close(self):
        if self.running is None:
            self.supervisor._listener.close()
            self.supervisor._lock.release()
        elif not self.running.done():
            self.supervisor._on_signal()
            self.supervisor._on_signal()
            await self.stopped()


@pytest.fixture
async def start(tmp_path):
    old = os.umask(0o022)
    made = []

    def start():
        made.append(Scene(tmp_path / "x.db"))
        return made[-1]

    yield start
    for each in made:
        await each.close()
    os.umask(old)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_an_engine_from_start_to_stop(start, tmp_path):
    scene = start()
    health = await scene.run()
    assert health["pid"] == os.getpid() and health["address"] == scene.supervisor.address
    holder = lock.read(paths.lock_file(tmp_path / "x.db"))
    assert (holder.pid, holder.url) == (os.getpid(), health["address"])
    assert client.answers(holder.control)
    asked = await asyncio.to_thread(client.ask, holder.control, "status")
    assert asked["proxy_pid"] == health["proxy_pid"] != os.getpid()
    with pytest.raises(DatabaseError, match="in use"):
        start()
    assert await asyncio.to_thread(client.ask, holder.control, "stop") == {"stopping": True}
    assert await scene.stopped() == 0
    assert scene.watcher.draining_calls == [0]
    assert lock.read(paths.lock_file(tmp_path / "x.db")) == lock.Holder()
    assert not client.answers(holder.control)
    for pid in (health["proxy_pid"], health["recorder_pid"]):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_killed_proxy_is_replaced_and_said(start):
    scene = start()
    health = await scene.run()
    os.kill(health["proxy_pid"], signal.SIGKILL)
    url = f"{health['address']}/healthcheck"
    with await asyncio.to_thread(urllib.request.urlopen, url, timeout=20) as answer:
        assert answer.status == 200
    assert scene.watcher.notices == ["the proxy died and is started again (no last words)"]
    scene.supervisor.stop()
    assert await scene.stopped() == 0


async def test_the_second_signal_does_not_wait(start):
    scene = start()
    await scene.run()
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await scene.stopped() == FORCED


async def test_a_proxy_that_cannot_live_ends_the_engine_with_its_last_words(start, monkeypatch):
    monkeypatch.setattr(child, "DELAYS", (0.0,))
    scene = start()
    scene.supervisor._proxy._module = "helicli.no_such_module"
    with pytest.raises(HelicliError) as caught:
        await scene.run()
        await scene.stopped()
    assert "died 5 times" in caught.value.message
    assert "no_such_module" in caught.value.cause
    assert len(scene.watcher.notices) == 4


async def test_settings_that_cannot_be(tmp_path):
    with pytest.raises(UsageError):
        Supervisor(EngineSettings(tmp_path / "x.db", host="0.0.0.0"), Watcher())
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_how_the_recorder_fares_is_said_once(start):
    scene = start()
    notices = scene.watcher.notices
    for state in ("starting", "ok", "locked", "locked", "full", "ok", "restarting", "ok"):
        scene.supervisor._on_recorder_word(RecorderState(state, "why"))
    assert notices == [
        "the log is locked: why; calls go on and wait in the journal",
        "the log is full: why; calls go on and wait in the journal",
        "the log can be written again",
        "the log is restarting: why; calls go on and wait in the journal",
    ]
    scene.supervisor._on_proxy_word(Notice("full"))
    assert notices[-1] == "full"


async def test_health_goes_to_all_who_asked_and_ready_is_said_once(start):
    scene = start()
    asked = [asyncio.ensure_future(scene.supervisor._health.ask()) for _ in range(2)]
    await asyncio.sleep(0)
    scene.supervisor._on_proxy_word(Health({"a": 1}))
    assert await asyncio.gather(*asked) == [{"a": 1}, {"a": 1}]
    for _ in range(2):
        scene.supervisor._on_proxy_word(Ready({"a": 1}))
    assert (await scene.watcher.health)["a"] == 1
