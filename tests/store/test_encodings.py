"""Content encodings undone."""

from __future__ import annotations

import gzip
import random
import zlib
from sys import version_info

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.store.encodings import MEMBERS_MAX, content_encoding, decode

if version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b'{"role": "user", "content": "the same words again and again"}' * 40


def _raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


ENCODERS = {
    b"gzip": gzip.compress,
    b"x-gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstd.compress,
}


def test_content_encoding():
    assert content_encoding([(b"a", b"b"), (b"content-encoding", b" GZip ")]) == b"gzip"
    assert content_encoding([(b"content-encoding", b"gzip"), (b"content-encoding", b"BR")]) == b"gzip, br"
    assert content_encoding([]) == b""


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("body", [b"", b"x", TEXT], ids=["empty", "one", "text"])
def test_each_encoding_is_undone(name, body):
    assert decode(name, ENCODERS[name](body)) == body


def test_several_encodings_are_undone_from_the_last():
    assert decode(b"gzip, br", brotli.compress(gzip.compress(TEXT))) == TEXT
    assert decode(b"identity,,gzip", gzip.compress(TEXT)) == TEXT
    assert decode(b"", TEXT) == decode(b"identity", TEXT) == TEXT


def test_deflate_without_its_wrapping():
    assert decode(b"deflate", _raw_deflate(TEXT)) == TEXT


def test_members_one_after_the_other():
    assert decode(b"gzip", gzip.compress(b"one ") + gzip.compress(b"two ") + gzip.compress(TEXT)) == b"one two " + TEXT
    assert decode(b"zstd", zstd.compress(b"one ") + zstd.compress(TEXT)) == b"one " + TEXT
    assert decode(b"gzip", gzip.compress(TEXT) + b"\0\0\0") == TEXT


@pytest.mark.parametrize("name", ENCODERS)
def test_of_a_body_cut_short_the_beginning_is_read(name):
    noise = random.Random(2).randbytes(300_000).hex().encode()
    packed = ENCODERS[name](noise)
    found = decode(name, packed[: len(packed) // 2])
    assert found
    assert noise.startswith(found)


@pytest.mark.parametrize("name", [*ENCODERS, b"compress", b"gzip, what"])
def test_what_does_not_decode_is_none(name):
    assert decode(name, b"\x00this is not encoded") is None


@pytest.mark.parametrize("name", ENCODERS)
def test_a_bomb_is_none(name):
    assert decode(name, ENCODERS[name](bytes(100_000)), 100_000) == bytes(100_000)
    assert decode(name, ENCODERS[name](bytes(100_001)), 100_000) is None
    assert decode(name, ENCODERS[name](bytes(3_000_000))) == bytes(3_000_000)


def test_many_members_are_bounded_together():
    assert decode(b"gzip", gzip.compress(bytes(500)) * 2, 1000) == bytes(1000)
    assert decode(b"gzip", gzip.compress(bytes(500)) * 3, 1000) is None


@pytest.mark.parametrize("name", [b"gzip", b"zstd"])
def test_members_are_counted(name):
    member = ENCODERS[name](b"x")
    assert decode(name, member * (MEMBERS_MAX - 1) + ENCODERS[name](TEXT)) == b"x" * (MEMBERS_MAX - 1) + TEXT
    assert decode(name, member * MEMBERS_MAX) == b"x" * MEMBERS_MAX
    assert decode(name, member * (MEMBERS_MAX + 1)) is None
    assert decode(name, ENCODERS[name](b"") * 800_000) is None


@pytest.mark.parametrize("name", [b"gzip", b"zstd"])
def test_members_may_be_large(name):
    noise = random.Random(2).randbytes(200_000)
    assert decode(name, ENCODERS[name](noise) * 3 + ENCODERS[name](TEXT)) == noise * 3 + TEXT


@pytest.mark.parametrize("name", ENCODERS)
def test_of_what_unfolds_to_too_much_the_begin_may_be_had(name):
    text = bytes(range(256)) * 1000
    assert decode(name, ENCODERS[name](text), 1000, cut=True) == text[:1000]
    assert decode(name, ENCODERS[name](text), len(text), cut=True) == text
    assert decode(name, b"\x00this is not encoded", 1000, cut=True) is None


def test_of_several_encodings_the_begin_may_be_had():
    assert TEXT.startswith(decode(b"gzip, br", brotli.compress(gzip.compress(TEXT)), 100, cut=True))


@given(name=st.sampled_from([*ENCODERS, b"gzip,zstd", b"\xff"]), body=st.binary(max_size=200))
def test_nothing_is_raised(name, body):
    assert decode(name, body) is None or isinstance(decode(name, body), bytes)
