"""The client's side of one call."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helicli.proxy import client as module
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.refusal import Refusal

pytestmark = pytest.mark.anyio


def _client(*messages, fields=(), whole=lambda *_: False, body=None):
    sent = []
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "method": "POST",
        "headers": [(b"a", b"b"), *fields],
        "server": ("127.0.0.1", 8787),
        "extensions": {
            "helicli.target": b"/v1/x?y=%20",
            "helicli.connection": SimpleNamespace(answer_whole=whole, body_whole=lambda _: body),
        },
    }
    return Client(scope, receive, send), sent


def _body(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_whole():
    client, _ = _client(_body(b"one ", True), _body(b"", True), _body(b"two"))
    assert client.target == "/v1/x?y=%20"
    assert await client.read() == b"one two"
    assert not client.has_more
    assert [piece async for piece in client.rest()] == []


async def test_of_a_large_body_the_rest_comes_in_pieces(monkeypatch):
    monkeypatch.setattr(module, "BUFFER_BYTES", 5)
    client, _ = _client(_body(b"abc", True), _body(b"def", True), _body(b"", True), _body(b"ghi", True), _body(b"j"))
    assert await client.read() == b"abcdef"
    assert client.has_more
    assert [piece async for piece in client.rest()] == [b"ghi", b"j"]
    assert not client.has_more


async def test_a_client_that_goes():
    client, _ = _client(_body(b"abc", True), {"type": "http.disconnect"})
    with pytest.raises(Gone):
        await client.read()


async def test_an_answer(monkeypatch):
    client, sent = _client()
    assert not client.started
    await client.answer(429, [(b"a", b"b")], b"no")
    assert client.started
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[0]["status"], sent[1]["body"], sent[1]["more_body"]) == (429, b"no", False)


@pytest.mark.parametrize("taken", [True, False])
async def test_an_answer_goes_in_one_write_where_it_can(taken):
    given = []
    client, sent = _client(whole=lambda *call: given.append(call) or taken)
    fields = [(b"content-length", b"2")]
    await client.answer(200, fields, b"ok")
    assert [call[1:] for call in given] == [(200, fields, b"ok", None)]
    assert bool(sent) is not taken


def test_a_body_that_is_there():
    client, _ = _client(body=b"abc")
    assert (client.at_hand(), client.has_more) == (b"abc", False)
    client, _ = _client()
    assert (client.at_hand(), client.has_more) == (None, True)


async def test_a_client_that_holds_its_body_back():
    expect = [(b"expect", b"100-continue")]
    client, _ = _client(_body(b"abc", True), fields=expect)
    assert client.holds_back
    await client._message()
    assert not client.holds_back, "it was given the word"
    assert not _client()[0].holds_back


@pytest.mark.parametrize(("value", "refused"), [(b"websocket", True), (b" WebSocket", True), (b"h2c", False)])
async def test_upgrades(value, refused):
    fields = [(b"upgrade", value)]
    if refused:
        with pytest.raises(Refusal) as caught:
            refuse_upgrade(fields)
        assert caught.value.status == 501
    else:
        refuse_upgrade(fields)
