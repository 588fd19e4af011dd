"""The clocks of one call: when it began, how long it took, and how much of that was helicli's.

Owns what counts as helicli's own time: all of it until the head of the answer was made, but not what was spent
waiting for the client or a provider. Instants are integer milliseconds UTC, durations integer microseconds.
"""

from __future__ import annotations

from time import perf_counter_ns, time_ns


class Clocks:
    """Started when the call came. `first_byte_ns` is the counter at the first body byte of a stream."""

    def __init__(self) -> None:
        self._start_ns = perf_counter_ns()
        self._away_ns = 0
        self._overhead_us: int | None = None
        self.created_at = now_ms()
        self.first_byte_ns: int | None = None

    def away(self) -> _Away:
        """Wait for client or provider: that time is theirs."""
        return _Away(self)

    def was_away(self, ns: int) -> None:
        """Take time that others have spent."""
        self._away_ns += ns

    def first_byte(self) -> None:
        """A stream that came whole begins to leave."""
        self.first_byte_ns = perf_counter_ns()

    @property
    def latency_us(self) -> int:
        """How long the call has taken by now."""
        return (perf_counter_ns() - self._start_ns) // 1000

    @property
    def ttft_us(self) -> int | None:
        """How long the first byte of a stream took, None where there was none."""
        return None if self.first_byte_ns is None else (self.first_byte_ns - self._start_ns) // 1000

    @property
    def overhead_us(self) -> int:
        """The time spent here and not with client or provider; it stands still from the first time it is asked for."""
        if self._overhead_us is None:
            self._overhead_us = max(0, perf_counter_ns() - self._start_ns - self._away_ns) // 1000
        return self._overhead_us


class _Away:
    """A time that is spent elsewhere."""

    __slots__ = ("_asked_ns", "_clocks")

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks

    def __enter__(self) -> None:
        self._asked_ns = perf_counter_ns()

    def __exit__(self, *_: object) -> None:
        self._clocks.was_away(perf_counter_ns() - self._asked_ns)


def now_ms() -> int:
    """Milliseconds UTC."""
    return time_ns() // 1_000_000
