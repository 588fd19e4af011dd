"""The proxy's process: told over its link, it serves until it is told to leave."""

from __future__ import annotations

import asyncio
import gc
import socket
from contextlib import closing
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from helicli.engine import proxy_child as module
from helicli.engine.link import AsyncLink
from helicli.engine.proxy_child import Proxy, run
from helicli.engine.words import AskHealth, Drain, Health, Notice, ProxySettings, Ready, RecorderState
from helicli.proxy.journal import Pressure
from helicli.rates import Rate, UserPrice, make_tier
from helicli.retrying import Timeouts
from helicli.store.connect import open_writer
from helicli.store.rates import RateWriter

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
    return ProxySettings(
        "x.db", str(folder), 7, "http://127.0.0.1:1", "127.0.0.1", [], {}, {}, "", Timeouts(), 10**12, 42
    )


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


async def test_it_reads_the_rates_again_when_there_are_new_ones(tmp_path):
    path = tmp_path / "x.db"
    rate = Rate("openai", "gpt-4o", "list 1", (make_tier(-1, {"input": 5}),))
    mine = UserPrice("mine", make_tier(-1, {"input": 7}))
    ours, theirs = socket.socketpair()
    link, other = await AsyncLink.open(ours), await AsyncLink.open(theirs)
    proxy = Proxy(replace(settings(tmp_path), database=str(path), prices=(mine,)), other)
    listening = asyncio.create_task(proxy._listen())
    before = proxy._house.rates
    # No database yet: the word is as good as lost, and the next one tries again.
    link.say(RecorderState("ok", last_rate=1))
    await said(link)
    with closing(open_writer(path)) as db:
        RateWriter(db).keep(rate, rate.tiers[0], (rate,))
    assert proxy._house.rates is before
    link.say(RecorderState("ok", last_rate=1))
    await said(link)
    after = proxy._house.rates
    assert after is not before
    assert after.rate("openai", "gpt-4o", 0) == rate
    assert after.rate("openai", "mine", 0).source == "config"
    link.say(RecorderState("ok", last_rate=1))
    await said(link)
    assert proxy._house.rates is after
    link.say(Drain())
    await listening
    link.close()
    other.close()


async def said(link):
    """Wait until what was said before has been heard, and what that began is done."""
    link.say(AskHealth())
    assert isinstance(await hear(link), Health)
    for task in asyncio.all_tasks():
        if "_read_rates" in repr(task.get_coro()):
            await task


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
