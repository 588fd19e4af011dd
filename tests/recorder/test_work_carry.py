"""Long calls carried forward: they pin nothing and lose nothing."""

from __future__ import annotations

import sqlite3

from helicli import journal
from tests.recorder.scene import end


def test_a_long_call_pins_nothing_and_loses_nothing(scene, small_segments):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: 0\n\n")
    recorder = scene.recorder()
    for i in range(1, 60):
        proxy.small(f"s{i}")
        pin.chunk(b"data: %d\n\n" % i)
        scene.drain(recorder)
        assert len(scene.segments()) <= 7
    recorder.close()
    recorder = scene.drain()
    pin.end(end())
    scene.drain(recorder)
    assert scene.body("pin")["response"] == b"".join(b"data: %d\n\n" % i for i in range(60))
    assert scene.carries() == []


def test_a_commit_that_fails_after_calls_were_carried(scene, small_segments, monkeypatch):
    monkeypatch.setattr("helicli.store.connect.BUSY_MS", 1)
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    recorder = scene.drain()
    lock = sqlite3.connect(scene.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for i in range(40):
        proxy.small(f"s{i}")
    assert recorder.step() is False
    assert recorder.state == "locked"
    assert len(scene.carries()) == 1
    lock.execute("ROLLBACK")
    lock.close()
    scene.drain(recorder)
    proxy.small("later")
    recorder = scene.drain()
    pin.end(end())
    scene.drain(recorder)
    assert scene.body("pin")["response"] == b"data: first\n\n"
    assert scene.names()["pin"] == 1


def test_a_carried_call_that_ended_is_not_carried_on(scene, small_segments):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    for i in range(40):
        proxy.small(f"s{i}")
    recorder = scene.drain()
    assert len(scene.carries()) == 1
    other = proxy.stream("other")
    pin.end(end())
    scene.drain(recorder)
    assert scene.carries() == []
    recorder = scene.drain()
    other.end(end())
    scene.drain(recorder)
    assert recorder.finish() is False
    proxy.die()
    scene.finish(recorder)
    assert scene.names()["pin"] == scene.names()["other"] == 1
    assert all(row["error"] != "engine_killed" for row in scene.rows())


def test_a_carry_that_cannot_be_written_pins_the_journal(scene, small_segments, monkeypatch):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    for i in range(40):
        proxy.small(f"s{i}")
    recorder = scene.recorder()

    def full(fd):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("helicli.recorder.segments.os.fdatasync", full)
        scene.drain(recorder)
    pinned = len(scene.segments())
    assert pinned > 4
    assert len(scene.names()) == 40
    proxy.small("more")
    scene.drain(recorder)
    assert len(scene.segments()) < pinned
    assert [path.suffix for path in scene.carries()] == [".carry"]
    pin.end(end())
    scene.drain(recorder)
    assert scene.names()["pin"] == 1


def test_an_unfinished_carry_is_swept_up(scene):
    (scene.directory / f"{journal.carry_name(1, 3)}.new").write_bytes(b"half")
    scene.proxy().die()
    scene.finish()
    assert scene.carries() == []
