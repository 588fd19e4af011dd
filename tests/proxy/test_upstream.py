"""What goes up to a provider, and what its failures are called."""

from __future__ import annotations

import asyncio

import pytest

from helicli.proxy.pool import Pool
from helicli.proxy.refusal import Refusal
from helicli.proxy.upstream import Upstream, fields_up
from helicli.retrying import Timeouts
from tests.proxy.wires import ANSWER, Provider, answers

JSON = (b"content-type", b"application/json")


@pytest.fixture
async def upstream():
    """The way to all providers, closed with the test."""
    made = Upstream(Timeouts(idle=60))
    yield made
    await made.close()


async def take(answer):
    """The body of an answer, its connection given back."""
    try:
        body = b""
        while piece := await answer.piece():
            body += piece
        return body
    finally:
        answer.release()


def test_what_ends_at_this_hop_or_is_of_helicli_stays():
    fields = [
        (b"host", b"localhost"),
        (b"content-length", b"3"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"connection", b"X-Other"),
        (b"x-hop", b"1"),
        (b"x-other", b"1"),
        (b"helicone-user-id", b"u"),
        (b"te", b"trailers"),
        (b"expect", b"100-continue"),
        (b"x-kept", b"\xff"),
        (b"x-kept", b"2"),
        (b"accept-encoding", b"br"),
    ]
    assert fields_up(fields) == [(b"x-kept", b"\xff"), (b"x-kept", b"2"), (b"accept-encoding", b"br")]


@pytest.mark.parametrize(
    ("value", "up"),
    [
        (b"Bearer sk-a", [b"Bearer sk-a"]),
        (b"Bearer sk-a, Bearer sk-helicone-b", [b"Bearer sk-a"]),
        (b"Bearer sk-helicone-b", []),
    ],
)
def test_helicones_key_does_not_go_up(value, up):
    assert fields_up([(b"authorization", value)]) == [(b"authorization", each) for each in up]


@pytest.mark.parametrize(
    ("method", "fields", "body", "framing"),
    [
        ("POST", [JSON], b"{}", [b"content-length: 2"]),
        ("POST", [], b"", []),
        ("POST", [(b"content-length", b"0")], b"", [b"content-length: 0"]),
        ("POST", [(b"transfer-encoding", b"chunked")], b"", [b"content-length: 0"]),
        ("GET", [], b"", []),
        ("DELETE", [(b"content-length", b"0")], b"", [b"content-length: 0"]),
        ("GET", [], b"x", [b"content-length: 1"]),
        ("POST", [(b"transfer-encoding", b"chunked")], b"{}", [b"content-length: 2"]),
        ("POST", [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")], b"{}", [b"content-length: 2"]),
    ],
)
@pytest.mark.anyio
async def test_a_request_is_framed_once_and_anew(upstream, method, fields, body, framing):
    seen = asyncio.get_running_loop().create_future()

    async def script(wire):
        seen.set_result(await wire.request())
        await wire.send(ANSWER)
        await wire.gone()

    async with Provider(script) as provider:
        assert await take(await upstream.send(method, provider.url + "/v1/x", fields, body)) == b"hello"
        head, _, sent = (await seen).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[:2] == [f"{method} /v1/x HTTP/1.1".encode(), f"host: 127.0.0.1:{provider.port}".encode()]
    assert [line for line in lines if line.startswith((b"content-length", b"transfer-encoding"))] == framing
    assert sent == body


@pytest.mark.parametrize("target", ["/v1/a%20b%2Fc?x=%E2%82%AC&y=+", "/v1/\xc3\xa9?\xff", "//double//", "/a?b?c=/../"])
@pytest.mark.anyio
async def test_a_target_goes_up_as_it_came(upstream, target):
    seen = []

    async def script(wire):
        seen.append(await wire.head())
        await wire.send(ANSWER)
        await wire.gone()

    async with Provider(script) as provider:
        await take(await upstream.send("GET", provider.url + target, [(b"x", b"\xc3\xa9\xff")], b""))
    assert seen[0].startswith(f"GET {target} HTTP/1.1\r\n".encode("latin-1"))
    assert b"\r\nx: \xc3\xa9\xff\r\n" in seen[0]


@pytest.mark.anyio
async def test_an_address_in_brackets(upstream):
    async with Provider(answers(ANSWER), host="::1") as provider:
        assert await take(await upstream.send("GET", provider.url + "/", [], b"")) == b"hello"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "status", "kind", "stream"),
    [
        ("/v1/x", 200, b"text/event-stream; charset=utf-8", True),
        ("/v1/x", 500, b"text/event-stream", True),
        ("/v1/x", 200, b"application/x-ndjson", True),
        ("/v1/x", 200, b"application/json", False),
        ("/v1beta/models/m:streamGenerateContent", 200, b"Application/JSON; charset=UTF-8", True),
        ("/v1beta/models/m:streamGenerateContent?key=x", 200, b"application/json", True),
        ("/v1beta/models/m:streamGenerateContent", 400, b"application/json", False),
        ("/v1beta/models/m:streamGenerateContent", 200, b"text/html", False),
        ("/v1beta/models/m:generateContent", 200, b"application/json", False),
    ],
)
async def test_what_is_a_stream(upstream, path, status, kind, stream):
    told = b"HTTP/1.1 %d X\r\ncontent-type: %b\r\ncontent-length: 2\r\n\r\n[]" % (status, kind)
    async with Provider(answers(told)) as provider:
        answer = await upstream.send("POST", provider.url + path, [], b"{}")
        assert answer.is_stream is stream
        assert await take(answer) == b"[]"


