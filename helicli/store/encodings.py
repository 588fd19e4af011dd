"""Content encodings undone, for reading and showing what was sent compressed.

Pure. The one place that knows them; what does not decode, is unknown or unfolds to too much is None, never an error.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from helicli.call import Headers

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

DECODED_MAX: Final = 64 * 1024 * 1024
"""The most bytes a content encoding may unfold to; more is taken for a bomb."""

_PIECE: Final = 1024 * 1024


def content_encoding(headers: Headers) -> bytes:
    """The value of Content-Encoding in lower case, of several lines as one list; empty where there is none."""
    return b", ".join([value.strip().lower() for name, value in headers if name == b"content-encoding"])


def decode(encoding: bytes, body: bytes, limit: int = DECODED_MAX) -> bytes | None:
    """A body without its content encodings; None where it does not decode, is unknown, or unfolds past `limit`.

    What can be read of a body that was cut short is returned.
    """
    for one in reversed(encoding.split(b",")):
        name = one.strip()
        if not name or name == b"identity":
            continue
        decoder = _DECODERS.get(name)
        if decoder is None:
            return None
        try:
            body = decoder(body, limit)
        except (zlib.error, zstd.ZstdError, ValueError, EOFError):
            return None
    return body


class _Unfolder(Protocol):
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _bounded(body: bytes, room: int, member: Callable[[], _Unfolder], magic: bytes | None = None) -> bytes:
    """What a body unfolds to: one member, or as many as begin with `magic` one after the other."""
    plain: list[bytes] = []
    while True:
        unfolder = member()
        plain.append(unfolder.decompress(body, room + 1))
        room -= len(plain[-1])
        if room < 0:
            raise ValueError("unfolds to too much")
        body = unfolder.unused_data
        if magic is None or not body.startswith(magic):
            return b"".join(plain)


def _gzip(body: bytes, limit: int) -> bytes:
    return _bounded(body, limit, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), b"\x1f\x8b")


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _bounded(body, limit, zlib.decompressobj)
    except zlib.error:
        return _bounded(body, limit, lambda: zlib.decompressobj(-zlib.MAX_WBITS))


def _zstd(body: bytes, limit: int) -> bytes:
    return _bounded(body, limit, zstd.ZstdDecompressor, b"\x28\xb5\x2f\xfd")


def _brotli(body: bytes, limit: int) -> bytes:
    import brotli

    decompressor = brotli.Decompressor()
    out: list[bytes] = []
    try:
        # A kilobyte can unfold to gigabytes: it is asked for piece by piece, until none comes.
        while not out or (out[-1] and not decompressor.is_finished()):
            out.append(decompressor.process(b"" if out else body, output_buffer_limit=_PIECE))
            limit -= len(out[-1])
            if limit < 0:
                raise ValueError("unfolds to too much")
    except brotli.error as error:
        raise ValueError(str(error)) from error
    return b"".join(out)


_DECODERS: Final[Mapping[bytes, Callable[[bytes, int], bytes]]] = {
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _brotli,
    b"zstd": _zstd,
}
