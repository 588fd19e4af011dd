"""A running upstream, a client of it, and a raw socket to it."""

from __future__ import annotations

import socket

import httpx2
import pytest

from helicli.demo.upstream import FakeUpstream

KEY = {"authorization": "Bearer sk-demo"}
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture(scope="module")
def served():
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(served):
    served.clear()
    return served


@pytest.fixture
def client(upstream):
    with httpx2.Client(base_url=upstream.url, headers=KEY, timeout=5, trust_env=False) as client:
        yield client


@pytest.fixture
def chat(client):
    """Send a chat call with switches; the response is read."""

    def send(stream: bool = False, headers: dict[str, str] | None = None, **switches: object):
        fields = {f"x-fake-{name}": str(value) for name, value in switches.items()}
        return client.post("/v1/chat/completions", json={**CHAT, "stream": stream}, headers=fields | (headers or {}))

    return send


@pytest.fixture
def raw(upstream):
    """Send a chat call over a socket of its own; gives the connected socket."""
    sockets: list[socket.socket] = []

    def send(stream: bool = True, **switches: object) -> socket.socket:
        body = b'{"model":"gpt-4o","stream":%s,"messages":[]}' % (b"true" if stream else b"false")
        fields = "".join(f"x-fake-{name}: {value}\r\n" for name, value in switches.items())
        connected = socket.create_connection(("127.0.0.1", upstream.port), timeout=5)
        sockets.append(connected)
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-demo\r\n{fields}"
        connected.sendall(head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
        return connected

    yield send
    for connected in sockets:
        connected.close()
