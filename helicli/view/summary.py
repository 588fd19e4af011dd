"""What calls come to, in one line.

Owns that line and the plural; it stands below lists, sums and programs that ran.
"""

from __future__ import annotations

from helicli.query.calls import Call
from helicli.units import dollars


class Tally:
    """What the calls of a list come to, counted as they are printed."""

    def __init__(self) -> None:
        self.calls = self._errors = self._cost = self._unpriced = 0

    def add(self, call: Call) -> None:
        """Count one."""
        self.calls += 1
        self._errors += call.failed
        self._cost += call.cost_nano or 0
        self._unpriced += call.cost_nano is None

    def told(self) -> str:
        """The same as `summary`, of these."""
        return summary(self.calls, self._cost, self._errors, self._unpriced)


def summary(calls: int, cost_nano: int, errors: int, unpriced: int) -> str:
    """`38 calls · $0.11 · 0 errors`."""
    parts = [many(calls, "call"), dollars(cost_nano), many(errors, "error")]
    return " · ".join([*parts, f"{unpriced} unpriced"] if unpriced else parts)


def many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
