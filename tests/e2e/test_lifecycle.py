"""An engine from start to stop: what it says, what it refuses, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import httpx2
import pytest

from helicli import __version__
from helicli.engine import client, lock

CHAT = "/v1/chat/completions"
AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}


def body(**more):
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], **more}).encode()


def refused(engine, *options, port=0):
    """Start an engine that must refuse; exit code and what it says."""
    done = subprocess.run([*engine.command(port), *options], capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_healthcheck_and_ready_file(engine):
    health = engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
    assert health["version"] == __version__
    assert health["pid"] == engine.process.pid
    assert health["address"] == engine.url
    assert health["database"] == str(engine.db)
    assert health["journal"]["waiting_bytes"] == 0
    assert set(engine.ready) == set(health)
    engine.stop()
    assert not engine.ready_file.exists()


def test_port_taken_by_a_stranger(make_engine):
    engine = make_engine()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = refused(engine, port=port)
    assert code == 5
    assert f"error: port {port} is in use\n" in said
    assert "fix:" in said


def test_port_taken_by_helicli(engine, make_engine, tmp_path):
    port = int(engine.url.rpartition(":")[2])
    code, said = refused(engine, port=port)
    assert code == 5
    assert f"port {port} is in use by helicli (pid {engine.process.pid}, same database)" in said


def test_database_in_use(engine):
    code, said = refused(engine)
    assert code == 4
    assert f"is in use by another helicli at {engine.url} (pid {engine.process.pid})" in said
    assert "fix:" in said
    assert engine.health()["pid"] == engine.process.pid


def test_database_through_a_link_is_the_same(engine, make_engine, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(engine.db)
    code, said = refused(engine, "--db", str(link))
    assert (code, "in use by another helicli" in said) == (4, True)


def test_database_of_a_newer_version(make_engine):
    engine = make_engine()
    with closing(sqlite3.connect(engine.db)) as connection:
        connection.execute("PRAGMA user_version = 99")
    code, said = refused(engine)
    assert code == 4
    assert "newer helicli (schema 99" in said
    assert "pip install -U helicli" in said


def test_database_that_is_none(make_engine):
    engine = make_engine()
    engine.db.write_bytes(b"this is not a database, whatever its name says" * 30)
    code, said = refused(engine)
    assert code == 4
    assert "not a database" in said
    assert engine.db.read_bytes().startswith(b"this is not")


@pytest.mark.parametrize("version", [0, 1])
def test_database_of_another_program_is_left_alone(make_engine, version):
    engine = make_engine()
    with closing(sqlite3.connect(engine.db)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute(f"PRAGMA user_version = {version}")
    before = engine.db.read_bytes()
    code, said = refused(engine)
    assert (code, "another program's database" in said) == (4, True)
    assert engine.db.read_bytes() == before
    assert [path.name for path in engine.db.parent.iterdir()] == ["helicli.db"]


def test_ready_file_of_a_killed_engine_is_taken_away(make_engine, tmp_path):
    engine = make_engine()
    engine.ready_file.write_text("stale")
    with closing(sqlite3.connect(engine.db)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert refused(engine)[0] == 4
    assert not engine.ready_file.exists()
    code, said = refused(engine, "--ready-file", str(tmp_path / "no" / "where"))
    assert (code, "--ready-file cannot be" in said) == (2, True)


def test_database_that_cannot_be_written(make_engine, tmp_path):
    (tmp_path / "folder.db").mkdir()
    code, said = refused(make_engine(), "--db", str(tmp_path / "folder.db"))
    assert (code, "cannot be written" in said) == (4, True)
    (tmp_path / "file").write_text("")
    code, said = refused(make_engine(), "--db", str(tmp_path / "file" / "helicli.db"))
    assert (code, "cannot be written" in said) == (4, True)


def test_wider_bind_needs_a_word(make_engine):
    code, said = refused(make_engine(), "--host", "0.0.0.0")
    assert (code, "--unsafe-no-auth" in said) == (2, True)
    engine = make_engine("--host", "0.0.0.0", "--unsafe-no-auth").start()
    with httpx2.Client() as client:
        assert client.get(engine.url.replace("0.0.0.0", "127.0.0.1") + "/healthcheck").status_code == 200


@pytest.mark.parametrize("bad", ["nonsense", "x=ftp://host", "BAD NAME=http://host", "x="])
def test_bad_upstreams(make_engine, bad):
    code, said = refused(make_engine(), "--upstream", bad)
    assert code == 2
    assert said.startswith("error:")
    assert "fix:" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_lets_running_calls_finish(engine, upstream, number):
    seen = []

    def call():
        with (
            httpx2.Client(timeout=30) as client,
            client.stream(
                "POST", engine.url + CHAT, headers={**AUTH, "x-fake-gap": "0.1"}, content=body(stream=True)
            ) as answer,
        ):
            seen.append(b"".join(answer.iter_raw()))

    thread = threading.Thread(target=call)
    thread.start()
    upstream.wait_for(lambda calls: len(calls) == 1)
    engine.wait_health(lambda health: health["journal"]["running_calls"] == 1)
    code, said = engine.stop(number)
    thread.join()
    assert code == 0
    assert "finishing 1 call" in said
    assert seen[0].endswith(b"data: [DONE]\n\n")
    assert [row["error"] for row in engine.rows()] == [None]
    assert not list(engine.journal.glob("*.calls"))


def test_a_second_signal_stops_at_once(engine, upstream):
    with httpx2.Client(timeout=30) as client:
        request = client.build_request(
            "POST", engine.url + CHAT, headers={**AUTH, "x-fake-stall": "2"}, content=body(stream=True)
        )
        answer = client.send(request, stream=True)
        pieces = answer.iter_raw()
        assert next(pieces)
        engine.process.send_signal(signal.SIGINT)
        line = ""
        while "finishing 1 call" not in line:
            line = engine.process.stderr.readline()
            assert line, "the engine ended before the second signal"
        engine.process.send_signal(signal.SIGINT)
        engine.process.communicate(timeout=10)
        assert engine.process.returncode == 130
        pieces.close()
        answer.close()
    engine.start()
    rows = engine.wait_rows(1)
    assert [row["error"] for row in rows] == ["engine_killed"]
    assert rows[0]["status"] == 200


def test_what_was_left_in_the_journal_is_recorded_at_the_next_start(engine):
    with closing(sqlite3.connect(engine.db, isolation_level=None)) as other:
        engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
        other.execute("BEGIN IMMEDIATE")
        with httpx2.Client() as client:
            assert client.post(engine.url + CHAT, headers=AUTH, content=body()).status_code == 200
        engine.process.send_signal(signal.SIGINT)
        engine.process.send_signal(signal.SIGTERM)
        engine.process.communicate(timeout=20)
        other.execute("ROLLBACK")
    assert engine.rows() == []
    engine.start()
    assert [row["error"] for row in engine.wait_rows(1)] == [None]


def test_control_socket(engine):
    holder = lock.read(engine.db.with_name("helicli.db.lock"))
    assert (holder.pid, holder.url) == (engine.process.pid, engine.url)
    assert client.ask(holder.control, "status")["address"] == engine.url
    with pytest.raises(Exception, match="does not know") as raised:
        client.ask(holder.control, "dance")
    assert raised.value.exit_code == 2
    assert client.ask(holder.control, "stop") == {"stopping": True}
    engine.process.communicate(timeout=30)
    assert engine.process.returncode == 0
    assert not client.answers(holder.control)


def test_serve_without_a_terminal_says_little(engine):
    with httpx2.Client() as client:
        client.post(engine.url + CHAT, headers=AUTH, content=body())
    code, said = engine.stop()
    assert code == 0
    assert said.startswith("done. 1 call · $")
    assert len(said.splitlines()) == 1


def test_module_and_version():
    done = subprocess.run([sys.executable, "-m", "helicli", "--version"], capture_output=True, text=True, timeout=30)
    assert done.stdout == f"helicli {__version__}\n"
