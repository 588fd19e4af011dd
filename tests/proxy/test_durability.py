"""Calls that wait for the disk: who waits, who shares, and that nobody fails by it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from pathlib import Path

import pytest

from helicli import journal
from helicli.journal import Kind
from helicli.proxy import durability
from helicli.proxy.durability import Disk, LastEvent
from helicli.proxy.handoff import Handoff
from helicli.proxy.journal import Journal
from tests.proxy.cache_scene import KEY, ON, Says, ask, hit
from tests.proxy.house import Proxy, post
from tests.proxy.wires import ANSWER, Provider, answers
from tests.recorder.scene import JSON, begin, end

pytestmark = pytest.mark.anyio


class SlowDisk(Disk):
    """A disk that takes nothing until it is let; `synced` says which files it has taken."""

    def __init__(self, directory) -> None:
        super().__init__(directory, self._slowly)
        self._loop = asyncio.get_running_loop()
        self.asked = asyncio.Queue()
        self.may = threading.Semaphore(0)
        self.error = None
        self.synced = []

    def _slowly(self, fd):
        self._loop.call_soon_threadsafe(self.asked.put_nowait, fd)
        assert self.may.acquire(timeout=10)
        if self.error is not None:
            raise self.error
        os.fdatasync(fd)
        self.synced.append(segment_of(fd))

    async def begins(self):
        await asyncio.wait_for(self.asked.get(), 10)


@pytest.fixture
async def disk(tmp_path):
    disk = SlowDisk(tmp_path)
    yield disk
    disk.may.release(1000)
    if disk._rounds is not None:
        await disk._rounds


@pytest.fixture
async def writer(tmp_path, disk):
    writer = Journal(tmp_path, 1, 1 << 40, disk)
    yield writer
    os.close(writer._live)
    os.close(writer._fd)


def segment_of(fd):
    """The name of an open file."""
    return Path(f"/proc/self/fd/{fd}").readlink().name


def open_files():
    """Every descriptor of this process."""
    return set(Path("/proc/self/fd").iterdir())


def waits(writer):
    """A call that has ended and waits for the disk."""
    call = Handoff(writer, begin("a"), [])
    call.end(end(), JSON, b"out")
    return asyncio.ensure_future(call.settled())


async def test_calls_that_end_while_the_disk_works_share_its_next_turn(writer, disk):
    first = waits(writer)
    await disk.begins()
    others = [waits(writer) for _ in range(5)]
    await asyncio.sleep(0)
    assert not first.done()
    disk.may.release()
    await asyncio.wait_for(first, 10)
    await disk.begins()
    assert not any(other.done() for other in others)
    disk.may.release()
    await asyncio.wait_for(asyncio.gather(*others), 10)
    assert disk.synced == [journal.segment_name(1, 1)] * 2


async def test_a_segment_that_was_left_is_synced_before_its_calls_go_on(writer, disk, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 300)
    names = []
    monkeypatch.setattr(disk, "_sync_names", lambda: names.append(len(disk.synced)))
    disk.may.release(1000)
    writer.append(writer.new_call(), Kind.CHUNK, b"x" * 300)
    await asyncio.wait_for(waits(writer), 10)
    assert set(disk.synced) == {journal.segment_name(1, 1), journal.segment_name(1, 2)}
    assert names, "the new segment's name is on the disk too"
    before = open_files()
    for _ in range(20):
        await asyncio.wait_for(waits(writer), 10)
    assert len(open_files()) <= len(before), "segments that were left are closed"
    assert disk.synced[-1] == journal.segment_name(1, writer._number)
    assert {journal.segment_name(1, n) for n in range(1, writer._number + 1)} == set(disk.synced)


async def test_a_segment_left_while_it_is_synced_is_closed_by_the_next_turn(writer, disk, monkeypatch):
    first = waits(writer)
    await disk.begins()
    fd = writer._fd
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 1)
    second = waits(writer)
    os.fstat(fd)
    disk.may.release(1000)
    await asyncio.wait_for(asyncio.gather(first, second), 10)
    while disk._rounds is not None:
        await disk._rounds
    with contextlib.suppress(OSError):
        assert segment_of(fd) != journal.segment_name(1, 1)


async def test_a_disk_that_fails_is_counted_and_fails_no_call(writer, disk, monkeypatch):
    disk.error = OSError(5, "Input/output error")
    disk.may.release(1000)
    await asyncio.wait_for(waits(writer), 10)
    assert (disk.failures, "Input/output" in disk.failure) == (1, True)
    disk.error = None
    await asyncio.wait_for(waits(writer), 10)
    assert disk.failures == 1


async def test_a_client_that_goes_waits_no_longer(writer, disk):
    first, second = waits(writer), waits(writer)
    await disk.begins()
    first.cancel()
    disk.may.release()
    await asyncio.wait_for(second, 10)
    assert first.cancelled()


async def test_what_is_not_kept_is_not_waited_for(writer, disk):
    writer._max = -1
    writer.look_at_disk()
    call = Handoff(writer, begin("a"), [])
    call.end(end())
    await asyncio.wait_for(call.settled(), 10)
    assert not disk.synced


async def test_real_files_and_a_journal_that_waits_for_nothing(tmp_path):
    disk = Disk(tmp_path)
    for each in (disk, None):
        writer = Journal(tmp_path, 1 if each else 2, 1 << 40, each)
        await asyncio.wait_for(waits(writer), 10)
        os.close(writer._live)
        os.close(writer._fd)
    assert disk.failures == 0


@pytest.mark.parametrize("kind", ["answer", "sized", "chunked", "event", "refusal"])
async def test_the_last_byte_waits(tmp_path, kind):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    event = b"data: [DONE]\n\n"
    chunk = b"e\r\n%b\r\n" % event
    script = {
        "answer": answers(ANSWER),
        "refusal": answers(b"", then="close"),
        "sized": answers(ANSWER[:-1], b"o"),
        "chunked": answers(head + b"transfer-encoding: chunked\r\n\r\n", b"2\r\nhi\r\n", b"0\r\n\r\n"),
        "event": answers(head + b"transfer-encoding: chunked\r\n\r\n", chunk),
    }[kind]
    async with Provider(script) as provider, Proxy(tmp_path, provider.url) as proxy:
        disk = SlowDisk(tmp_path)
        proxy.journal.disk = disk
        disk.opened(proxy.journal._fd)
        client = await proxy.connect()
        await client.send(post())
        await disk.begins()
        kept = b"".join(proxy.chunks())
        assert event in kept if kind == "event" else await proxy.ends()
        reading = asyncio.ensure_future(client.reader.readuntil(event) if kind == "event" else client.answer())
        await asyncio.sleep(0)
        assert not reading.done()
        disk.may.release(1000)
        await asyncio.wait_for(reading, 10)
        client.close()
        await proxy.ends()


async def test_a_hit_waits_too(tmp_path):
    async with Provider(Says()) as provider, Proxy(tmp_path, provider.url) as proxy:
        _, _, body = await proxy.call(post(ask(), ON, KEY))
        disk = SlowDisk(tmp_path)
        proxy.journal.disk = disk
        disk.opened(proxy.journal._fd)
        client = await proxy.connect()
        await client.send(post(ask(), ON, KEY))
        await disk.begins()
        assert (await proxy.ends(2))[1].cache.word == "hit"
        reading = asyncio.ensure_future(client.answer())
        await asyncio.sleep(0)
        assert not reading.done()
        disk.may.release(1000)
        _, fields, again = await asyncio.wait_for(reading, 10)
        assert hit(fields) and again == body and float(fields[b"helicone-overhead-ms"]) > 0
        client.close()


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("dialect", "path", "before", "last"),
    [
        (
            "openai",
            "/v1/chat/completions",
            b'data: {"choices":[{"delta":{"content":"[DONE]"}}]}\n\n',
            b"data: [DONE]\n\n",
        ),
        ("openai", "/v1/responses", b"", b'data: {"type":"response.completed","response":{"id":"r"}}\n\n'),
        ("anthropic", "/v1/messages", b"event: ping\ndata: {}\n\n", b'data: {"type":"message_stop"}\r\n\r\n'),
        ("ollama", "/api/chat", b'{"done":false}\n', b'{"done":true}\n'),
    ],
)
def test_the_last_event_is_told_wherever_it_is_cut(dialect, path, before, last, step):
    watch = LastEvent(dialect, path, lines=dialect == "ollama")
    body = before + last
    told = [watch.is_in(body[at : at + step]) for at in range(0, len(body), step)]
    assert told[-1]
    assert not any(told[: (len(body) - 2) // step]), "a line may be told by its last bracket"


def test_an_event_too_large_to_be_held_may_be_the_last(monkeypatch):
    monkeypatch.setattr(durability, "_EVENT_MAX", 100)
    watch = LastEvent("openai", "/v1/responses", lines=False)
    assert not watch.is_in(b"data: " + b"x" * 200)
    assert not watch.is_in(b"x" * 200 + b"\n")
    assert watch.is_in(b"\n")
    assert not watch.is_in(b"data: x\n\n")


def test_pieces_that_end_no_event_are_not_read_again_and_again(monkeypatch):
    read = []
    monkeypatch.setattr(durability, "has_ended", lambda dialect, path, text: read.append(len(text)) or False)
    watch = LastEvent("openai", "/v1/images/generations", lines=False)
    for piece in (b"data: ", *[b"x" * 1000] * 100, b"\r\n", b"\r", b"\n", b"data: y"):
        assert not watch.is_in(piece)
    assert read == [100_010]
