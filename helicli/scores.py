"""Scores of a call: what people and programs think of its answer, a number by name.

Owns which names and values there may be. `true` and `false` are 1 and 0, and a thumb is the score `feedback`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from helicli.errors import UsageError

FEEDBACK: Final = "feedback"
"""The score that a thumb up or down is."""

CALL_MAX: Final = 100
"""So many scores may one call have."""

NAME_MAX: Final = 100
REF_MAX: Final = 200


class Scored(Struct, array_like=True, frozen=True):
    """Scores of one call, which is known by an id: its own, or the one its caller gave it."""

    ref: str
    scores: dict[str, float]
    at: int


def scored(ref: str, given: Mapping[Any, Any], at: int) -> Scored:
    """Scores as somebody gives them. Raises UsageError."""
    if not ref or len(ref) > REF_MAX:
        raise UsageError("that is no id of a call", "take the one that stands in the fields of its answer")
    if not given:
        raise UsageError("no scores are given", 'write {"scores": {"helpful": 0.8}}')
    if len(given) > CALL_MAX:
        raise UsageError(f"{len(given)} scores are too many for one call", f"give {CALL_MAX} at most")
    return Scored(ref, {_name(name): _number(name, value) for name, value in given.items()}, at)


def _name(name: Any) -> str:
    text = name.strip().lower() if isinstance(name, str) else ""
    if not text or len(text) > NAME_MAX or not text.isprintable():
        raise UsageError(f'"{str(name)[:40]}" cannot be the name of a score', "use a word such as helpful")
    return text


def _number(name: str, value: Any) -> float:
    if isinstance(value, int | float) and abs(value) <= 1e15:
        return float(value)
    raise UsageError(f"{name[:40]} is no number", "a score is a number, or true or false")
