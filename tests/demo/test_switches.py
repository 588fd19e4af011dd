"""The grammar of the switches, and content codings."""

from __future__ import annotations

import zlib

import brotli
import pytest

from helicli.demo.switches import BEFORE, Switches, choose_coding, encoder, read_switches

zstd = pytest.importorskip("compression.zstd" if __import__("sys").version_info >= (3, 14) else "backports.zstd")


def test_without_fields_every_switch_has_its_default():
    assert read_switches([(b"accept", b"*/*")]) == Switches()


def test_fields_are_read_with_their_types():
    switches = read_switches([(b"x-fake-status", b"429"), (b"x-fake-gap", b"0.5"), (b"x-fake-encoding", b"br")])
    assert switches == Switches(status=429, gap=0.5, encoding="br")


def test_places():
    assert read_switches([(b"x-fake-reset", b"before-headers")]).end == BEFORE
    assert read_switches([(b"x-fake-cut", b"0")]).end == 0
    assert Switches().end is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"status", b"x"),
        (b"status", b"99"),
        (b"split", b"0"),
        (b"events", b"0"),
        (b"typo", b"1"),
        (b"encoding", b"lzw"),
    ],
)
def test_what_does_not_parse_is_named(name, value):
    with pytest.raises(ValueError, match=f"x-fake.*{name.decode()}"):
        read_switches([(b"x-fake-" + name, value)])


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, "identity"),
        (b"", "identity"),
        (b"identity", "identity"),
        (b"gzip, deflate, br, zstd", "gzip"),
        (b"br;q=1.0, gzip;q=0", "br"),
        (b"zstd", "zstd"),
        (b"*", "gzip"),
        (b"*;q=0.0", "identity"),
    ],
)
def test_the_coding_is_one_the_client_accepts(accepted, coding):
    assert choose_coding([] if accepted is None else [(b"accept-encoding", accepted)]) == coding


@pytest.mark.parametrize(
    ("coding", "decoder"),
    [
        ("gzip", lambda: zlib.decompressobj(31).decompress),
        ("deflate", lambda: zlib.decompressobj(15).decompress),
        ("br", lambda: brotli.Decompressor().process),
        ("zstd", lambda: zstd.ZstdDecompressor().decompress),
        ("identity", lambda: lambda data: data),
    ],
)
def test_every_piece_can_be_read_as_soon_as_it_is_written(coding, decoder):
    encode, finish = encoder(coding)
    decode = decoder()
    for piece in (b"data: one\n\n", b"data: two\n\n"):
        assert decode(encode(piece)) == piece
    end = finish()
    assert not end or decode(end) == b""
