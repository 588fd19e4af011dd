"""The client's side of one call."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helicli.proxy import client as module
from helicli.proxy.client import Client, Gone, refuse_upgrade
from helicli.proxy.refusal import Refusal

pytestmark = pytest.mark.anyio


def _client(*messages):
    sent = []
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "method": "POST",
        "headers": [(b"a", b"b")],
        "server": ("127.0.0.1", 8787),
        "extensions": {"helicli.target": b"/v1/x?y=%20", "helicli.connection": SimpleNamespace()},
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


@pytest.mark.parametrize(("value", "refused"), [(b"websocket", True), (b" WebSocket", True), (b"h2c", False)])
async def test_upgrades(value, refused):
    fields = [(b"upgrade", value)]
    if refused:
        with pytest.raises(Refusal) as caught:
            refuse_upgrade(fields)
        assert caught.value.status == 501
    else:
        refuse_upgrade(fields)
