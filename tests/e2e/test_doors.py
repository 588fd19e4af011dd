"""Who gets in: web pages, other names, other machines and other users stay out from the first day."""

from __future__ import annotations

import stat

import httpx2
import pytest

AUTH = {"authorization": "Bearer sk-demo-000111222"}


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8787"},
        {"host": "localhost.evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "192.168.1.7:8787"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/healthcheck"])
def test_foreign_pages_and_names_are_refused(engine, upstream, fields, path):
    with httpx2.Client() as client:
        answer = client.get(engine.url + path, headers={**AUTH, **fields})
    assert answer.status_code == 403
    assert answer.headers.get("helicone-status") == (None if path == "/healthcheck" else "failed")
    assert "access-control-allow-origin" not in answer.headers
    assert upstream.seen == []
    if path != "/healthcheck":
        row = engine.wait_rows(1)[0]
        assert (row["status"], row["error"]) == (403, "refused_door")


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "localhost"},
        {"host": "LOCALHOST:1234"},
        {"host": "oai.localhost:8787"},
        {"host": "127.0.0.2"},
        {"host": "[::1]:8787"},
        {"host": "dev.test"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_local_names_are_answered(make_engine, fields):
    engine = make_engine("--allow-host", "dev.test").start()
    with httpx2.Client() as client:
        assert client.get(f"{engine.url}/v1/models", headers={**AUTH, **fields}).status_code == 200


def test_labels_that_are_not_built_say_so(engine, upstream):
    with httpx2.Client() as client:
        answer = client.get(f"{engine.url}/bedrock/v1/x", headers=AUTH)
    assert answer.status_code == 501
    assert "Bedrock" in answer.json()["error"]["message"]
    assert upstream.seen == []
    assert engine.wait_rows(1)[0]["error"] == "bad_request"


@pytest.mark.parametrize("path", ["/", "/favicon.ico"])
def test_a_browser_that_opens_the_address_reaches_no_provider(engine, upstream, path):
    with httpx2.Client() as client:
        answer = client.get(engine.url + path, headers={"sec-fetch-site": "none", "cookie": "session=x"})
    assert (answer.status_code, "helicli is here" in answer.text) == (200, True)
    assert upstream.seen == []


def test_websocket_is_told_so(engine):
    with httpx2.Client() as client:
        fields = {**AUTH, "connection": "upgrade", "upgrade": "websocket", "sec-websocket-key": "x"}
        answer = client.get(f"{engine.url}/v1/realtime", headers=fields)
    assert answer.status_code == 501
    assert "WebSocket" in answer.json()["error"]["message"]


def test_files_are_the_users_alone(engine):
    with httpx2.Client() as client:
        client.get(f"{engine.url}/v1/models", headers=AUTH)
    engine.wait_rows(1)
    files = [path for path in engine.db.parent.iterdir() if path.name.startswith("helicli.db")]
    assert {path.name for path in files} >= {"helicli.db", "helicli.db-wal", "helicli.db.calls", "helicli.db.lock"}
    for path in [*files, *engine.journal.iterdir(), engine.ready_file]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
