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

MEMBERS_MAX: Final = 1000
"""So many members one body may have, one after the other; more, each of nothing, would only take time."""

_PIECE: Final = 1024 * 1024
_WINDOW: Final = 64 * 1024


def content_encoding(headers: Headers) -> bytes:
    """The value of Content-Encoding in lower case, of several lines as one list; empty where there is none."""
    return b", ".join([value.strip().lower() for name, value in headers if name == b"content-encoding"])


class _TooMuch(ValueError):
    """A body unfolds past the limit; with what came until then."""

    def __init__(self, begin: bytes) -> None:
        super().__init__("unfolds to too much")
        self.begin = begin


def decode(encoding: bytes, body: bytes, limit: int = DECODED_MAX, *, cut: bool = False) -> bytes | None:
    """A body without its content encodings; None where it does not decode, is unknown, or unfolds past `limit`.

    What can be read of a body that was cut short is returned; with `cut`, so is the begin of one that unfolds past it.
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
        except _TooMuch as error:
            if not cut:
                return None
            body = error.begin[:limit]
        except (zlib.error, zstd.ZstdError, ValueError, EOFError):
            return None
    return body


class _Unfolder(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _bounded(body: bytes, room: int, member: Callable[[], _Unfolder], magic: bytes | None = None) -> bytes:
    """What a body unfolds to: one member, or as many as begin with `magic` one after the other."""
    plain: list[bytes] = []
    at = 0
    for _ in range(MEMBERS_MAX):
        unfolder = member()
        while not unfolder.eof and at < len(body):
            # Piece by piece: what a member leaves unused is copied, and of a whole body that is much.
            piece = body[at : at + _WINDOW]
            plain.append(unfolder.decompress(piece, room + 1))
            at += len(piece)
            room -= len(plain[-1])
            if room < 0:
                raise _TooMuch(b"".join(plain))
        at -= len(unfolder.unused_data)
        if magic is None or not body.startswith(magic, at):
            return b"".join(plain)
    raise ValueError("has too many members")


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
                raise _TooMuch(b"".join(out))
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
