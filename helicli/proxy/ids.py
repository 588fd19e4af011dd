"""Identifiers of calls: UUIDs of version 7, which sort by time (RFC 9562, section 5.7)."""

from __future__ import annotations

from random import Random

_random = Random()  # seeded by the system; an id has to be unique, not secret


def new_id(millis: int) -> bytes:
    """The 16 bytes of a new id made at an instant (milliseconds UTC)."""
    bits = _random.getrandbits(74)
    return (millis << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1).to_bytes(16, "big")


def as_text(id: bytes) -> str:
    """An id in its usual form, `0193…-…`."""
    text = id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
