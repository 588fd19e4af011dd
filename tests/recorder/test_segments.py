"""The journal read in order."""

from __future__ import annotations

import pytest

from helicli import journal
from helicli.journal import Kind, Position, Record
from helicli.recorder.segments import CARRIED, EndOfGeneration, Entry, Segments
from helicli.store.position import START
from tests.recorder.scene import flip, records


def _read(segments, limit=1 << 20):
    return list(segments.read(limit))


def _write(directory, generation, number, *payloads):
    path = directory / journal.segment_name(generation, number)
    path.write_bytes(
        journal.segment_header(generation, number)
        + b"".join(journal.pack(i, Kind.CHUNK, payload) for i, payload in enumerate(payloads))
    )
    return path


@pytest.mark.parametrize("limit", [1, 20, 21, 22, 50, 400, 1 << 20])
def test_every_record_is_read_once_whatever_the_limit(tmp_path, limit):
    _write(tmp_path, 1, 1, b"a", b"b" * 300, b"")
    _write(tmp_path, 1, 2)
    _write(tmp_path, 1, 3, b"c" * 3000)
    _write(tmp_path, 4, 1, b"d")
    segments = Segments(tmp_path, START)
    found = []
    for _ in range(100):
        batch = _read(segments, limit)
        if not batch:
            break
        found += batch
    segments.close()
    assert [e.record.payload[:1] for e in found if isinstance(e, Entry)] == [b"a", b"b", b"", b"c", b"d"]
    assert [e for e in found if isinstance(e, EndOfGeneration)] == [EndOfGeneration(1)]
    places = [e.at for e in found if isinstance(e, Entry)]
    assert places == sorted(places)
    assert segments.place == found[-1].after


def test_a_record_larger_than_one_read(tmp_path, monkeypatch):
    monkeypatch.setattr("helicli.recorder.segments.READ_BYTES", 64)
    _write(tmp_path, 1, 1, b"a", b"b" * 100_000, b"c")
    segments = Segments(tmp_path, START)
    assert [len(e.record.payload) for e in _read(segments)] == [1, 100_000, 1]
    segments.close()


def test_reading_on_from_a_place(tmp_path):
    path = _write(tmp_path, 1, 1, b"a", b"b")
    at = records(path)[1][0]
    segments = Segments(tmp_path, Position(1, 1, at))
    (entry,) = _read(segments)
    assert (entry.at.offset, entry.record.payload) == (at, b"b")
    assert segments.fetch_record(entry.at, entry.record.size) == (Kind.CHUNK, b"b")
    assert _read(segments) == []
    assert segments.waiting_bytes(Position(1, 1, at)) == entry.record.size
    assert segments.waiting_bytes(entry.after) == 0
    segments.close()


def test_a_length_out_of_all_proportion_is_not_believed(tmp_path):
    path = _write(tmp_path, 1, 1, b"a", b"b", b"c")
    flip(path, records(path)[1][0] + 7)
    _write(tmp_path, 1, 2, b"d")
    segments = Segments(tmp_path, START)
    assert [e.record.payload for e in _read(segments)] == [b"a", b"c", b"d"]
    assert segments.bad_records == 1
    segments.close()


def test_a_segment_that_is_missing_is_passed(tmp_path):
    _write(tmp_path, 1, 1, b"a")
    _write(tmp_path, 1, 4, b"b")
    segments = Segments(tmp_path, Position(1, 2, 99))
    assert [e.record.payload for e in _read(segments)] == [b"b"]
    segments.close()


def test_other_files_are_left_alone(tmp_path):
    names = ["live", "reading", "generation", "x.calls", f"{journal.segment_name(1, 1)}.bak"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    _write(tmp_path, 1, 1, b"a")
    segments = Segments(tmp_path, START)
    assert len(_read(segments)) == 1
    segments.remove_all()
    segments.remove_carries(None)
    segments.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_only_segments_wholly_before_a_place_are_deleted(tmp_path):
    for generation, number in ((1, 1), (1, 2), (2, 1), (2, 2)):
        _write(tmp_path, generation, number, b"a")
    segments = Segments(tmp_path, START)
    _read(segments)
    assert segments.remove_before(Position(2, 1, 30)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [journal.segment_name(2, 1), journal.segment_name(2, 2)]
    assert segments.remove_before(Position(2, 1, 30)) == 0
    assert segments.written_at(2) > 0
    assert segments.written_at(1) == 0
    segments.close()


def test_a_carry_file_is_read_as_it_was_written(tmp_path):
    segments = Segments(tmp_path, START)
    given = [Record(7, Kind.BEGIN, b"begin", 0), Record(7, Kind.CHUNK, b"x" * 5000, 0)]
    name = segments.write_carry(3, 9, given)
    assert journal.parse_name(name) == (3, 9, True)
    entries = list(segments.open_carry(name))
    assert [(e.record.call, e.record.kind, e.record.payload) for e in entries] == [r[:3] for r in given]
    assert {e.at.number for e in entries} == {CARRIED}
    assert segments.fetch_record(entries[1].at, entries[1].record.size) == (Kind.CHUNK, b"x" * 5000)
    segments.remove_carries(name)
    assert (tmp_path / name).exists()
    segments.remove_carries(None)
    assert list(tmp_path.iterdir()) == []
    assert list(segments.open_carry(name)) == []
    segments.close()


def test_a_damaged_carry_file_is_read_as_far_as_it_goes(tmp_path):
    segments = Segments(tmp_path, START)
    name = segments.write_carry(3, 9, [Record(1, Kind.BEGIN, b"one", 0), Record(2, Kind.BEGIN, b"two", 0)])
    flip(tmp_path / name, (tmp_path / name).stat().st_size - 1)
    assert [e.record.payload for e in segments.open_carry(name)] == [b"one"]
    assert segments.bad_records == 1
    segments.close()


def test_a_record_that_can_no_longer_be_read_says_so(tmp_path):
    path = _write(tmp_path, 1, 1, b"a")
    segments = Segments(tmp_path, START)
    (entry,) = _read(segments)
    flip(path, entry.at.offset + entry.record.size - 1)
    with pytest.raises(OSError, match="can no longer be read"):
        segments.fetch_record(entry.at, entry.record.size)
    segments.sync()
    segments.close()
