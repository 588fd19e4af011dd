"""The server's protocol: what clients may send, and when their leaving is seen."""

from __future__ import annotations

import asyncio
import socket

import msgspec
import pytest

from helicli.proxy import server as module
from tests.proxy.house import HOST, Serving, post

pytestmark = pytest.mark.anyio

H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n"
GET = b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n"


class Echo:
    """Answers with what it was asked; the ways it can answer are in the path."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.began = asyncio.Event()
        self.came = asyncio.Event()
        self.gone = asyncio.Event()
        self.go = asyncio.Event()

    def refused_bytes(self, message):
        self.refused.append(message)

    async def __call__(self, scope, receive, send):
        self.scope = scope
        self.began.set()
        connection = scope["extensions"]["helicli.connection"]
        connection.on_gone = self.gone.set
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size, more = size + len(message["body"]), message["more_body"]
        self.came.set()
        target = scope["extensions"]["helicli.target"]
        if target.startswith(b"/wait"):
            await self.go.wait()
        fields = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
        body = msgspec.json.encode({"target": target.decode("latin-1"), "fields": fields, "size": size})
        sized = [(b"content-length", b"%d" % len(body))]
        if target.startswith(b"/whole") and connection.answer_whole(scope, 200, sized, body):
            return
        chunked = target.startswith(b"/unsized")
        await send({"type": "http.response.start", "status": 200, "headers": [] if chunked else sized})
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        if target.endswith(b"/cut"):
            connection.left_off(scope)
        else:
            await send({"type": "http.response.body", "body": body[5:], "more_body": False})


@pytest.fixture
async def app():
    return Echo()


@pytest.fixture
async def serving(app):
    async with Serving(app) as running:
        yield running


def told(answer):
    assert answer[0] == 200
    return msgspec.json.decode(answer[2])


@pytest.mark.parametrize("path", [b"/a", b"/whole", b"/unsized"])
async def test_one_call_after_another(serving, path):
    client = await serving.connect()
    for _ in range(3):
        await client.send(post(b"abc", path=path))
        got = told(await client.answer())
        assert (got["target"], got["size"]) == (path.decode(), 3)


@pytest.mark.parametrize("path", [b"/wait", b"/wait/whole", b"/whole"])
async def test_pipelined_calls_are_answered_in_their_order(serving, app, path):
    client = await serving.connect()
    await client.send(post(b"one", path=path) + post(b"three", path=b"/whole") + GET)
    await app.came.wait()
    app.go.set()
    got = [told(await client.answer()) for _ in range(3)]
    assert [(each["target"], each["size"]) for each in got] == [(path.decode(), 3), ("/whole", 5), ("/next", 0)]


async def test_a_body_that_waits_to_be_wanted(serving):
    client = await serving.connect()
    head, _, body = post(b"abc", b"Expect: 100-continue").partition(b"\r\n\r\n")
    await client.send(head + b"\r\n\r\n")
    assert await client.head() == (100, {})
    await client.send(body)
    assert told(await client.answer())["size"] == 3


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize(
    "framing", [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"]
)
@pytest.mark.parametrize("version", [b"1.1", b"1.1\r\nConnection: close"])
async def test_an_offer_of_http2_is_declined_and_its_body_kept(serving, split, framing, version):
    client = await serving.connect()
    head, body = b"POST /a HTTP/" + version + b"\r\n" + HOST + H2C, framing
    await client.send(*([head, body[:-2], body[-2:]] if split else [head + body]))
    got = told(await client.answer())
    assert (got["size"], ["upgrade", "h2c"] in got["fields"]) == (3, True)
    assert [name for name, _ in got["fields"]].count("upgrade") == 1
    if b"close" in version:
        assert await client.ended() == b""
    else:
        await client.send(GET)
        assert told(await client.answer())["target"] == "/next"


async def test_many_offers_in_one_packet(serving):
    client = await serving.connect()
    await client.send((b"GET /whole HTTP/1.1\r\n" + HOST + H2C + b"\r\n") * 1_200)
    for _ in range(1_200):
        assert told(await client.answer())["target"] == "/whole"


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"POST /a HTTP/1.1\r\n" + H2C + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /a HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\nabc",
        b"GET /a HTTP/1.1\nHost: localhost\n\n",
        b"GET /a HTTP/1.1\r\nx: a\ny: b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nx: a\r\n b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nx: a\rb\r\n\r\n",
        b"GET /a HTTP/1.1\r\nx: a\0b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nx : a\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
        b"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT http://a/b HTTP/1.1\r\nHost: a\r\n" + H2C + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /a HTTP/1.1\r\nx: " + b"a" * 400_000,
    ],
)
async def test_what_is_not_a_request_is_refused_and_told(serving, app, request_):
    client = await serving.connect()
    await client.send(request_)
    assert b" 200 " not in await client.ended()
    assert len(app.refused) == 1
    assert not app.came.is_set()


async def test_bytes_that_are_no_request_do_not_stand_in_an_earlier_answer(serving, app):
    client = await serving.connect()
    await client.send(post(b"a", path=b"/wait/slow"))
    await app.came.wait()
    connection = app.scope["extensions"]["helicli.connection"]
    connection.cycle.response_started = True
    await client.send(b"\0garbage\r\n\r\n")
    assert await client.ended() == b""
    assert len(app.refused) == 1 and app.gone.is_set()
    app.go.set()


async def test_trailers_are_no_header_fields(serving):
    trailers = b"authorization: x\r\nhelicone-user-id: x\r\n"
    answer = await serving.call(
        b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + trailers + b"\r\n"
    )
    assert [name for name, _ in told(answer)["fields"]] == ["host", "transfer-encoding"]


@pytest.mark.parametrize("target", [b"/v1/a%2Fb?x=%20&y=+", b"http://localhost/a?b", b"//a//b", b"/a#b"])
async def test_the_target_as_it_stood_on_the_wire(serving, target):
    assert told(await serving.call(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"))["target"] == target.decode()


@pytest.mark.parametrize("path", [b"/a", b"/whole", b"/unsized"])
async def test_an_old_client_is_sent_no_chunks(serving, path):
    client = await serving.connect()
    await client.send(b"GET " + path + b" HTTP/1.0\r\n" + HOST + b"\r\n")
    status, fields, body = await client.answer()
    assert (status, fields[b"connection"]) == (200, b"close")
    assert b"transfer-encoding" not in fields and (b"content-length" in fields) is (path != b"/unsized")
    assert msgspec.json.decode(body)["target"] == path.decode()
    assert await client.ended() == b""


@pytest.mark.parametrize(
    ("path", "error"), [(b"/unsized/cut", ConnectionResetError), (b"/cut", asyncio.IncompleteReadError)]
)
async def test_a_cut_answer_without_a_length_is_reset(serving, path, error):
    """A client of HTTP/1.0 would take the end of the connection for that of the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(b"GET " + path + b" HTTP/1.0\r\n" + HOST + b"\r\n")
    with pytest.raises(error):
        await reader.readexactly(1 << 16)
    writer.close()


