"""Ids that sort by time."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from helicli.proxy.ids import as_text, new_id


@given(st.integers(0, (1 << 48) - 1))
def test_a_uuid_of_version_7(millis):
    made = UUID(bytes=new_id(millis))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == millis


def test_no_two_are_alike_and_they_sort_by_time():
    assert len({new_id(1) for _ in range(5000)}) == 5000
    made = [new_id(millis) for millis in range(1_763_700_000_000, 1_763_700_000_200)]
    assert made == sorted(made)


def test_every_bit_that_is_free_is_used():
    ones = zeros = 0
    for _ in range(300):
        value = int.from_bytes(new_id(0))
        ones |= value
        zeros |= ~value & (1 << 128) - 1
    assert (ones & zeros).bit_count() == 74


def test_as_text():
    assert as_text(bytes(range(16))) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
