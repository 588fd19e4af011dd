"""The live runs, and the token before a path."""

from __future__ import annotations

import asyncio

import pytest

from helicli.call import Run, Tags
from helicli.proxy.refusal import Refusal
from helicli.proxy.runs import Runs, Traffic, split
from tests.proxy.house import Proxy, post
from tests.proxy.wires import ANSWER, Provider, answers

pytestmark = pytest.mark.anyio

RUN = Run("abc", Tags(user="ada", properties={"ci": "github"}, run="run-1"))


@pytest.mark.parametrize(
    ("target", "token", "rest"),
    [
        ("/~abc/openai/v1/models", "abc", "/openai/v1/models"),
        ("/~abc", "abc", "/"),
        ("/~abc/", "abc", "/"),
        ("/~abc?x=1", "abc", "/?x=1"),
        ("/~abc?x=/1", "abc", "/?x=/1"),
        ("/~abc/v1/~def", "abc", "/v1/~def"),
        ("/~/v1", "", "/v1"),
        ("/v1/~abc", "", "/v1/~abc"),
        ("*", "", "*"),
        ("", "", ""),
    ],
)
async def test_a_token_is_taken_off(target, token, rest):
    assert split(target) == (token, rest)


async def test_only_live_runs_are_known():
    runs = Runs()
    with pytest.raises(Refusal) as refused:
        runs.find("abc")
    assert refused.value.status == 404
    runs.know([RUN])
    traffic = runs.find("abc")
    traffic.enter()
    runs.know([RUN, Run("def", Tags())])
    assert runs.get("abc") is traffic
    assert runs.get("abc").calls == 1
    runs.know([])
    assert runs.get("abc") is None


async def test_a_run_is_quiet_when_its_last_call_has_ended():
    traffic = Traffic(RUN)
    await traffic.quiet(0)
    traffic.enter()
    traffic.enter()
    waiting = asyncio.ensure_future(traffic.quiet(30))
    traffic.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    traffic.leave()
    await asyncio.wait_for(waiting, 10)
    traffic.enter()
    await traffic.quiet(0.001)


async def test_a_run_is_limited_by_its_own_policies(tmp_path):
    limited = Run("abc", Tags(run="run-1"), ("1;w=60,5;w=60;u=user",))
    other = Run("def", Tags(run="run-2"), ("1;w=60",))
    async with Provider(answers(ANSWER, ANSWER, ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        proxy.house.runs.know([limited, other])
        status, fields, _ = await proxy.call(post(b"{}", path=b"/~abc/v1/x"))
        assert (status, fields[b"helicone-ratelimit-policy"]) == (200, b"1;w=60")
        assert (await proxy.call(post(b"{}", path=b"/~abc/v1/x")))[0] == 429
        assert (await proxy.call(post(b"{}", path=b"/~def/v1/x")))[0] == 200, "each run counts for itself"
        assert (await proxy.call(post(b"{}", path=b"/v1/x")))[0] == 200
        told = {(limit.run, each.policy.spelled): each.used for limit, each in proxy.house.admission.usage()}
        assert told == {("run-1", "1;w=60"): 1, ("run-1", "5;w=60;s=user"): 1, ("run-2", "1;w=60"): 1}


async def test_calls_of_a_run_on_the_wire(tmp_path):
    async with Provider(answers(ANSWER, ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        proxy.house.runs.know([RUN])
        assert (await proxy.call(post(path=b"/~abc/openai/v1/models?key=secret-key")))[0] == 200
        assert (await proxy.call(post(b"{}", b"helicone-user-id: linus", path=b"/~abc/v1/models")))[0] == 200
        status, _, body = await proxy.call(post(path=b"/~gone/v1/models"))
        assert status == 404
        assert b"has ended" in body
        first, second, refused = proxy.begins()
        assert (first.path, first.tags) == ("/v1/models?key=***", RUN.tags)
        assert (second.path, second.tags.user, second.tags.run) == ("/v1/models", "linus", "run-1")
        assert (refused.path, refused.tags) == ("/v1/models", Tags())
        traffic = proxy.house.runs.get("abc")
        await traffic.quiet(10)
        assert traffic.calls == 2