@pytest.mark.parametrize("size", [0, 100_000])
async def test_a_client_that_leaves_is_seen_at_once_whatever_it_sent(serving, app, size):
    """The larger body is here before the loop looks, so its end comes in a piece that stops the reading."""
    head, _, body = post(b"x" * size, path=b"/wait").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", serving.port)) as client:
        client.sendall(head + b"\r\n\r\n")
        await app.began.wait()
        client.sendall(body)
        await app.came.wait()
    await asyncio.wait_for(app.gone.wait(), 5)
    app.go.set()


@pytest.mark.parametrize(
    ("status", "fields", "whole"),
    [
        (200, [(b"content-length", b"2")], True),
        (200, [], False),
        (204, [], True),
        (304, [(b"content-length", b"9")], True),
        (403, [(b"content-length", b"2"), (b"connection", b"close")], False),
    ],
)
async def test_which_answers_go_in_one_write(serving, app, status, fields, whole):
    client = await serving.connect()
    await client.send(post(path=b"/wait"))
    await app.came.wait()
    connection = app.scope["extensions"]["helicli.connection"]
    assert connection.answer_whole(app.scope, status, fields, b"" if status != 200 else b"ok") is whole
    if whole:
        assert (await client.head())[0] == status
    client.close()
    await app.gone.wait()
    app.go.set()


