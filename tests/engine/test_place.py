"""What must be right before an engine starts, and how it is said where it is not."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
import time
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from helicli import journal
from helicli.engine import place
from helicli.engine.place import EngineSettings, address, listen, next_generation, prepare
from helicli.errors import DatabaseError, NetworkError, UsageError


@pytest.fixture
def database(tmp_path):
    return tmp_path / "data" / "x.db"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])
def test_other_machines_come_in_only_when_that_is_asked_by_name(database, host):
    with pytest.raises(UsageError, match=host):
        EngineSettings(database, host=host).check()
    EngineSettings(database, host=host, unsafe_no_auth=True).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_comes_in(database, host):
    EngineSettings(database, host=host).check()


@pytest.mark.parametrize("word", ["batch", "sync"])
def test_words_that_there_are(database, word):
    EngineSettings(database, durability=word).check()
    with pytest.raises(UsageError, match="--durability"):
        EngineSettings(database, durability=word.upper()).check()


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_a_listening_socket(database, host, url):
    with listen(host, 0, database) as listener:
        port = listener.getsockname()[1]
        assert address(listener, host) == f"{url}{port}"
        socket.create_connection((host, port)).close()


@pytest.mark.parametrize(
    ("host", "error"), [("does-not-exist.invalid", UsageError), ("x" * 100, UsageError), ("203.0.113.9", NetworkError)]
)
def test_an_address_that_cannot_be_had(database, host, error):
    with pytest.raises(error) as caught:
        listen(host, 0, database)
    assert host in caught.value.message and "--host" in caught.value.fix


def test_a_machine_without_the_protocol(database, monkeypatch):
    def refuse(*given):
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(place.socket, "socket", refuse)
    with pytest.raises(NetworkError, match="cannot listen"):
        listen("127.0.0.1", 0, database)


def serve_health(answer):
    """A server that answers once, and its thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == "/healthcheck"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *given):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    return server, thread


@pytest.mark.parametrize("whose", ["same", "another", "stranger"])
def test_a_port_that_is_taken(database, whose):
    health = {"pid": 42, "database": str(database if whose == "same" else "other.db")}
    server, thread = serve_health(b"<html>" if whose == "stranger" else json.dumps(health).encode())
    with pytest.raises(NetworkError) as caught:
        listen("127.0.0.1", server.server_port, database)
    thread.join()
    server.server_close()
    assert str(server.server_port) in caught.value.message
    assert ("pid 42" in caught.value.message) is (whose != "stranger")
    assert ("--db" in caught.value.fix) is (whose == "same")


def test_the_files_are_the_users_alone(database):
    folder = prepare(database)
    assert folder.name == "x.db.calls"
    assert [path.stat().st_mode & 0o777 for path in (database.parent, folder)] == [0o700, 0o700]
    assert (database.parent / "x.db.lock").stat().st_mode & 0o777 == 0o600
    assert not database.exists()
    folder.chmod(0o755)
    assert prepare(database) == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_can_be_no_database(database, tmp_path):
    database.mkdir(parents=True)
    (tmp_path / "file").touch()
    for path in (database, tmp_path / "file" / "x.db"):
        with pytest.raises(DatabaseError, match="cannot be written"):
            prepare(path)
    other = tmp_path / "notes.txt"
    other.write_text("not a database, and long enough to look like one " * 20)
    with pytest.raises(DatabaseError):
        prepare(other)


@pytest.mark.parametrize(("code", "passes"), [(sqlite3.SQLITE_BUSY, True), (sqlite3.SQLITE_IOERR, False)])
def test_a_database_that_is_locked_is_the_recorders_to_wait_for(database, monkeypatch, code, passes):
    def refuse(path):
        cause = sqlite3.OperationalError()
        cause.sqlite_errorcode = code
        raise DatabaseError("x.db cannot be read", "wait") from cause

    database.parent.mkdir()
    database.touch()
    monkeypatch.setattr(place, "open_reader", refuse)
    with nullcontext() if passes else pytest.raises(DatabaseError, match="cannot be read"):
        prepare(database)


def test_a_generation_is_larger_than_all_before_it(tmp_path):
    first = next_generation(tmp_path)
    assert first >= int(time.time()) - 5
    assert next_generation(tmp_path) == first + 1
    (tmp_path / journal.segment_name(first + 1_000, 3)).touch()
    (tmp_path / "something else").touch()
    assert next_generation(tmp_path) == first + 1_001
    for broken in ("", "x", "-"):
        (tmp_path / "generation").write_text(broken)
        assert next_generation(tmp_path) > first + 1_000
    assert not (tmp_path / "generation.new").exists()


def test_a_clock_that_goes_back_does_not_matter(tmp_path, monkeypatch):
    first = next_generation(tmp_path)
    monkeypatch.setattr(place.time, "time", lambda: 0.0)
    assert next_generation(tmp_path) == first + 1
    assert os.listdir(tmp_path) == ["generation"]  # noqa: PTH208
