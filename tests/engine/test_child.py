"""A child that is kept alive, tried with a small process of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import pytest

from helicli.engine import child as module
from helicli.engine.child import Child
from helicli.engine.words import Drain, Notice, RecorderSettings

pytestmark = pytest.mark.anyio


class Scene:
    """A child, its words, and its deaths."""

    def __init__(self, machine="stay", says="", listener=None):
        self.starts = 0
        self.words: asyncio.Queue[Notice] = asyncio.Queue()
        self.deaths = []
        self._settings = RecorderSettings(says, "", machine)
        self._lock = os.open(os.devnull, os.O_RDONLY)
        self.child = Child("tests.engine.pupil", self._lock, self._start, self.words.put_nowait, listener)

    def _start(self):
        self.starts += 1
        return self._settings

    def keep(self, limit=None):
        self.kept = asyncio.ensure_future(self.child.keep(self._died, limit))
        return self.kept

    def _died(self, child):
        self.deaths.append(list(child.last_lines))

    async def word(self):
        return (await asyncio.wait_for(self.words.get(), 10)).text.split()

    async def close(self):
        self.child.kill()
        await asyncio.wait_for(self.kept, 10)
        os.close(self._lock)


@pytest.fixture
async def scene(monkeypatch):
    monkeypatch.setattr(module, "DELAYS", (0.0, 0.0, 0.0))
    made = []

    def make(*given, **more):
        made.append(Scene(*given, **more))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def test_a_child_has_a_session_of_its_own_and_leaves_when_it_is_told(scene):
    listener = os.open(os.devnull, os.O_RDONLY)
    one = scene(listener=listener)
    kept = one.keep()
    pid, session, descriptors = map(int, await one.word())
    assert (pid, session, descriptors) == (one.child.pid, pid, 2)
    one.child.stop()
    one.child.say(Drain())
    assert await asyncio.wait_for(kept, 10) is True
    assert (one.child.pid, one.deaths) == (0, [])
    one.child.say(Drain())
    os.close(listener)


async def test_a_child_that_is_killed_is_started_again_with_new_settings(scene):
    one = scene()
    one.keep()
    for starts in (1, 2, 3):
        pid = int((await one.word())[0])
        assert one.starts == starts
        os.kill(pid, signal.SIGKILL)
    assert int((await one.word())[0]) == one.child.pid
    assert len(one.deaths) == 3


async def test_one_that_dies_too_often_is_given_up_with_its_last_words(scene):
    one = scene("die", says="first\nlast words")
    assert await asyncio.wait_for(one.keep(3), 30) is False
    assert (one.starts, len(one.deaths)) == (3, 2)
    assert one.deaths[0][-2:] == ["first", "last words"]


async def test_a_line_without_end_does_not_end_the_reading(scene):
    one = scene("die", says="x" * 300_000 + "\nlast words")
    assert await asyncio.wait_for(one.keep(1), 30) is False
    assert one.child.last_lines[-1] == "last words"
    assert max(map(len, one.child.last_lines)) < 300_000


async def test_told_to_leave_while_it_is_being_started(scene):
    one = scene()
    kept = one.keep()
    one.child.stop()
    one.child.say(Drain())
    assert await asyncio.wait_for(kept, 10) is True
    assert one.starts == 1


async def test_one_that_does_not_leave_is_killed(scene):
    one = scene("deaf")
    kept = one.keep()
    await one.word()
    one.child.stop()
    one.child.say(Drain())
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(kept), 0.05)
    assert not kept.done()
    one.child.kill()
    assert await asyncio.wait_for(kept, 10) is True
    one.child.kill()


async def test_no_process_to_be_had_is_a_death_like_others(scene, monkeypatch):
    spawn = asyncio.create_subprocess_exec
    refusals = [BlockingIOError(11, "Resource temporarily unavailable")] * 2

    async def refuse(*given, **more):
        if refusals:
            raise refusals.pop()
        return await spawn(*given, **more)

    monkeypatch.setattr(module.asyncio, "create_subprocess_exec", refuse)
    one = scene()
    one.keep()
    assert int((await one.word())[0]) == one.child.pid
    assert [lines[-1] for lines in one.deaths] == [
        "it could not be started: [Errno 11] Resource temporarily unavailable"
    ] * 2
