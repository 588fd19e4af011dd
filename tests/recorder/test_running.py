"""The calls that have begun and not ended."""

from __future__ import annotations

import pytest

from helicli import journal
from helicli.journal import Kind, Position
from helicli.recorder.running import Running
from helicli.recorder.segments import CARRIED, Segments
from helicli.store.position import START
from tests.recorder.scene import end


@pytest.fixture
def running(scene):
    """Two running streams and a small call of a proxy, read."""
    proxy = scene.proxy(5)
    proxy.stream("one", b"data: 1\n\n")
    proxy.stream("two", b"data: 2\n\n")
    proxy.start("small")
    segments = Segments(scene.directory, START)
    made = Running(segments, 5)
    for entry in segments.read(1 << 20):
        made.add(entry.at, entry.record)
    yield made
    segments.close()


def test_the_oldest_is_the_low(running):
    first = Position(5, 1, journal.SEGMENT_HEADER.size)
    assert running.low() == first
    assert running.where(running.calls[1]) == first
    running.drop(1)
    assert running.low() == running.calls[2].first > first
    running.drop(2)
    running.drop(3)
    running.drop(3)
    assert running.low() is None
    assert running.record_bytes == 0


def test_carried_and_loaded_again(running, scene):
    before = {number: running.give_up(call, 0) for number, call in running.calls.items()}
    place = Position(5, 1, 4000)
    assert running.carry_name is None
    running.carry(place)
    assert running.carry_name == journal.carry_name(5, 1)
    assert running.low() == place
    scene.segments()[0].unlink()
    assert {number: running.give_up(call, 0) for number, call in running.calls.items()} == before
    segments = Segments(scene.directory, place)
    again = Running(segments, 5)
    again.load(running.carry_name, place)
    assert again.low() == place
    assert again.carry_name == running.carry_name
    assert {number: again.give_up(call, 0) for number, call in again.calls.items()} == before
    assert again.record_bytes == running.record_bytes
    assert again.where(again.calls[1]).number == CARRIED
    for number in (1, 2, 3):
        again.drop(number)
    assert again.carry_name is None
    segments.close()


def test_finished_from_its_records_or_from_its_end(running):
    spread = running.finish(running.calls[2], end(spread=True))
    assert spread.response.held == b"data: 2\n\n"
    assert spread.response.whole
    assert spread.head is not None
    small = running.finish(running.calls[3], end(request=b"in", response=b"out"))
    assert (small.request.held, small.response.held, small.head) == (b"in", b"out", None)
    dropped = running.finish(running.calls[3], end())
    assert (dropped.request.held, dropped.request.size) == (None, 0)


def test_given_up(running):
    cut = running.give_up(running.calls[1], 1)
    assert (cut.end.error, cut.end.status, cut.end.latency_us) == ("engine_killed", 200, 0)
    assert cut.end.ended_at == cut.begin.created_at
    late = running.give_up(running.calls[3], cut.begin.created_at + 1500)
    assert (late.end.status, late.end.latency_us, late.request.held) == (None, 1_500_000, None)


def test_records_without_a_begin_and_kinds_not_known(running):
    assert running.add(Position(5, 1, 9), journal.Record(99, Kind.CHUNK, b"x", 22)) is None
    call = running.add(Position(5, 1, 9), journal.Record(2, 77, b"x", 22))
    assert call is running.calls[2]
    with pytest.raises(ValueError, match="truncated"):
        running.add(Position(5, 1, 9), journal.Record(100, Kind.BEGIN, b"", 21))
    assert 100 not in running.calls
