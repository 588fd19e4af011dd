"""The journal's writing end."""

from __future__ import annotations

import os

import pytest

from helicli import journal
from helicli.journal import Kind, Position
from helicli.proxy import handoff
from helicli.proxy.handoff import Handoff, Journal, Pressure
from helicli.recorder.work import proxy_lives
from tests.recorder.scene import JSON, SSE, begin, end, records

SECRET = b"sk-0123456789"


@pytest.fixture
def make(tmp_path):
    """Journals in one folder, closed at the end."""
    made: list[Journal] = []

    def make(generation: int = 1, max_bytes: int = 1 << 40) -> Journal:
        made.append(Journal(tmp_path, generation, max_bytes))
        return made[-1]

    yield make
    for each in made:
        os.close(each._live)
        if each._fd >= 0:
            os.close(each._fd)


def _written(tmp_path):
    return [record for path in sorted(tmp_path.glob("*.calls")) for _, record in records(path)]


def _kinds(tmp_path):
    return [Kind(record.kind).name for record in _written(tmp_path)]


def _end(tmp_path):
    return journal.end_decoder.decode(_written(tmp_path)[-1].payload)


def test_a_small_call_is_two_records(make, tmp_path):
    call = Handoff(make(), begin("a"), [])
    call.request(b"in")
    call.request(b"")
    call.request(b"put")
    call.end(end(), JSON, b"output")
    assert _kinds(tmp_path) == ["BEGIN", "END"]
    assert _end(tmp_path) == end(head=JSON, request=b"input", response=b"output")
    assert journal.begin_decoder.decode(_written(tmp_path)[0].payload).tags.name == "a"


def test_a_stream_has_its_records_before_its_bytes_go_on(make, tmp_path):
    call = Handoff(make(), begin("a"), [])
    call.request(b"in")
    assert _kinds(tmp_path) == ["BEGIN"]
    call.head(SSE)
    assert _kinds(tmp_path) == ["BEGIN", "REQUEST", "HEAD"]
    call.chunk(b"one")
    call.chunk(b"two")
    assert [record.payload for record in _written(tmp_path)][-2:] == [b"one", b"two"]
    call.end(end())
    assert _end(tmp_path) == end(spread=True)


@pytest.mark.parametrize(
    ("request_bytes", "response_bytes"), [(handoff.SMALL, 0), (handoff.SMALL - 1, 1), (0, handoff.SMALL)]
)
def test_a_large_call_is_spread(make, tmp_path, request_bytes, response_bytes):
    call = Handoff(make(), begin("a"), [])
    call.request(b"q" * request_bytes)
    call.end(end(), JSON, b"r" * response_bytes)
    written = _written(tmp_path)
    assert b"".join(r.payload for r in written if r.kind == Kind.REQUEST) == b"q" * request_bytes
    if response_bytes:
        assert b"".join(r.payload for r in written if r.kind == Kind.CHUNK) == b"r" * response_bytes
        assert _end(tmp_path).head is None
    assert _end(tmp_path).spread


def test_a_call_ends_once(make, tmp_path):
    writer = make()
    call = Handoff(writer, begin("a"), [])
    assert writer.running == 1
    call.end(end(), JSON, b"")
    call.end(end(error="client_closed"))
    assert writer.running == 0
    assert _kinds(tmp_path) == ["BEGIN", "END"]
    assert _end(tmp_path).error is None


def test_secrets_are_masked_in_every_copy(make, tmp_path):
    writer = make()
    small = Handoff(writer, begin("a"), [SECRET])
    small.request(b"in " + SECRET)
    small.end(end(), JSON, b"out " + SECRET)
    assert small.redacted
    assert _end(tmp_path).redacted
    stream = Handoff(writer, begin("b"), [SECRET])
    stream.head(SSE)
    stream.chunk(b"chunk " + SECRET)
    stream.end(end())
    assert _end(tmp_path).redacted
    plain = Handoff(writer, begin("c"), [SECRET])
    plain.end(end(), JSON, b"nothing")
    assert not _end(tmp_path).redacted
    assert plain.repeats_secret(b"x" + SECRET)
    assert all(SECRET not in path.read_bytes() for path in tmp_path.iterdir())


def test_calls_have_numbers_of_their_own(make, tmp_path):
    writer = make()
    one, two = Handoff(writer, begin("a"), []), Handoff(writer, begin("b"), [])
    two.end(end())
    one.end(end())
    assert [record.call for record in _written(tmp_path)] == [1, 2, 2, 1]