@pytest.mark.anyio
async def test_short_times_are_kept_to_a_tenth():
    pool = Pool()
    upstream = Upstream(Timeouts(first_byte=0.5), pool)
    assert pool.sweep_seconds == 0.05
    await upstream.close()


@pytest.mark.anyio
async def test_what_comes_down():
    fields = b"x-a: 1\r\nset-cookie: a\r\nconnection: x-hop\r\nx-hop: 1\r\nset-cookie: b\r\nhelicone-id: theirs\r\n"
    upstream = Upstream(Timeouts(idle=60), Pool())
    async with Provider(answers(ANSWER[:17] + fields + ANSWER[17:])) as provider:
        answer = await upstream.send("GET", provider.url + "/", [], b"")
        assert answer.headers == [
            (b"x-a", b"1"),
            (b"set-cookie", b"a"),
            (b"set-cookie", b"b"),
            (b"content-length", b"5"),
        ]
        assert (answer.status, answer.header(b"x-a"), answer.header(b"x")) == (200, b"1", b"")
        body, whole = await answer.read(2)
        assert not whole
        answer.unread(body)
        assert await answer.read(100) == (b"hello", True)
        answer.release()
        answer.release()
    await upstream.close()


@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.anyio
async def test_a_connection_that_died_at_rest_is_replaced_once(upstream, then):
    """A provider closes as it takes the second request: the POST reaches a fresh connection, once."""
    requests = []

    async def dying(wire):
        await wire.request()
        await wire.send(ANSWER)
        await wire.head()
        wire.close() if then == "close" else wire.reset()

    async def living(wire):
        while request := await wire.request():
            requests.append(request)
            await wire.send(ANSWER)

    async with Provider(dying, living) as provider:
        for body in (b"one", b"two", b"three"):
            assert await take(await upstream.send("POST", provider.url + "/", [], body)) == b"hello"
        assert [request[-3:] for request in requests] == [b"two", b"ree"]
        assert provider.connections == 2


@pytest.mark.parametrize("came", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
@pytest.mark.anyio
async def test_what_may_have_been_answered_is_not_sent_again(upstream, came):
    async def script(wire):
        await wire.request()
        await wire.send(ANSWER)
        await wire.request()
        await wire.send(came)
        wire.close()

    async with Provider(script) as provider:
        await take(await upstream.send("POST", provider.url + "/", [], b"one"))
        with pytest.raises(Refusal) as caught:
            await upstream.send("POST", provider.url + "/", [], b"two")
        assert caught.value.word == "upstream_cut"
        assert provider.connections == 1


@pytest.mark.anyio
async def test_a_fresh_connection_that_dies_is_not_tried_again(upstream):
    async def script(wire):
        await wire.request()
        wire.close()

    async with Provider(script) as provider:
        with pytest.raises(Refusal) as caught:
            await upstream.send("POST", provider.url + "/", [], b"one")
        assert (caught.value.word, provider.connections) == ("upstream_cut", 1)


@pytest.mark.anyio
async def test_a_cancelled_call_closes_its_connection(upstream):
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.request()
        asked.set()
        await wire.gone()
        gone.set()

    async with Provider(script) as provider:
        sending = asyncio.ensure_future(upstream.send("POST", provider.url + "/", [], b"one"))
        await asked.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(gone.wait(), 5)