async def test_a_body_is_taken_once_and_only_when_all_of_it_has_come(serving, app):
    client = await serving.connect()
    head, _, body = post(b"abc", path=b"/wait").partition(b"\r\n\r\n")
    await client.send(head + b"\r\n\r\n")
    await app.began.wait()
    connection = app.scope["extensions"]["helicli.connection"]
    assert connection.body_whole(app.scope) is None
    await client.send(body)
    await app.came.wait()
    assert connection.body_whole(app.scope) == b"", "the rest of it was taken as a message"
    assert connection.body_whole({}) is None, "of another call"
    app.go.set()
    await client.answer()


async def test_a_connection_may_rest_for_so_long_and_work_for_longer(serving, app):
    client = await serving.connect()
    await client.send(GET)
    await client.answer()
    connection = app.scope["extensions"]["helicli.connection"]
    timer = connection.timeout_keep_alive_task
    await client.send(GET)
    await client.answer()
    assert connection.timeout_keep_alive_task is timer, "one for all calls"
    connection.timeout_keep_alive_handler()
    assert connection.timeout_keep_alive_task is not timer, "it has not rested for long enough"
    app.came.clear()
    await client.send(post(path=b"/wait"))
    await app.came.wait()
    connection.timeout_keep_alive = 0
    connection.timeout_keep_alive_handler()
    assert not connection.transport.is_closing(), "it works"
    app.go.set()
    await client.answer()
    connection.timeout_keep_alive_handler()
    assert await client.ended() == b""


@pytest.mark.parametrize("late", [b"\r\n", b"x"])
async def test_a_connection_does_not_rest_for_ever_after_what_came_late(monkeypatch, app, late):
    """An empty line, or more of a body that was answered before it was here."""
    monkeypatch.setattr(module, "KEEP_ALIVE_SECONDS", 0.2)
    async with Serving(app) as serving:
        client = await serving.connect()
        await client.send(GET if late == b"\r\n" else post(b"x" * 9, path=b"/wait")[:-5])
        await app.began.wait()
        if late == b"x":
            connection = app.scope["extensions"]["helicli.connection"]
            assert connection.answer_whole(app.scope, 204, [], b"")
            await client.head()
        else:
            await client.answer()
        await client.send(late)
        assert await client.ended() == b""
        app.go.set()


async def test_a_head_that_takes_too_long(monkeypatch, app):
    monkeypatch.setattr(module, "HEAD_SECONDS", 0.05)
    async with Serving(app) as serving:
        client = await serving.connect()
        await client.send(GET)
        assert told(await client.answer())["target"] == "/next"
        await client.send(GET[:20])
        assert await client.ended() == b""
        silent = await serving.connect()
        assert await silent.ended() == b""


async def test_draining_lets_calls_finish_and_closes_idle_connections(app):
    async with Serving(app) as serving:
        idle, busy = await serving.connect(), await serving.connect()
        await idle.send(GET)
        await idle.answer()
        app.came.clear()
        await busy.send(post(path=b"/wait"))
        await app.came.wait()
        leaving = asyncio.ensure_future(serving.server.shutdown())
        assert await idle.ended() == b""
        app.go.set()
        status, fields, _ = await busy.answer()
        assert (status, fields[b"connection"]) == (200, b"close")
        assert await busy.ended() == b""
        await leaving


async def test_serving_until_told_to_leave(app):
    """The whole of it: `answering` says when calls can come, `should_exit` ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = module.make_server(app)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        await asyncio.wait_for(server.answering.wait(), 5)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        server.should_exit = True
        await serving


async def test_an_answer_cut_short_does_not_end_cleanly(serving):
    client = await serving.connect()
    await client.send(post(path=b"/cut"))
    status, fields = await client.head()
    assert status == 200
    assert len(await client.ended()) < int(fields[b"content-length"])
