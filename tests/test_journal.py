"""The journal's grammar: what was written is read, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli import journal
from helicli.call import End, Head, Tags
from helicli.journal import Kind, Position
from tests.recorder.scene import begin, end


@given(call=st.integers(0, (1 << 64) - 1), kind=st.integers(0, 255), payload=st.binary(max_size=300), lead=st.binary())
def test_a_record_is_read_as_it_was_packed(call, kind, payload, lead):
    data = lead + journal.pack(call, kind, payload)
    record = journal.unpack(data + b"more", len(lead))
    assert record == (call, kind, payload, len(data) - len(lead))
    assert journal.wanted(data, len(lead)) == record.size


@given(payload=st.binary(max_size=60), data=st.data())
def test_a_damaged_record_is_none(payload, data):
    record = bytearray(journal.pack(3, Kind.CHUNK, payload))
    at = data.draw(st.integers(0, len(record) - 1))
    record[at] ^= data.draw(st.integers(1, 255))
    assert journal.unpack(bytes(record), 0) is None


@given(payload=st.binary(max_size=60), data=st.data())
def test_a_torn_record_is_none_and_says_what_it_wants(payload, data):
    record = journal.pack(3, Kind.CHUNK, payload)
    torn = record[: data.draw(st.integers(0, len(record) - 1))]
    assert journal.unpack(torn, 0) is None
    assert journal.wanted(torn, 0) == (len(record) if len(torn) >= journal.RECORD_HEADER.size else 0)


@given(st.binary(max_size=100))
def test_noise_is_none(data):
    if not data.startswith(journal.RECORD_MAGIC):
        assert journal.unpack(data, 0) is None
        assert journal.wanted(data, 0) == 0


def test_values_survive():
    tags = Tags("u", properties={"a": "ü"})
    begun = begin("n", tags=tags, provider_key=None)
    assert journal.begin_decoder.decode(journal.encode(begun)) == begun
    head = Head(200, [(b"a", b"\xff"), (b"a", b"")])
    assert journal.head_decoder.decode(journal.encode(head)) == head
    for ended in (
        end(),
        end(status=None, error="client_closed", head=head, request=b"\x00", response=b"", spread=True),
    ):
        assert journal.end_decoder.decode(journal.encode(ended)) == ended


def test_an_end_of_fewer_fields_is_read():
    short = journal.begin_encoder.encode([1, 2, None, 3, 200, None, None, 1])
    assert journal.end_decoder.decode(short) == End(1, 2, None, 3, 200, None, None, 1)


@pytest.mark.parametrize(("generation", "number"), [(0, 0), (1, 2), (1_763_700_000, 0xFFFFFFFF), ((1 << 64) - 1, 7)])
def test_names(generation, number):
    name, carry = journal.segment_name(generation, number), journal.carry_name(generation, number)
    assert journal.parse_name(name) == (generation, number, False)
    assert journal.parse_name(carry) == (generation, number, True)
    header = journal.segment_header(generation, number)
    assert len(header) == journal.SEGMENT_HEADER.size
    assert header.startswith(journal.SEGMENT_MAGIC)


@pytest.mark.parametrize("name", ["", "live", "reading", "x.calls", "0-1.calls", f"{journal.carry_name(1, 1)}.new"])
def test_other_names_are_none(name):
    assert journal.parse_name(name) is None


def test_names_and_positions_sort_as_they_were_written():
    places = [Position(1, 1, 24), Position(1, 1, 25), Position(1, 2, 24), Position(2, 1, 24), Position(16, 0, 0)]
    assert sorted(places, reverse=True)[::-1] == places
    names = [journal.segment_name(*place[:2]) for place in places]
    assert sorted(names) == names
