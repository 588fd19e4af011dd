"""What of a call is handed over, and when."""

from __future__ import annotations

import os

import pytest

from helicli import journal
from helicli.journal import Kind, Position
from helicli.proxy import handoff
from helicli.proxy.handoff import Handoff
from helicli.proxy.journal import Journal, Pressure
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
