"""The proxy's process: told over its link, it serves until it is told to leave."""

from __future__ import annotations

import asyncio
import gc
import socket
from types import SimpleNamespace

import pytest

from helicli.engine import proxy_child as module
from helicli.engine.link import AsyncLink
from helicli.engine.proxy_child import Proxy, run
from helicli.engine.words import AskHealth, Drain, Health, Notice, ProxySettings, Ready, RecorderState
from helicli.proxy.handoff import Pressure

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    """The proxy runs on uvloop."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True)
def thawed():
    """What the proxy freezes is this process's own."""
    yield
    gc.unfreeze()


@pytest.fixture
async def child(tmp_path):
    """A running proxy, and the supervisor's end of its link."""
    listener = socket.create_server(("127.0.0.1", 0))
    ours, theirs = socket.socketpair()
    link = await AsyncLink.open(ours)
    link.say(settings(tmp_path))
    running = asyncio.ensure_future(run(listener.detach(), theirs.detach()))
    yield link, running
    link.close()
    await asyncio.wait_for(running, 10)


def settings(folder):
    return ProxySettings("x.db", str(folder), 7, "http://127.0.0.1:1", "127.0.0.1", [], {}, {}, "", 60.0, 10**12, 42)


async def hear(link):
    return await asyncio.wait_for(link.hear(), 10)


async def test_it_says_when_it_answers_and_how_it_is(child):
    link, running = child
    ready = await hear(link)
    assert isinstance(ready, Ready)
    assert {name: ready.health[name] for name in ("pid", "address", "database", "recorder_pid")} == {
        "pid": 42,
        "address": "http://127.0.0.1:1",
        "database": "x.db",
        "recorder_pid": 0,
    }
    link.say(RecorderState("locked", "busy", (7, 1, 0), 0, 5, 6, 43))
    link.say(AskHealth())
    health = await hear(link)
    assert isinstance(health, Health)
    assert health.health["recorder"] == {"state": "locked", "message": "busy", "rows": 5, "bad_records": 6}
    assert health.health["recorder_pid"] == 43
    link.say(Drain())
    await asyncio.wait_for(asyncio.shield(running), 10)
    assert await hear(link) is None


async def test_it_leaves_when_its_supervisor_has_died(child):
    link, running = child
    await hear(link)
    link.close()
    await asyncio.wait_for(asyncio.shield(running), 10)


async def test_it_says_once_that_it_drops(child, monkeypatch):
    link, _ = child
    await hear(link)
    said = []
    proxy = object.__new__(Proxy)
    pressures = iter([Pressure.NO_BODIES, Pressure.NO_BODIES, Pressure.NO_CALLS, Pressure.NONE, Pressure.NO_BODIES])

    class Journal:
        def look_at_disk(self):
            self.pressure = next(pressures, None)
            if self.pressure is None:
                raise asyncio.CancelledError

    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    proxy._disk = SimpleNamespace(failures=1, failure="gone")
    proxy._journal, proxy._link = Journal(), type("Link", (), {"say": lambda self, word: said.append(word)})()
    with pytest.raises(asyncio.CancelledError):
        await proxy._look()
    assert all(isinstance(word, Notice) for word in said)
    assert [word.text.split(":")[0] for word in said].count("the disk did not take the journal") == 1
    drops = [word.text.split(":")[1].split()[0] for word in said if "full" in word.text]
    assert drops == ["bodies", "calls", "bodies"]


async def test_a_server_that_cannot_start_is_no_reason_to_wait(tmp_path, monkeypatch):
    async def startup(self, sockets):
        raise OSError("no more of them")

    monkeypatch.setattr(module.Server, "startup", startup)
    ours, theirs = socket.socketpair()
    link, other = await AsyncLink.open(ours), await AsyncLink.open(theirs)
    with socket.socket() as listener, pytest.raises(OSError, match="no more"):
        await asyncio.wait_for(Proxy(settings(tmp_path), other).serve(listener), 10)
    link.close()
    other.close()


async def test_without_settings_it_does_nothing():
    ours, theirs = socket.socketpair()
    ours.close()
    await asyncio.wait_for(run(-1, theirs.detach()), 10)
