"""The journal's grammar: segments of checksummed records in which the proxy hands calls to the recorder.

Owns names, layout and checksums, not the files. A segment is a header and then records; a record belongs to one call of
one generation (one generation = one start of the proxy). What does not check is never taken for a record.

    segment   magic 8 · generation u64 · number u32 · zero u32               file <generation>-<number>.calls
    record    magic 4 · payload length u32 · crc32 u32 · call u64 · kind u8 · payload      (little endian)
"""

from __future__ import annotations

import re
import struct
from enum import IntEnum
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from helicli.caching import Clearing
from helicli.call import Begin, Charge, End, Head
from helicli.scores import Scored

SEGMENT_MAGIC: Final = b"HELICLI1"
SEGMENT_HEADER: Final = struct.Struct("<8sQII")
RECORD_MAGIC: Final = b"\xf5\x9eHJ"
RECORD_HEADER: Final = struct.Struct("<4sIIQB")
SEGMENT_BYTES: Final = 8 * 1024 * 1024
"""A segment is closed by the first record that reaches this size."""

DURABILITY_WORDS: Final = ("batch", "sync")
"""When a call is on the disk: within a second of its end, or before its last byte goes to the client."""

LIVE_NAME: Final = "live"
"""The file in the journal's directory that a running proxy holds locked (flock) for its whole life."""

_BODY: Final = struct.Struct("<QB")
_SEGMENT_NAME: Final = re.compile(r"^([0-9a-f]{16})-([0-9a-f]{8})\.(calls|carry)$")


class Kind(IntEnum):
    """What a record says. A call is `begin`, then any of the middle ones, then `end`; `clear` and `score` belong to
    no call."""

    BEGIN = 1
    REQUEST = 2
    HEAD = 3
    CHUNK = 4
    END = 5
    UNMASK = 6
    """The bytes that the last stars of a side stand for: a byte with the kind of that side, then they."""
    CLEAR = 7
    CHARGE = 8
    """What limits have counted for a call before it was made; its `end` says what they count in the end."""
    SCORE = 9
    """What somebody thinks of a call, which may have ended or not."""


class Position(NamedTuple):
    """A place in the journal; compares in the order in which records were written."""

    generation: int
    number: int
    offset: int


class Record(NamedTuple):
    """One record; `size` counts its header too."""

    call: int
    kind: int
    payload: bytes
    size: int


begin_encoder: Final = msgspec.msgpack.Encoder()
begin_decoder: Final = msgspec.msgpack.Decoder(Begin)
head_decoder: Final = msgspec.msgpack.Decoder(Head)
end_decoder: Final = msgspec.msgpack.Decoder(End)
clear_decoder: Final = msgspec.msgpack.Decoder(Clearing)
score_decoder: Final = msgspec.msgpack.Decoder(Scored)
charge_decoder: Final = msgspec.msgpack.Decoder(tuple[Charge, ...])


def encode(value: Begin | Head | End | Clearing | Scored | tuple[Charge, ...]) -> bytes:
    """The payload of a `begin`, `head`, `end`, `clear`, `score` or `charge` record (MessagePack)."""
    return begin_encoder.encode(value)


def segment_name(generation: int, number: int) -> str:
    """File name of a segment."""
    return f"{generation:016x}-{number:08x}.calls"


def carry_name(generation: int, number: int) -> str:
    """File name of the records of all calls that were open when segment `number` had been read to its end."""
    return f"{generation:016x}-{number:08x}.carry"


def parse_name(name: str) -> tuple[int, int, bool] | None:
    """(generation, number, is a carry file) of a file name, None for any other file."""
    found = _SEGMENT_NAME.match(name)
    return (int(found[1], 16), int(found[2], 16), found[3] == "carry") if found else None


def segment_header(generation: int, number: int) -> bytes:
    """The first bytes of a segment."""
    return SEGMENT_HEADER.pack(SEGMENT_MAGIC, generation, number, 0)


def pack(call: int, kind: int, payload: bytes) -> bytes:
    """One whole record."""
    checksum = crc32(payload, crc32(_BODY.pack(call, kind)))
    return RECORD_HEADER.pack(RECORD_MAGIC, len(payload), checksum, call, kind) + payload


def unpack(data: bytes, at: int) -> Record | None:
    """The record at offset `at`, None where there is none: too short, no magic, or a checksum that does not hold."""
    body = at + RECORD_HEADER.size
    if len(data) < body:
        return None
    magic, length, checksum, call, kind = RECORD_HEADER.unpack_from(data, at)
    if magic != RECORD_MAGIC or len(data) < body + length:
        return None
    payload = data[body : body + length]
    if crc32(payload, crc32(_BODY.pack(call, kind))) != checksum:
        return None
    return Record(call, kind, payload, RECORD_HEADER.size + length)


def wanted(data: bytes, at: int) -> int:
    """Bytes from `at` that the record there says it needs, or 0 where its header is not (yet) readable."""
    if len(data) < at + RECORD_HEADER.size or data[at : at + 4] != RECORD_MAGIC:
        return 0
    length: int = RECORD_HEADER.unpack_from(data, at)[1]
    return RECORD_HEADER.size + length
