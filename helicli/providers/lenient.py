"""JSON from outside, read without trust.

Owns the rule of every reader: what is missing, of the wrong type or not JSON at all reads as nothing. No function here
raises, whatever the bytes; none reads a number out of a string or a boolean.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_COUNT_MAX: Final = 1 << 53


def decode(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw) -> T | None:
    """What `decoder` makes of the bytes, None where it cannot."""
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def loads(data: bytes) -> Any:
    """The whole JSON value; invalid UTF-8 and lone surrogates are replaced. None where it is no JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def text(value: Any) -> str:
    """A string that can be written as UTF-8, "" for anything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def word(value: Any) -> str | None:
    """A string that is not empty."""
    return text(value) or None


def count(value: Any) -> int:
    """A number of tokens: 0 for what is none. Some servers write whole numbers as floats."""
    kind = type(value)  # of JSON, so that a boolean is no number
    if kind is int or kind is float:
        return int(value) if 0 < value < _COUNT_MAX else 0
    return 0


def mapping(value: Any) -> dict[str, Any]:
    """An object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of an array, [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def compact(value: Any) -> str:
    """A JSON value as one line, spaced as people read it."""
    try:
        return text(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return ""


def within(most: int, *counts: int) -> list[int]:
    """Counts that are said to be parts of a whole, the later ones cut where all are more than it."""
    kept = []
    for each in counts:
        kept.append(min(each, most))
        most -= kept[-1]
    return kept
