"""The application: which paths are helicli's own, and whose call ends when a client goes."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.proxy.house import HOST, Proxy, post
from tests.proxy.wires import ANSWER, Provider, answers

pytestmark = pytest.mark.anyio


async def test_health(tmp_path):
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url, lambda: {"a": 1}) as proxy:
        client = await proxy.connect()
        for _ in range(2):
            await client.send(b"GET /healthcheck?x HTTP/1.1\r\n" + HOST + b"\r\n")
            status, _, body = await client.answer()
            assert (status, json.loads(body)) == (200, {"a": 1})
        await client.send(b"GET /healthcheck HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        status, _, body = await client.answer()
        assert status == 403 and "Host" in json.loads(body)["message"]
        assert (proxy.begins(), provider.connections) == ([], 0)


async def test_what_was_not_http_stands_in_the_log(tmp_path):
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(b"nonsense sk-secret\r\n\r\n")
        assert b" 400 " in await client.ended()
        end = await proxy.end()
        assert (end.status, end.error, end.error_message) == (400, "bad_request", "Invalid HTTP request received.")
        assert (proxy.begins()[0].path, end.attempts) == ("", 0)


async def test_pipelined_calls_are_all_logged_in_their_order(tmp_path):
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(b"".join(post(path=b"/v1/%d" % number) for number in range(5)))
        assert [(await client.answer())[2] for _ in range(5)] == [b"hello"] * 5
        assert [end.status for end in await proxy.ends(5)] == [200] * 5
        assert [begin.path for begin in proxy.begins()] == [f"/v1/{number}" for number in range(5)]


async def test_a_client_that_goes_ends_the_call_that_runs_and_no_other(tmp_path):
    """The second call of a connection is the one that is cut; another connection's goes on."""
    asked = asyncio.Semaphore(0)
    go = asyncio.Event()

    async def script(wire):
        while request := await wire.request():
            if b"/v1/slow" in request:
                asked.release()
                await go.wait()
            await wire.send(ANSWER)

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        leaving, staying = await proxy.connect(), await proxy.connect()
        await leaving.send(post())
        assert (await leaving.answer())[2] == b"hello"
        for client in (leaving, staying):
            await client.send(post(path=b"/v1/slow"))
            await asyncio.wait_for(asked.acquire(), 5)
        leaving.close()
        assert [end.error for end in await proxy.ends(2, running=1)] == [None, "client_closed"]
        go.set()
        assert (await staying.answer())[2] == b"hello"
        assert [end.error for end in await proxy.ends(3)] == [None, "client_closed", None]
