"""Bytes made small: varints, and zstd frames with a dictionary.

Owns the packed form: a varint that says how, then the data. 0 is plain; from ZSTD on it is a zstd frame without its
magic, and the number less ZSTD is the dictionary's id, 0 for none. 1 is left to whoever keeps something else beside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

PLAIN: Final = 0
LISTED: Final = 1
"""The number that packed bytes never begin with."""

ZSTD: Final = 2
DICTIONARY_BYTES: Final = 110 * 1024
_LEVEL: Final = 3
_SMALL: Final = 32
_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_OPTIONS: Final[Mapping[int, int]] = {
    zstd.CompressionParameter.compression_level: _LEVEL,
    # The packed form names the dictionary itself, in one byte instead of four.
    zstd.CompressionParameter.dict_id_flag: 0,
    zstd.CompressionParameter.checksum_flag: 0,
}


class Packer:
    """Packs bytes; keeps one compressor, so one packer belongs to one thread."""

    def __init__(self, number: int = 0, dictionary: bytes | None = None) -> None:
        self._head = varints(ZSTD + number)
        trained = zstd.ZstdDict(dictionary) if dictionary else None
        self._compressor = zstd.ZstdCompressor(options=_OPTIONS, zstd_dict=trained)

    def pack(self, body: bytes) -> bytes:
        """The packed form; never more than one byte longer than what went in."""
        if len(body) >= _SMALL:
            frame = self._compressor.compress(body, self._compressor.FLUSH_FRAME)
            if len(frame) - len(_MAGIC) + len(self._head) < len(body):
                return self._head + frame[len(_MAGIC) :]
        return b"\x00" + body


class Unpacker:
    """Unpacks bytes; `find` gives a dictionary by its id. Every dictionary that was met is kept."""

    def __init__(self, find: Callable[[int], bytes]) -> None:
        self._find = find
        self._known: dict[int, zstd.ZstdDict | None] = {0: None}

    def unpack(self, packed: bytes) -> bytes:
        """The exact bytes that were packed."""
        how, at = varint(packed, 0)
        if how == PLAIN:
            return packed[at:]
        number = how - ZSTD
        if number not in self._known:
            self._known[number] = zstd.ZstdDict(self._find(number))
        return zstd.decompress(_MAGIC + packed[at:], zstd_dict=self._known[number])


def train(samples: Sequence[bytes]) -> bytes | None:
    """A dictionary for bytes such as these; None where they are too few to learn from."""
    try:
        return zstd.train_dict(samples, DICTIONARY_BYTES).dict_content
    except (zstd.ZstdError, ValueError):
        return None


def varints(*numbers: int) -> bytes:
    """Numbers from 0 up, seven bits a byte, the lowest first."""
    if max(numbers, default=0) <= 0x7F:
        return bytes(numbers)
    out = bytearray()
    for number in numbers:
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return bytes(out)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at an offset, and the offset after it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
