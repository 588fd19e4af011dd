"""The network between helicli and a provider: other addresses, proxies of the house, certificates of the house."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress

import httpx2
import pytest

CHAT = "/v1/chat/completions"
AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}
CONTENT = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]})


class Relay:
    """A server in threads that passes bytes on: as a CONNECT proxy, or as a TLS front of `upstream_port`."""

    def __init__(self, upstream_port=0, tls=None, refuses=False):
        self.asked: list[bytes] = []
        self._upstream_port = upstream_port
        self._tls = tls
        self._refuses = refuses
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        for each in [self._listener, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in [self._listener, *self._open]:
            each.close()

    def _start(self, work, *given):
        self._threads.append(threading.Thread(target=work, args=given))
        self._threads[-1].start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._start(self._serve, client)

    def _serve(self, client):
        with suppress(OSError):
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
                self._open.append(client)
            port = self._upstream_port or self._asked_port(client)
            if port:
                there = socket.create_connection(("127.0.0.1", port))
                self._open.append(there)
                self._start(self._pump, there, client)
                self._pump(client, there)

    def _asked_port(self, client):
        """The port a CONNECT names, 0 where it is refused."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.asked.append(head)
        if self._refuses:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            return 0
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return int(head.split(b" ")[1].rpartition(b":")[2])

    def _pump(self, one, other):
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-made certificate for api.house.test and localhost, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = "subjectAltName=DNS:api.house.test,DNS:localhost"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=house"]
        + ["-addext", names, "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def tls(certificate):
    """A server's side of TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@contextmanager
def environment(monkeypatch, **names):
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    yield


def port_of(url):
    return int(url.rpartition(":")[2])


def call(engine, path=CHAT, **fields):
    with httpx2.Client(timeout=30, trust_env=False) as client:
        return client.post(engine.url + path, headers={**AUTH, **fields}, content=CONTENT)


def test_target_named_by_the_caller(engine, upstream):
    answer = call(engine, "/gateway" + CHAT, **{"helicone-target-url": f"{upstream.url}/deep"})
    assert answer.status_code == 404
    assert upstream.seen[0].path == "/deep" + CHAT
    assert call(engine, **{"helicone-target-url": upstream.url}).status_code == 200
    assert engine.wait_rows(2)[1]["provider"] == "openai", "known by its address"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0.0.0.0", "2130706433", "127.0.0.2", "0x7f.1", "[::ffff:127.0.0.1]"]
)
def test_target_that_is_this_proxy_itself_is_refused(engine, upstream, host):
    port = port_of(engine.url)
    answer = call(engine, **{"helicone-target-url": f"http://{host}:{port}"})
    rows = engine.wait_rows(1)
    assert answer.status_code in (400, 502)
    if answer.status_code == 502:
        assert rows[0]["error"] in ("connect", "dns"), "neither refused nor unreachable"
    else:
        assert "this proxy itself" in answer.json()["error"]["message"]
    assert len(engine.rows()) == 1, "the call went round"


def test_certificate_of_the_house(make_engine, upstream, tls, certificate):
    with Relay(port_of(upstream.url), tls) as front:
        url = f"https://localhost:{front.port}"
        trusting = make_engine("--upstream", f"house={url}", "--ca-file", str(certificate[0])).start()
        assert call(trusting, "/house" + CHAT).status_code == 200
        trusting.stop()
        strict = make_engine("--upstream", f"house={url}").start()
        answer = call(strict, "/house" + CHAT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (502, "tls")


def test_certificate_named_by_the_environment(make_engine, upstream, tls, certificate, monkeypatch):
    with Relay(port_of(upstream.url), tls) as front, environment(monkeypatch, SSL_CERT_FILE=str(certificate[0])):
        engine = make_engine("--upstream", f"house=https://localhost:{front.port}").start()
        assert call(engine, "/house" + CHAT).status_code == 200


def test_certificate_for_another_name_is_refused(make_engine, upstream, tls, certificate):
    with Relay(port_of(upstream.url), tls) as front:
        engine = make_engine("--upstream", f"house=https://127.0.0.1:{front.port}", "--ca-file", str(certificate[0]))
        answer = call(engine.start(), "/house" + CHAT)
    assert answer.json()["error"]["code"] == "tls"
    assert "127.0.0.1" in answer.json()["error"]["message"]


def test_proxy_of_the_network(make_engine, upstream, tls, certificate, monkeypatch):
    """The name of the provider is known to the proxy alone; what goes through is its own TLS."""
    with (
        Relay(port_of(upstream.url), tls) as front,
        Relay() as proxy,
        environment(monkeypatch, HTTPS_PROXY=f"http://ada:p%40ss@127.0.0.1:{proxy.port}"),
    ):
        url = f"https://api.house.test:{front.port}"
        engine = make_engine("--upstream", f"house={url}", "--ca-file", str(certificate[0])).start()
        for _ in range(3):
            answer = call(engine, "/house" + CHAT)
            assert answer.status_code == 200, answer.text
        assert len(proxy.asked) == 1, "the tunnel was to be used again"
        head = proxy.asked[0]
        assert head.startswith(f"CONNECT api.house.test:{front.port} HTTP/1.1\r\n".encode())
        assert b"proxy-authorization: Basic " + base64.b64encode(b"ada:p@ss") in head
        assert call(engine).status_code == 200, "this machine is never reached through a proxy"
        assert len(proxy.asked) == 1
        assert not [seen for seen in upstream.seen if seen.header(b"proxy-authorization")]


def test_no_proxy(make_engine, monkeypatch):
    with (
        Relay() as proxy,
        environment(monkeypatch, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", NO_PROXY="house.invalid,.else.invalid"),
    ):
        engine = make_engine("--upstream", "house=https://api.house.invalid").start()
        assert call(engine, "/house" + CHAT).json()["error"]["code"] == "dns"
        assert proxy.asked == []


def test_proxy_that_refuses(make_engine, monkeypatch):
    with Relay(refuses=True) as proxy, environment(monkeypatch, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}"):
        engine = make_engine("--upstream", "house=https://api.house.test").start()
        error = call(engine, "/house" + CHAT).json()["error"]
    assert error["code"] == "connect"
    assert "407" in error["message"]
