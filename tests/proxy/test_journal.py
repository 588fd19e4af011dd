"""The segments that the proxy appends to."""

from __future__ import annotations

import os

import pytest

from helicli import journal
from helicli.journal import Kind, Position
from helicli.proxy.journal import Journal, Pressure
from helicli.recorder.work import proxy_lives
from tests.recorder.scene import records


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
        patch.setattr("helicli.proxy.journal.os.write", write)
        assert writer.append(1, Kind.CHUNK, b"two, which is long enough") is False
    assert writer.failure
    assert writer.pressure == Pressure.NO_CALLS
    assert writer.append(1, Kind.CHUNK, b"three")
    assert [record.payload for record in _written(tmp_path)] == [b"one", b"three"]


def test_a_disk_that_has_room_again(make, monkeypatch):
    writer = make()

    def disk(free):
        return lambda path: os.statvfs_result((4096, 4096, 1000, free, free, 0, 0, 0, 0, 255))

    monkeypatch.setattr("helicli.proxy.journal.os.statvfs", disk(99))
    writer.look_at_disk()
    assert writer.pressure == Pressure.NO_BODIES
    monkeypatch.setattr("helicli.proxy.journal.os.statvfs", disk(100))
    writer.look_at_disk()
    assert writer.pressure == Pressure.NONE


def test_the_lock_says_that_the_proxy_lives(tmp_path):
    assert not proxy_lives(tmp_path)
    writer = Journal(tmp_path, 1, 1)
    assert proxy_lives(tmp_path)
    os.close(writer._live)
    assert not proxy_lives(tmp_path)
    os.close(writer._fd)
