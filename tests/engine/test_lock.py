"""One engine per database."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from helicli.engine import lock as module
from helicli.engine.lock import Holder, Lock, in_use, read
from helicli.errors import DatabaseError

DB = Path("x.db")
HOLDER = Holder(42, "http://127.0.0.1:8787", "/run/x.sock", "1.0")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db.lock"


def never(text):
    raise AssertionError(text)


def test_a_lock_says_who_holds_it_until_it_is_let_go(path):
    lock = Lock.take(path, DB, never)
    assert read(path) == Holder()
    lock.write(HOLDER)
    assert read(path) == HOLDER
    lock.write(Holder(1))
    assert read(path) == Holder(1)
    lock.release()
    assert path.exists() and read(path) == Holder()
    Lock.take(path, DB, never).release()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_database_whose_engine_lives_is_refused_at_once(path, monkeypatch):
    lock = Lock.take(path, DB, never)
    lock.write(HOLDER)
    monkeypatch.setattr(module.client, "answers", lambda where: where == HOLDER.control)
    with pytest.raises(DatabaseError) as caught:
        Lock.take(path, DB, never)
    assert HOLDER.url in caught.value.message and "pid 42" in caught.value.message
    lock.release()


def test_the_calls_of_a_killed_engine_are_waited_for(path):
    lock = Lock.take(path, DB, never)
    lock.write(HOLDER)
    orphan = os.dup(lock.fd)
    os.close(lock.fd)
    said = []

    def wait(text):
        said.append(text)
        os.close(orphan)

    Lock.take(path, DB, wait).release()
    assert said == ["waiting for the calls of an engine that was killed (pid 42)"]


def test_but_not_for_ever(path, monkeypatch):
    monkeypatch.setattr(module, "ORPHANS_SECONDS", 0.01)
    lock = Lock.take(path, DB, never)
    with pytest.raises(DatabaseError, match="in use"):
        Lock.take(path, DB, lambda text: None)
    lock.release()


def test_children_hold_it_for_as_long_as_they_live(path):
    lock = Lock.take(path, DB, never)
    inherited = os.dup(lock.fd)
    lock.release()
    other = os.open(path, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(inherited)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff", b'{"pid":"x"}'])
def test_a_holder_that_cannot_be_read(path, content):
    if content is not None:
        path.write_bytes(content)
    assert read(path) == Holder()


def test_an_engine_without_a_name():
    assert in_use(DB, Holder()).message == "x.db is in use by another helicli"
