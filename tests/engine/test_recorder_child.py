"""The recorder's process, spoken to over its link."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from helicli.engine.link import SleepingLink
from helicli.engine.words import Drain, RecorderSettings, RecorderState
from tests.recorder.scene import Scene


@pytest.fixture
def start():
    """Starts recorders; each with the link to it. None outlives the test."""
    started = []

    def start():
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-m", "helicli.engine.recorder_child", str(theirs.fileno())], pass_fds=(theirs.fileno(),)
        )
        theirs.close()
        started.append((process, ours))
        return process, SleepingLink(ours), ours

    yield start
    for process, end in started:
        process.kill()
        process.wait()
        end.close()


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path)
    yield made
    made.close()


def settings(scene):
    return RecorderSettings(str(scene.database), str(scene.directory), "box")


def state_where(link, wanted):
    """The first state for which `wanted` holds."""
    for _ in range(1_000):
        word = link.hear(5)
        if isinstance(word, RecorderState) and wanted(word):
            return word
        assert not link.closed
    raise AssertionError("never said")


def machines(scene):
    with closing(sqlite3.connect(scene.database)) as connection:
        return [row[0] for row in connection.execute("SELECT machine FROM requests")]


def test_it_records_says_so_and_leaves_when_told(scene, start):
    scene.proxy().small("a")
    process, link, _ = start()
    link.say(settings(scene))
    state = state_where(link, lambda word: word.rows == 1)
    assert (state.state, state.pid) == ("ok", process.pid)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    scene.proxy(2).die()
    link.say(Drain())
    assert process.wait(20) == 0
    assert machines(scene) == ["box"]


def test_it_empties_the_journal_of_a_dead_engine_and_leaves(scene, start):
    proxy = scene.proxy()
    for number in range(50):
        proxy.small(str(number))
    proxy.die()
    process, link, end = start()
    link.say(settings(scene))
    end.close()
    assert process.wait(20) == 0
    assert len(machines(scene)) == 50


def test_without_a_word_it_does_nothing(scene, start):
    process, _, end = start()
    end.close()
    assert process.wait(20) == 0
    assert not scene.database.exists()
