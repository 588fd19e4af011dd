"""A call's clocks, with a counter that is turned by hand."""

from __future__ import annotations

import pytest

from helicli.proxy import clocks


@pytest.fixture
def at(monkeypatch):
    """The counter, in microseconds."""
    now = [0]
    monkeypatch.setattr(clocks, "perf_counter_ns", lambda: now[0] * 1000)
    return now


def test_what_others_take_is_no_overhead_whatever_becomes_of_it(at):
    call = clocks.Clocks()
    at[0] = 10
    with pytest.raises(OSError), call.away():
        at[0] = 110
        raise OSError
    call.was_away(5_000)
    at[0] = 120
    assert (call.overhead_us, call.latency_us) == (15, 120)


def test_the_overhead_stands_still_once_it_was_told(at):
    call = clocks.Clocks()
    at[0] = 7
    assert call.overhead_us == 7
    at[0] = 900
    assert (call.overhead_us, call.latency_us) == (7, 900)


def test_the_first_byte_of_a_stream(at):
    call = clocks.Clocks()
    at[0] = 30
    assert call.ttft_us is None
    call.first_byte()
    at[0] = 99
    assert call.ttft_us == 30
