"""The road of a call from wire to wire, and that every exit of it stands in the journal."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from helicli.proxy import asking as asking_module
from helicli.proxy import client as client_module
from helicli.proxy import clocks, http1, pipeline, upstream
from tests.proxy.house import HOST, Proxy, post
from tests.proxy.wires import ANSWER, Provider, answers

pytestmark = pytest.mark.anyio

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b"6\r\ndata:\n\r\n"
OWN = {b"helicone-id", b"helicone-status", b"helicone-cache-hit", b"helicone-overhead-ms"}


async def hold(wire):
    """Take a request and say nothing."""
    await wire.request()
    await wire.gone()


async def test_a_call(tmp_path):
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        status, fields, body = await proxy.call(post(b'{"a":1}', b"helicone-user-id: ada", path=b"/v1/x?y=%20"))
        assert (status, body, set(fields) - OWN) == (200, b"hello", {b"content-length"})
        assert fields[b"helicone-cache-hit"] == b"false"
        end = await proxy.end()
        assert (end.status, end.error, end.request, end.response, end.attempts) == (200, None, b'{"a":1}', b"hello", 1)
        assert end.ttft_us is None and 0 < end.overhead_us <= end.latency_us
        assert re.fullmatch(rb"\d+\.\d{3}", fields[b"helicone-overhead-ms"])
        assert int(fields[b"helicone-overhead-ms"].replace(b".", b"")) == end.overhead_us
        [begin] = proxy.begins()
        assert (begin.provider, begin.path, begin.tags.user) == ("openai", "/v1/x?y=%20", "ada")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
        b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 599 ?\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Oops\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
async def test_status_and_body_of_any_answer_come_down(tmp_path, answer):
    async with Provider(answers(answer)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        for count in (1, 2):
            await client.send(post())
            status, fields, body = await client.answer()
            assert b"x" not in fields
            assert b"HTTP/1.1 %d" % status in answer
            assert body == (b"" if status in (204, 304) else b"hello")
            assert (await proxy.ends(count))[-1].status == status


@pytest.mark.parametrize("slow", ["client", "provider", "error", "refused"])
async def test_waiting_for_others_is_no_overhead(tmp_path, monkeypatch, slow):
    """Time stands still but where somebody else is waited for: there a tick is a second."""
    now, waited = [0], asyncio.Event()
    for module in (clocks, asking_module, http1, upstream):
        monkeypatch.setattr(module, "perf_counter_ns", lambda: now[0])

    def wait():
        now[0] += 10**9
        waited.set()

    asked, read = asyncio.Event(), upstream.Answer.read

    listening, listen = asyncio.Event(), client_module.Client.read

    def asking(answer, limit):
        asked.set()
        return read(answer, limit)

    def hearing(client):
        listening.set()
        return listen(client)

    monkeypatch.setattr(client_module.Client, "read", hearing)
    monkeypatch.setattr(upstream.Answer, "read", asking)
    head = b"HTTP/1.1 %d X\r\ncontent-length: 5\r\n\r\n" % (500 if slow == "error" else 200)

    async def script(wire):
        await wire.request()
        if slow in ("provider", "refused"):
            wait()
        if slow == "refused":
            return
        await wire.send(head)
        if slow == "error":
            await asked.wait()
            wait()
        await wire.send(b"hello")

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        request = post(b"{}")
        if slow == "client":
            await client.send(request[:-1])
            await listening.wait()
            wait()
        await client.send(request[-1:] if slow == "client" else request)
        _, fields, _ = await client.answer()
        assert waited.is_set()
        assert fields[b"helicone-overhead-ms"] == b"0.000"
        [end] = await proxy.ends()
        assert (end.overhead_us, end.latency_us) == (0, 10**6)


@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("sized", [True, False])
async def test_a_stream_that_the_provider_breaks_off(tmp_path, then, sized):
    head = STREAM.replace(b"transfer-encoding: chunked", b"content-length: 99") if sized else STREAM
    async with Provider(answers(head, EVENT, then=then)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post())
        assert (await client.head())[0] == 200
        assert not (await client.ended()).endswith(b"0\r\n\r\n")
        end = await proxy.end()
        assert (end.status, end.error) == (200, "upstream_cut")
        assert end.ttft_us is not None


async def test_a_stream_that_comes_whole_has_a_first_byte_too(tmp_path):
    async with Provider(answers(STREAM + EVENT + b"0\r\n\r\n")) as provider, Proxy(tmp_path, provider.url) as proxy:
        status, _, body = await proxy.call(post())
        assert (status, body) == (200, b"data:\n")
        end = await proxy.end()
        assert 0 < end.ttft_us <= end.latency_us


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("verb", "stream"), [(b"streamGenerateContent", True), (b"generateContent", False)])
async def test_a_stream_that_is_one_array_has_a_first_byte_too(tmp_path, verb, stream, whole):
    head = STREAM.replace(b"text/event-stream", b"application/json")
    pieces = (b"1\r\n[\r\n", b"1\r\n]\r\n0\r\n\r\n")
    script = answers(head + b"".join(pieces)) if whole else answers(head, *pieces)
    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        status, _, body = await proxy.call(post(path=b"/google/v1beta/models/gemini-2.5-flash:" + verb))
        assert (status, body) == (200, b"[]")
        end = await proxy.end()
        assert (end.ttft_us is not None) is stream
        assert not stream or 0 < end.ttft_us <= end.latency_us


async def test_a_key_in_path_or_tags_is_not_kept(tmp_path):
    key = b"sk-proj-0123456789abcdef"
    fields = (b"authorization: Bearer " + key, b"helicone-user-id: u-" + key, b"helicone-property-who: " + key)
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        assert (await proxy.call(post(b"{}", *fields, path=b"/v1/models/" + key)))[0] == 200
        [begin] = proxy.begins()
        assert (begin.path, begin.tags.user, begin.tags.properties) == ("/v1/models/***", "u-***", {"who": "***"})
        assert all(key not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [(b"", 502, "upstream_cut"), (b"nonsense", 502, "upstream_cut"), (ANSWER.replace(b"200", b"999"), 502, None)],
)
async def test_no_answer_is_one_of_heliclis_own(tmp_path, answer, status, word):
    async with Provider(answers(answer, then="close")) as provider, Proxy(tmp_path, provider.url) as proxy:
        got, _, body = await proxy.call(post())
        error = json.loads(body)["error"]
        assert (got, error["code"]) == (status, word or "upstream_cut")
        end = await proxy.end()
        assert (end.status, end.error, end.error_message) == (status, error["code"], error["message"])
        assert end.response == body


@pytest.mark.parametrize("size", [2, 100_000])
async def test_a_client_that_goes_before_the_answer(tmp_path, size):
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.request()
        asked.set()
        await wire.gone()
        gone.set()

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(b"x" * size))
        await asyncio.wait_for(asked.wait(), 5)
        client.close()
        await asyncio.wait_for(gone.wait(), 5)
        end = await proxy.end()
        assert (end.status, end.error) == (None, "client_closed")


async def test_a_client_that_goes_in_a_stream_keeps_its_first_token(tmp_path):
    gone = asyncio.Event()

    async def script(wire):
        await wire.request()
        await wire.send(STREAM + EVENT)
        await wire.gone()
        gone.set()

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post())
        await client.head()
        assert await client.reader.readexactly(len(EVENT)) == EVENT
        client.close()
        await asyncio.wait_for(gone.wait(), 5)
        end = await proxy.end()
        assert (end.status, end.error) == (200, "client_closed")
        assert end.ttft_us is not None and end.ttft_us <= end.latency_us
        assert proxy.chunks() == [b"data:\n"]


async def test_a_client_that_goes_while_it_sends(tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "BUFFER_BYTES", 10)
    began, gone = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.head()
        began.set()
        await wire.gone()
        gone.set()

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post(b"x" * 100)[:-1])
        await asyncio.wait_for(began.wait(), 5)
        client.close()
        await asyncio.wait_for(gone.wait(), 5)
        assert (await proxy.end()).error == "client_closed"


async def test_a_large_body_goes_up_in_pieces_and_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "BUFFER_BYTES", 100_000)
    sent = bytes(range(256)) * 4_000
    seen = []

    async def script(wire):
        seen.append(await wire.request())
        await wire.send(ANSWER)
        await wire.gone()

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        assert (await proxy.call(post(sent)))[2] == b"hello"
        assert seen[0].partition(b"\r\n\r\n")[2] == sent
        assert b"".join(proxy._read(2)) == sent
        assert (await proxy.end()).spread


async def test_a_refused_client_may_send_its_body_and_go_on(tmp_path):
    """Closing over a body on its way would reset the connection, and with it the answer."""
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        body = b"x" * 3_000_000
        sending = asyncio.ensure_future(client.send(post(body, b"Origin: https://evil.example")))
        status, fields, _ = await client.answer()
        assert (status, b"connection" in fields) == (403, False)
        await asyncio.wait_for(sending, 5)
        await client.send(post())
        assert (await client.answer())[2] == b"hello"
        assert [end.error for end in await proxy.ends(2)] == ["refused_door", None]


async def test_a_refused_client_that_holds_its_body_back_is_let_go(tmp_path):
    async with Provider(answers(ANSWER)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        head = post(b"abc", b"Origin: https://evil.example", b"Expect: 100-continue")[:-3]
        await client.send(head)
        status, fields, _ = await client.answer()
        assert (status, fields[b"connection"]) == (403, b"close")
        assert await client.ended() == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET http://localhost/v1/models HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /v1/models HTTP/1.1\r\n\r\n", 403),
        (b"GET /v1 HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 501),
    ],
)
async def test_refusals_before_the_road(tmp_path, request_, status):
    async with Provider(hold) as provider, Proxy(tmp_path, provider.url) as proxy:
        got, fields, _ = await proxy.call(request_)
        assert (got, fields.get(b"connection")) == (status, None)
        assert (await proxy.end()).status == status
        assert provider.connections == 0


@pytest.mark.parametrize("started", [False, True])
async def test_a_defect_ends_the_call_in_the_journal(tmp_path, monkeypatch, started):
    def defect(*given):
        raise ZeroDivisionError("sk-secret")

    if started:
        monkeypatch.setattr(pipeline.Handoff, "chunk", defect)
    else:
        monkeypatch.setattr(pipeline.prompts, "fill", defect)
    async with Provider(answers(STREAM, EVENT)) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post())
        assert (await client.head())[0] == (200 if started else 500)
        if started:
            assert not (await client.ended()).endswith(b"0\r\n\r\n")
        end = await proxy.end()
        assert (end.status, end.error) == (200 if started else 500, "engine_killed")
        assert end.error_message == "helicli failed on this call (ZeroDivisionError)"


@pytest.mark.parametrize("started", [False, True])
async def test_helicli_stops(tmp_path, started):
    asked = asyncio.Event()

    async def script(wire):
        await wire.request()
        await wire.send(STREAM + EVENT if started else b"")
        asked.set()
        await wire.gone()

    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        client = await proxy.connect()
        await client.send(post())
        await asked.wait()
        if started:
            await client.head()
        for task in proxy.server.server_state.tasks:
            task.cancel()
        if not started:
            status, _, body = await client.answer()
            assert (status, json.loads(body)["error"]["code"]) == (503, "shutdown")
        end = await proxy.end()
        assert (end.status, end.error) == (200 if started else 503, "shutdown")
