"""The database deleted, replaced, locked, full or not writable while rows come: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter

import pytest

from helicli.journal import Position
from helicli.recorder.database import Database, Unavailable
from helicli.store.connect import open_writer
from helicli.store.position import Reached
from tests.recorder.scene import end


@pytest.fixture(autouse=True)
def short_wait(monkeypatch):
    """Another program's lock is not waited for."""
    monkeypatch.setattr("helicli.store.connect.BUSY_MS", 1)


def test_rows_and_position_are_one_commit(scene):
    database = Database(scene.database)
    assert database.reached() == Reached()
    reached = Reached(Position(2, 3, 50), Position(2, 1, 24), "file")
    database.write((), reached, durable=False)
    assert database.reached() == reached
    with pytest.raises(AttributeError):
        database.write((None,), Reached(Position(9, 9, 9)), durable=False)
    assert database.reached() == reached
    database.close()


def test_a_new_database_is_private_and_in_wal(scene):
    scene.drain()
    assert scene.database.stat().st_mode & 0o777 == 0o600
    assert scene.ask("PRAGMA journal_mode")[0][0] == "wal"
    assert scene.ask("PRAGMA auto_vacuum")[0][0] == 2


def test_a_deleted_database_is_made_anew_with_the_running_calls(scene):
    proxy = scene.proxy()
    proxy.small("a")
    run = proxy.stream("run", b"data: 1\n\n")
    recorder = scene.drain()
    for path in scene.database.parent.glob("db*"):
        if path.is_file():
            path.unlink()
    assert recorder.step() is False
    assert scene.database.exists()
    proxy.small("b")
    run.end(end())
    scene.drain(recorder)
    assert scene.names() == {"b": 1, "run": 1}
    recorder.close()
    proxy.small("c")
    scene.drain()
    assert scene.names() == {"b": 1, "run": 1, "c": 1}


def test_a_database_deleted_before_its_first_row(scene):
    recorder = scene.drain()
    scene.database.unlink()
    scene.proxy().small("a")
    scene.drain(recorder)
    assert scene.names() == {"a": 1}


@pytest.mark.parametrize("kept", [True, False], ids=["moved", "lost"])
@pytest.mark.parametrize("log_left", [True, False], ids=["log left", "log taken"])
def test_a_replaced_database_gets_what_comes_after(scene, tmp_path, kept, log_left):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    other = tmp_path / "other"
    connection = open_writer(other)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    if not log_left:
        for suffix in ("-wal", "-shm"):
            (scene.database.parent / f"db{suffix}").unlink()
    if kept:
        scene.database.rename(tmp_path / "old")
    other.rename(scene.database)
    proxy.small("b")
    scene.drain(recorder)
    proxy.small("c")
    scene.drain(recorder)
    recorder.close()
    assert scene.names() == {"b": 1, "c": 1}
    assert scene.ask("SELECT count(*) FROM mine")[0][0] == 0
    assert scene.ask("PRAGMA integrity_check")[0][0] == "ok"
    if kept:
        (tmp_path / "old").rename(scene.database)
        assert scene.names() == {"a": 1}
        assert scene.ask("PRAGMA integrity_check")[0][0] == "ok"


def test_an_older_copy_put_back_is_filled_up(scene, tmp_path):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    recorder.close()
    old = scene.database.read_bytes()
    proxy.small("b")
    scene.drain().close()
    scene.database.write_bytes(old)
    proxy.small("c")
    scene.drain()
    assert scene.names() == {"a": 1, "b": 1, "c": 1}


def test_a_commit_into_a_file_that_is_deleted_meanwhile_is_repeated(scene, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.recorder()
    real = Database._write
    deleted = []

    def write(self, calls, reached, *, durable):
        real(self, calls, reached, durable=durable)
        if not deleted:
            deleted.append(scene.database.unlink())

    monkeypatch.setattr(Database, "_write", write)
    scene.drain(recorder)
    assert scene.names() == {"a": 1}


def test_a_locked_database_is_only_a_longer_journal(scene):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    lock = sqlite3.connect(scene.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for i in range(5):
        proxy.small(f"b{i}")
        assert recorder.step() is False
        assert (recorder.state, recorder.rows_written) == ("locked", 1)
    assert recorder.waiting_bytes() > 0
    lock.execute("COMMIT")
    lock.close()
    scene.drain(recorder)
    assert (recorder.state, recorder.waiting_bytes()) == ("ok", 0)
    assert scene.names() == Counter(["a", *(f"b{i}" for i in range(5))])


def test_a_database_that_is_locked_when_the_recorder_starts(scene):
    scene.drain().close()
    lock = sqlite3.connect(scene.database, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    scene.proxy().small("a")
    recorder = scene.recorder()
    assert recorder.step() is False
    assert recorder.state == "locked"
    assert recorder.finish() is False
    lock.execute("ROLLBACK")
    lock.close()
    scene.drain(recorder)
    assert scene.names() == {"a": 1}


def test_a_locked_database_keeps_a_dead_journal(scene):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    proxy.die()
    lock = sqlite3.connect(scene.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    assert recorder.finish() is False
    assert recorder.state == "locked"
    assert len(scene.segments()) == 1
    lock.execute("ROLLBACK")
    lock.close()
    scene.finish(recorder)


def test_a_database_that_cannot_be_written(scene, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    proxy.small("b")
    with monkeypatch.context() as patch:
        patch.setattr("helicli.recorder.database.os.access", lambda path, mode: False)
        assert recorder.step() is False
        assert recorder.state == "readonly"
        assert str(scene.database) in recorder.message
    scene.drain(recorder)
    assert scene.names() == {"a": 1, "b": 1}


def test_a_full_disk(scene):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    connection = recorder._database._open()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    proxy.small("b", response=random.Random(1).randbytes(60_000))
    assert recorder.step() is False
    assert recorder.state == "full"
    scene.drain(recorder)
    assert scene.names() == {"a": 1, "b": 1}


@pytest.mark.parametrize("kind", ["folder", "no database", "newer"])
def test_what_is_no_database_of_this_helicli(scene, kind):
    if kind == "folder":
        scene.database.mkdir()
    elif kind == "no database":
        scene.database.write_bytes(b"letters to my mother" * 100)
    else:
        connection = open_writer(scene.database)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    scene.proxy().small("a")
    recorder = scene.recorder()
    assert recorder.step() is False
    assert recorder.state in ("readonly", "failing")
    assert recorder.message
    assert len(scene.segments()) == 1


def test_unavailable_is_told_by_word(scene):
    database = Database(scene.database / "nowhere")
    with pytest.raises(Unavailable) as caught:
        database.reached()
    assert caught.value.state == "readonly"
