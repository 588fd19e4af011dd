"""What goes wrong before the fake upstream, which notes when it is left; the matrices are in other files."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx2
import pytest

from helicli.store.bodies import BodyReader

AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}
CHAT = "/v1/chat/completions"


def body(**more):
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], **more}).encode()


def send_raw(engine, content, **fields):
    """A call over a socket of the test's own, which it can close whenever it likes."""
    parts = urlsplit(engine.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
    lines = [f"POST {CHAT} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in {**AUTH, **fields}.items()]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
    return connection


def aborted_within_a_second(upstream, left_at):
    upstream.wait_for(lambda seen: seen and seen[-1].aborted_at is not None, timeout=5)
    assert upstream.seen[-1].aborted_at - left_at < 1.0


def test_client_gone_before_headers(engine, upstream):
    connection = send_raw(engine, body(), **{"x-fake-delay": "30"})
    upstream.wait_for(lambda seen: len(seen) == 1)
    left_at = time.monotonic()
    connection.close()
    aborted_within_a_second(upstream, left_at)
    row = engine.wait_rows(1)[0]
    assert (row["error"], row["status"]) == ("client_closed", None)


@pytest.mark.parametrize("stall", ["0", "3"])
def test_client_gone_in_a_stream(engine, upstream, stall):
    connection = send_raw(engine, body(stream=True), **{"x-fake-stall": stall})
    upstream.wait_for(lambda seen: len(seen) == 1)
    if stall != "0":
        assert connection.recv(65536)
    left_at = time.monotonic()
    connection.close()
    aborted_within_a_second(upstream, left_at)
    row = engine.wait_rows(1)[0]
    assert row["error"] == "client_closed"
    if stall != "0":
        assert row["status"] == 200
        assert row["usage_estimated"] == 1
        assert row["cost_usd"] > 0


def test_provider_error_inside_a_good_status(engine):
    with httpx2.Client(timeout=20) as client:
        client.post(engine.url + CHAT, headers={**AUTH, "x-fake-error": "2"}, content=body(stream=True))
    row = engine.wait_rows(1)[0]
    assert (row["status"], row["error"]) == (200, "provider_error")
    assert row["error_message"]


def test_keys_are_nowhere_but_in_memory(engine, upstream):
    """Canaries in every place a key can stand; the database, its log and the journal are searched for them."""
    key = "sk-wrong-CANARY0123456789"
    places = {
        "authorization": f"Bearer {key}",
        "x-api-key": key,
        "api-key": key,
        "x-goog-api-key": key,
        "helicone-auth": f"Bearer {key}",
        "cookie": f"session={key}",
        "aws-secret-key": key,
        "content-type": "application/json",
    }
    with httpx2.Client(timeout=20) as client:
        for encoding in ("gzip", "identity"):
            answer = client.post(
                f"{engine.url}/{CHAT}?key={key}&api_key={key}",
                headers={**places, "x-fake-encoding": encoding},
                content=body(note=f"my key is {key}"),
            )
            assert key in answer.text, "the fake is to echo the key, as some providers do"
        client.get(f"{engine.url}/sk-helicone-{key}/v1/models", headers=places)
    assert len(engine.wait_rows(3)) == 3
    engine.stop()
    assert engine.rows()[0]["error_message"]
    with closing(sqlite3.connect(engine.db)) as connection:
        kept = connection.execute("SELECT request_headers, request, response_headers, response FROM bodies").fetchall()
        reader = BodyReader(connection)
        texts = ["\n".join(connection.iterdump()).encode()]
        for request_headers, request, response_headers, response in kept:
            texts += [str(reader.headers(request_headers)).encode(), reader.body(request)]
            texts += [str(reader.headers(response_headers)).encode(), reader.body(response)]
        texts += [reader.unpack(data) for (data,) in connection.execute("SELECT data FROM parts")]
        texts += [reader.unpack(data) for (data,) in connection.execute("SELECT usage FROM calls") if data]
    assert not [text for text in texts if b"CANARY" in text]
    for path in (engine.db.parent / name for name in ("helicli.db", "helicli.db-wal")):
        assert not path.exists() or b"CANARY" not in path.read_bytes()
    assert not [path for path in engine.journal.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()]
