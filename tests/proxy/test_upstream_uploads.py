"""Bodies that go up in pieces: framing, back-pressure, and every way in which they end early."""

from __future__ import annotations

import asyncio

import pytest

from helicli.proxy.http1 import Connection
from helicli.proxy.refusal import Refusal
from helicli.proxy.upstream import Upstream
from helicli.retrying import Timeouts
from tests.proxy.wires import ANSWER, Provider, answers

pytestmark = pytest.mark.anyio
PIECE = b"x" * 65_536


@pytest.fixture
async def upstream():
    """The way to all providers, closed with the test."""
    made = Upstream(Timeouts(idle=60))
    yield made
    await made.close()


async def take(answer):
    try:
        body = b""
        async with asyncio.timeout(10):
            while piece := await answer.piece():
                body += piece
        return body
    finally:
        answer.release()


async def pieces(*parts):
    for part in parts:
        yield part


async def endless(after: asyncio.Event | None = None):
    while True:
        yield PIECE
        if after is not None:
            await after.wait()


@pytest.mark.parametrize(
    ("fields", "framing", "sent"),
    [
        ([], b"transfer-encoding: chunked", b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        ([(b"transfer-encoding", b"chunked")], b"transfer-encoding: chunked", b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        ([(b"content-length", b"6")], b"content-length: 6", b"onetwo"),
    ],
)
async def test_the_framing(upstream, fields, framing, sent):
    seen = asyncio.get_running_loop().create_future()

    async def script(wire):
        head = await wire.head()
        seen.set_result((head, await wire.reader.readexactly(len(sent))))
        await wire.send(ANSWER)
        await wire.gone()

    async with Provider(script) as provider:
        body = pieces(b"", b"one", b"", b"two")
        assert await take(await upstream.send("POST", provider.url + "/", fields, body)) == b"hello"
        head, body = await seen
    lines = head.split(b"\r\n")
    assert [line for line in lines if line.startswith((b"content-length", b"transfer-encoding"))] == [framing]
    assert body == sent


async def test_a_provider_that_does_not_read_stops_the_client(upstream, monkeypatch):
    stalled, go = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(Connection, "pause_writing", lambda self: (self._writable.clear(), stalled.set()))
    pulled = 0

    async def body():
        nonlocal pulled
        while not go.is_set():
            pulled += 1
            yield PIECE

    async def script(wire):
        await wire.head()
        await go.wait()
        read = 0
        while (size := int(await wire.reader.readline(), 16)) != 0:
            read += len((await wire.reader.readexactly(size + 2))[:-2])
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n%020d" % read)
        await wire.gone()

    async with Provider(script) as provider:
        sending = asyncio.ensure_future(upstream.send("POST", provider.url + "/", [], body()))
        await asyncio.wait_for(stalled.wait(), 5)
        for _ in range(100):
            await asyncio.sleep(0)
        held = pulled
        assert held * len(PIECE) < 16_000_000, "what the kernel holds, and little more"
        go.set()
        read = int(await take(await sending))
        assert read == pulled * len(PIECE)
        assert pulled <= held + 2


@pytest.mark.parametrize("framed", [b"content-length: 5\r\n\r\nhello", b"connection: close\r\n\r\nhello"])
async def test_an_answer_that_comes_before_the_upload_is_through(upstream, framed):
    gone = asyncio.Event()

    async def script(wire):
        await wire.head()
        await wire.send(b"HTTP/1.1 413 Too Large\r\n" + framed)
        if framed.startswith(b"connection"):
            wire._writer.write_eof()
        await wire.gone()
        gone.set()

    async with Provider(script, answers(ANSWER)) as provider:
        never = asyncio.Event()
        answer = await upstream.send("POST", provider.url + "/", [], endless(never))
        assert (answer.status, await take(answer)) == (413, b"hello")
        await asyncio.wait_for(gone.wait(), 5)
        await take(await upstream.send("POST", provider.url + "/", [], b"next"))
        assert provider.connections == 2, "half a request on a connection: nothing may follow it"


@pytest.mark.parametrize("answered", [False, True])
async def test_a_client_that_breaks_off(upstream, answered):
    gone, broken = asyncio.Event(), asyncio.Event()

    async def body():
        yield b"half"
        await broken.wait()
        raise LookupError("the client has gone")

    async def script(wire):
        await wire.head()
        if answered:
            await wire.send(ANSWER[:-1])
        await wire.gone()
        gone.set()

    async with Provider(script) as provider:
        sending = asyncio.ensure_future(upstream.send("POST", provider.url + "/", [(b"content-length", b"8")], body()))
        if answered:
            answer = await sending
            assert await answer.piece() == b"hell"
            broken.set()
            with pytest.raises(LookupError):
                await take(answer)
        else:
            broken.set()
            with pytest.raises(LookupError):
                await asyncio.wait_for(sending, 5)
        await asyncio.wait_for(gone.wait(), 5)
        assert upstream._pool._all == set()


async def test_a_call_given_up_while_it_uploads(upstream):
    began, gone = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.head()
        began.set()
        await wire.gone()
        gone.set()

    async with Provider(script) as provider:
        sending = asyncio.ensure_future(upstream.send("POST", provider.url + "/", [], endless()))
        await began.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(gone.wait(), 5)


async def test_it_takes_a_fresh_connection_since_it_cannot_be_sent_twice(upstream):
    async with Provider(answers(ANSWER)) as provider:
        await take(await upstream.send("POST", provider.url + "/", [], b"one"))
        fields = [(b"content-length", b"3")]
        await take(await upstream.send("POST", provider.url + "/", fields, pieces(b"two")))
        assert provider.connections == 2
        await take(await upstream.send("POST", provider.url + "/", [], b"one"))
        assert provider.connections == 2


async def test_it_is_not_sent_again(upstream):
    async def script(wire):
        await wire.head()
        wire.close()

    async with Provider(script) as provider:
        with pytest.raises(Refusal) as caught:
            await upstream.send("POST", provider.url + "/", [], endless())
        assert (caught.value.word, provider.connections) == ("upstream_cut", 1)