def test_segments_follow_one_another(make, tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 500)
    writer = make(generation=9)
    for i in range(20):
        writer.append(1, Kind.CHUNK, b"%d" % i * 50)
    names = sorted(path.name for path in tmp_path.glob("*.calls"))
    assert len(names) > 3
    assert names == [journal.segment_name(9, number) for number in range(1, len(names) + 1)]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    assert [record.payload for record in _written(tmp_path)] == [b"%d" % i * 50 for i in range(20)]
    header = (tmp_path / names[1]).read_bytes()[: journal.SEGMENT_HEADER.size]
    assert header == journal.segment_header(9, 2)


def test_what_waits_is_what_the_recorder_has_not_reached(make, tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 500)
    writer = make(generation=9)
    places = []
    for i in range(20):
        writer.append(1, Kind.CHUNK, b"x" * 50)
        path = max(tmp_path.glob("*.calls"))
        places.append((Position(9, journal.parse_name(path.name)[1], path.stat().st_size), (19 - i) * 71))
    for place, waiting in places:
        writer.recorded(place, 0)
        assert writer.waiting_bytes == waiting
    writer.recorded(places[3][0], 0)
    assert writer.waiting_bytes == 0


def test_what_dead_proxies_left_waits_too(make):
    writer = make(generation=9)
    writer.append(1, Kind.CHUNK, b"x")
    writer.recorded(Position(8, 4, 4000), 1000)
    assert writer.waiting_bytes == 1000 + journal.RECORD_HEADER.size + 1


def test_a_full_journal_drops_bodies_then_calls(make, tmp_path):
    writer = make(max_bytes=10_000)
    assert writer.pressure == Pressure.NONE
    writer.append(99, Kind.CHUNK, b"x" * 9_200)
    assert writer.pressure == Pressure.NO_BODIES
    call = Handoff(writer, begin("a"), [])
    call.request(b"in")
    call.end(end(), JSON, b"out")
    assert (_end(tmp_path).request, _end(tmp_path).response) == (None, None)
    assert (writer.dropped_bodies, writer.dropped_calls) == (1, 0)
    writer.append(99, Kind.CHUNK, b"x" * 1000)
    assert writer.pressure == Pressure.NO_CALLS
    before = len(_written(tmp_path))
    call = Handoff(writer, begin("b"), [])
    call.request(b"in")
    call.head(SSE)
    call.chunk(b"x")
    call.end(end())
    assert writer.dropped_calls == 1
    assert len(_written(tmp_path)) == before
    writer.recorded(Position(1, 1, 20_000), 0)
    assert writer.pressure == Pressure.NONE


@pytest.mark.parametrize("short", [0, 1, 20, 30])
def test_a_write_that_fails_leaves_no_torn_record(make, tmp_path, monkeypatch, short):
    writer = make()
    writer.append(1, Kind.CHUNK, b"one")
    real = os.write

    def write(fd, data):
        if short == 0:
            raise OSError(28, "No space left on device")
        return real(fd, data[:short])

    with monkeypatch.context() as patch:
        patch.setattr("helicli.proxy.handoff.os.write", write)
        assert writer.append(1, Kind.CHUNK, b"two, which is long enough") is False
    assert writer.failure
    assert writer.pressure == Pressure.NO_CALLS
    assert writer.append(1, Kind.CHUNK, b"three")
    assert [record.payload for record in _written(tmp_path)] == [b"one", b"three"]


def test_a_disk_that_has_room_again(make, monkeypatch):
    writer = make()

    def disk(free):
        return lambda path: os.statvfs_result((4096, 4096, 1000, free, free, 0, 0, 0, 0, 255))

    monkeypatch.setattr("helicli.proxy.handoff.os.statvfs", disk(99))
    writer.look_at_disk()
    assert writer.pressure == Pressure.NO_BODIES
    monkeypatch.setattr("helicli.proxy.handoff.os.statvfs", disk(100))
    writer.look_at_disk()
    assert writer.pressure == Pressure.NONE


def test_the_lock_says_that_the_proxy_lives(tmp_path):
    assert not proxy_lives(tmp_path)
    writer = Journal(tmp_path, 1, 1)
    assert proxy_lives(tmp_path)
    os.close(writer._live)
    assert not proxy_lives(tmp_path)
    os.close(writer._fd)
