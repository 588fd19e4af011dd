"""Leases: what a run is given, who is told, and when an engine that runs share may go."""

from __future__ import annotations

import asyncio

import pytest

from helicli.engine import runs as module
from helicli.engine.place import EngineSettings
from helicli.engine.runs import Runs
from helicli.engine.words import Hurry, Known, Live, RecorderState, Settle, Settled
from helicli.errors import HelicliError, UsageError
from helicli.retrying import Timeouts

pytestmark = pytest.mark.anyio


class Scene:
    """Runs, with a proxy and a recorder that answer as they are told to."""

    def __init__(self, tmp_path, *, shared=False, **settings):
        self.words = []
        self.states = []
        self.calls = 0
        self.left = asyncio.Event()
        self.knows = True
        leave = self.left.set if shared else None
        engine = EngineSettings(tmp_path / "x.db", **settings)
        self.runs = Runs(engine, "http://127.0.0.1:1", self.proxy, self.recorder, leave)

    def proxy(self, word):
        self.words.append(word)
        if isinstance(word, Live) and self.knows:
            self.runs.on_word(Known(word.serial))
        elif isinstance(word, Settle):
            asyncio.get_running_loop().call_soon(self.runs.on_word, Settled(word.token, self.calls, (7, 1, 900)))

    def recorder(self, word):
        assert isinstance(word, Hurry)
        if self.states:
            asyncio.get_running_loop().call_soon(self.runs.on_word, self.states.pop(0))


async def test_a_lease_is_known_to_the_proxy_before_it_is_given(tmp_path):
    scene = Scene(tmp_path)
    wanted = {"user": "ada", "properties": {"ci": "github"}, "policies": ["5;w=60"]}
    async with scene.runs.lease(wanted) as given, scene.runs.lease({}) as other:
        assert given["address"] == "http://127.0.0.1:1"
        assert given["upstreams"]["openai"] == "https://api.openai.com"
        assert given["token"] != other["token"]
        assert given["run"] != other["run"]
        first, both = scene.words
        assert [each.token for each in first.runs] == [given["token"]]
        assert [each.tags.run for each in both.runs] == [given["run"], other["run"]]
        assert (first.runs[0].tags.user, first.runs[0].tags.properties) == ("ada", {"ci": "github"})
        assert [each.policies for each in both.runs] == [("5;w=60",), ()]
        assert scene.runs.live == both.runs
    assert scene.words[-1].runs == scene.runs.live == []
    serials = [word.serial for word in scene.words]
    assert serials == sorted(set(serials))


async def test_a_policy_that_is_none_is_no_lease(tmp_path):
    scene = Scene(tmp_path)
    with pytest.raises(UsageError, match="requets"):
        async with scene.runs.lease({"policies": ["5;w=60;u=requets"]}):
            pass
    assert scene.words == scene.runs.live == []


async def test_a_proxy_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_KNOWN_SECONDS", 0.01)
    scene = Scene(tmp_path)
    scene.knows = False
    with pytest.raises(HelicliError, match="does not answer"):
        async with scene.runs.lease({}):
            pass
    assert scene.runs.live == []


@pytest.mark.parametrize(
    ("wanted", "option"),
    [
        ({"bodies": "off"}, "--bodies"),
        ({"upstreams": {"openai": "http://other"}}, "--upstream"),
        ({"allowed_hosts": ["box", "other"]}, "--allow-host"),
        ({"ca_file": "/other.pem"}, "--ca-file"),
        ({"timeouts": {"idle": 9.0}}, "--idle-timeout"),
        ({"port": 9}, "--port"),
        ({"durability": "sync"}, "--durability"),
        ({"cache": {"enabled": True}}, "--cache"),
        ({"retry": {"enabled": True, "num": 2}}, "--retries 2"),
    ],
)
async def test_settings_that_differ_are_refused(tmp_path, wanted, option):
    ours = {
        "upstreams": {"openai": "http://mine", "b": "http://b"},
        "allowed_hosts": ("box",),
        "timeouts": Timeouts(idle=600.0),
    }
    scene = Scene(tmp_path, ca_file=tmp_path / "ca.pem", **ours)
    with pytest.raises(UsageError, match=option):
        async with scene.runs.lease({"settings": wanted}):
            pass
    same = {"upstreams": {"b": "http://b"}, "allowed_hosts": ["box"], "timeouts": {"idle": 600.0}, "bodies": "full"}
    same |= {"durability": "batch", "cache": {"enabled": False}, "retry": {"enabled": False}}
    async with scene.runs.lease({"settings": {**same, "ca_file": str(tmp_path / "ca.pem")}}) as given:
        assert given


async def test_no_lease_of_an_engine_that_ends(tmp_path):
    scene = Scene(tmp_path)
    scene.runs.refuse()
    async with scene.runs.lease({}) as given:
        assert given is None
    assert scene.words == []


async def test_an_engine_that_runs_share_leaves_after_the_last(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LINGER_SECONDS", 0.02)
    scene = Scene(tmp_path, shared=True)
    scene.runs.begin()
    async with scene.runs.lease({}):
        async with scene.runs.lease({}):
            pass
        assert not scene.left.is_set()
    async with scene.runs.lease({}):
        await asyncio.sleep(0.05)
        assert not scene.left.is_set()
    await asyncio.wait_for(scene.left.wait(), 10)
    async with scene.runs.lease({}) as given:
        assert given is None


async def test_it_leaves_where_the_first_run_never_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.01)
    scene = Scene(tmp_path, shared=True)
    scene.runs.begin()
    await asyncio.wait_for(scene.left.wait(), 10)


async def test_settled_when_the_recorder_has_got_there(tmp_path):
    scene = Scene(tmp_path)
    async with scene.runs.lease({}) as given:
        assert await scene.runs.settle(given) == "none"
        scene.calls = 2
        scene.states = [RecorderState("ok", high=(7, 1, at), waiting_bytes=9) for at in (64, 500, 900)]
        assert await scene.runs.settle(given) == "recorded"
        assert scene.states == []


async def test_without_calls_in_this_proxy_there_may_have_been_some_in_the_last(tmp_path):
    scene = Scene(tmp_path)
    async with scene.runs.lease({}) as given:
        scene.runs.on_proxy_death()
        scene.states = [RecorderState("ok", waiting_bytes=0), RecorderState("ok", waiting_bytes=0)]
        assert await scene.runs.settle(given) == "recorded"


async def test_a_recorder_that_does_not_get_there(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_RECORDED_SECONDS", 0.02)
    monkeypatch.setattr(module, "_HURRY_SECONDS", 0.001)
    scene = Scene(tmp_path)
    scene.calls = 1
    async with scene.runs.lease({}) as given:
        assert await scene.runs.settle(given) == "late"
