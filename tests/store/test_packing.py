"""Bytes made small, and numbers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.store.packing import LISTED, Packer, Unpacker, train, varint, varints

TEXT = b'{"role": "user", "content": "the same words again and again"}' * 40
SAMPLES = [b'{"role":"user","content":"%d and some words of number %d"}' % (n * 7919, n) for n in range(500)]
DICTIONARY = train(SAMPLES)


def nothing(number):
    raise AssertionError(f"dictionary {number} was asked for")


PLAIN = Packer()
TRAINED = Packer(300, DICTIONARY)


@pytest.mark.parametrize("packer", [PLAIN, TRAINED], ids=["plain", "trained"])
@given(body=st.binary(max_size=2000) | st.binary(max_size=20).map(lambda part: part * 50))
def test_exact_bytes_come_out(packer, body):
    packed = packer.pack(body)
    assert Unpacker({300: DICTIONARY}.__getitem__).unpack(packed) == body
    assert len(packed) <= len(body) + 1
    assert packed[0] != LISTED


def test_what_can_be_is_compressed():
    assert len(PLAIN.pack(TEXT)) < len(TEXT) / 10
    noise = random.Random(1).randbytes(1000)
    assert PLAIN.pack(noise) == b"\x00" + noise


def test_a_dictionary_is_named_and_helps():
    sample = b'{"role":"user","content":"12 and some words of number 3"}'
    packed = TRAINED.pack(sample)
    assert varint(packed, 0)[0] == 302
    assert len(packed) < len(PLAIN.pack(sample)) / 2
    with pytest.raises(AssertionError, match="dictionary 300"):
        Unpacker(nothing).unpack(packed)


def test_a_dictionary_is_looked_for_once():
    asked = []
    unpacker = Unpacker(lambda number: asked.append(number) or DICTIONARY)
    for text in SAMPLES[:3]:
        assert unpacker.unpack(TRAINED.pack(text)) == text
    assert asked == [300]


@pytest.mark.parametrize("samples", [[], [b""], [b"x"] * 3])
def test_too_few_to_learn_from(samples):
    assert train(samples) is None


@given(st.lists(st.integers(0, 1 << 70), max_size=5))
def test_numbers_come_back(numbers):
    data, at, found = varints(*numbers), 0, []
    while at < len(data):
        number, at = varint(data, at)
        found.append(number)
    assert found == numbers


def test_numbers_as_bytes():
    assert varints(0, 127, 128, 300) == bytes([0, 127, 0x80, 1, 0xAC, 2])
