"""Both kinds of a link's ends."""

from __future__ import annotations

import asyncio
import socket

import pytest

from helicli.engine import link as module
from helicli.engine.link import AsyncLink, SleepingLink
from helicli.engine.words import AskHealth, Drain, Notice, pack

pytestmark = pytest.mark.anyio
WORDS = [Notice("one"), AskHealth(), Notice("x" * 100_000), Drain()]


@pytest.fixture
async def ends():
    """An end of each kind, and the socket under the sleeping one."""
    ours, theirs = socket.socketpair()
    link = await AsyncLink.open(ours)
    yield link, SleepingLink(theirs), theirs
    link.close()
    theirs.close()


async def test_words_come_in_their_order_to_a_sleeper(ends):
    link, sleeper, _ = ends
    for word in WORDS:
        link.say(word)
    heard = []
    while len(heard) < len(WORDS):
        await asyncio.sleep(0)
        word = sleeper.hear(0)
        if word is not None:
            heard.append(word)
    assert heard == WORDS
    assert sleeper.hear(0) is None and not sleeper.closed


@pytest.mark.parametrize("step", [1, 5, 1_000])
async def test_words_come_however_they_are_split(ends, step):
    link, _, raw = ends
    words = [word for word in WORDS if len(pack(word)) < 1_000]
    stream = b"".join(map(pack, words))
    for start in range(0, len(stream), step):
        raw.send(stream[start : start + step])
    assert [await link.hear() for _ in words] == words


async def test_a_sleepers_word(ends):
    link, sleeper, _ = ends
    sleeper.say(Notice("é"))
    assert await link.hear() == Notice("é")


async def test_the_other_side_is_gone(ends):
    link, sleeper, raw = ends
    link.say(Drain())
    await asyncio.sleep(0)
    raw.send(b"\0\0\0\x09half")
    link.close()
    while not sleeper.closed:
        await asyncio.sleep(0)
        if sleeper.hear(0) is not None:
            break
    for _ in range(3):
        sleeper.hear(0)
    assert sleeper.closed
    sleeper.say(Drain())
    assert sleeper.hear(0) is None


async def test_an_end_that_has_closed_hears_none_and_says_into_the_void(ends):
    link, _, raw = ends
    raw.send(b"\0\0\0\x09half")
    raw.shutdown(socket.SHUT_RDWR)
    assert await link.hear() is None
    link.close()
    link.say(Drain())


async def test_words_for_who_does_not_listen_are_dropped(ends, monkeypatch):
    monkeypatch.setattr(module, "_BUFFER_MAX", 100_000)
    link, sleeper, _ = ends
    for _ in range(100):
        link.say(Notice("x" * 10_000))
        sleeper.say(Notice("x" * 10_000))
    assert link._writer.transport.get_write_buffer_size() < 120_000
