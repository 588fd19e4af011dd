"""What calls come to, in one line.

Owns that line and the plural; it stands below lists, sums and programs that ran.
"""

from __future__ import annotations

from helicli.units import dollars


def summary(calls: int, cost_nano: int, errors: int, unpriced: int) -> str:
    """`38 calls · $0.11 · 0 errors`."""
    parts = [many(calls, "call"), dollars(cost_nano), many(errors, "error")]
    return " · ".join([*parts, f"{unpriced} unpriced"] if unpriced else parts)


def many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
