"""Identifiers of calls: UUIDs of version 7, which sort by time (RFC 9562, section 5.7)."""

from __future__ import annotations

from random import SystemRandom
from uuid import UUID

_random = SystemRandom()


def new_id(millis: int) -> bytes:
    """The 16 bytes of a new id made at an instant (milliseconds UTC)."""
    bits = _random.getrandbits(74)
    return (millis << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1).to_bytes(16, "big")


def as_text(id: bytes) -> str:
    """An id in its usual form, `0193…-…`."""
    return str(UUID(bytes=id))
