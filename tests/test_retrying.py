"""How long is waited before a call is asked again, and how long a provider has."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from helicli.errors import UsageError
from helicli.retrying import PATIENT_SECONDS, Timeouts, asked_to_wait_ms, delay_ms

NOW = 1_795_269_791_000


@pytest.mark.parametrize(
    ("number", "least", "most"),
    [(0, 500, 1000), (1, 1000, 2000), (3, 4000, 8000), (4, 5000, 10_000), (5000, 5000, 1e4)],
)
def test_delays_grow_up_to_the_longest(number, least, most):
    assert delay_ms(number, 1000, 10_000, 2, 0.0) == least
    assert delay_ms(number, 1000, 10_000, 2, 1.0) == most


def test_no_delay_where_none_is_wanted():
    assert delay_ms(3, 0, 10_000, 2, 1.0) == delay_ms(3, 1000, 0, 2, 1.0) == 0
    assert delay_ms(7, 300, 10_000, 1, 1.0) == 300


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, None),
        ({b"retry-after": b"2"}, 2000),
        ({b"retry-after": b"0.25"}, 250),
        ({b"retry-after-ms": b"40"}, 40),
        ({b"retry-after-ms": b"40", b"retry-after": b"9"}, 40),
        ({b"retry-after-ms": b"soon", b"retry-after": b"9"}, 9000),
        ({b"retry-after": formatdate(NOW / 1000 + 3, usegmt=True).lower().encode()}, 3000),
        ({b"retry-after": formatdate(NOW / 1000 - 60, usegmt=True).encode()}, 0),
        ({b"retry-after": b"-1"}, None),
        ({b"retry-after": b"nan"}, None),
        ({b"retry-after": b"inf"}, None),
        ({b"retry-after": b"tomorrow"}, None),
        ({b"retry-after": b"Mon, 99 Foo 2026"}, None),
        ({b"retry-after": b"\xff"}, None),
    ],
)
def test_what_a_provider_asks_for(fields, told):
    assert asked_to_wait_ms(lambda name: fields.get(name, b""), NOW) == told


def test_a_patient_call_has_more_time_but_for_connecting():
    patient = Timeouts(connect=3, first_byte=10, idle=20, total=30).patient
    assert patient == Timeouts(3, PATIENT_SECONDS, PATIENT_SECONDS, PATIENT_SECONDS)
    longer = Timeouts(idle=7200)
    assert longer.patient == Timeouts(15, 7200, 7200, None)


@pytest.mark.parametrize("name", ["connect", "first_byte", "idle", "total"])
def test_no_time_at_all_is_refused(name):
    Timeouts(first_byte=1, total=1).check()
    with pytest.raises(UsageError, match=f"upstream.{name} cannot be 0"):
        Timeouts(**{name: 0.0}).check()


def test_short_times_are_looked_at_more_often():
    assert Timeouts().grain_seconds == 1
    assert Timeouts(first_byte=0.5).grain_seconds == Timeouts(idle=0.5).grain_seconds == 0.05
    assert Timeouts(total=0.001).grain_seconds == 0.01
