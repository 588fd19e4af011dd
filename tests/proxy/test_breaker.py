"""Models that are left alone for a while."""

from __future__ import annotations

from helicli.proxy import breaker as module
from helicli.proxy.breaker import Breaker, is_failure

KEY = ("openai", "gpt-4o")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_failures_in_a_row_open_it():
    clock = Clock()
    breaker = Breaker(3, 30, clock)
    for _ in range(2):
        breaker.failed(KEY)
    assert breaker.lets(KEY) and breaker.open() == []
    breaker.answered(KEY)
    for _ in range(2):
        breaker.failed(KEY)
    assert breaker.lets(KEY)
    breaker.failed(KEY)
    assert not breaker.lets(KEY)
    assert breaker.lets(("openai", "other")) and breaker.lets(("azure", "gpt-4o"))
    clock.now += 12
    assert breaker.open() == [{"provider": "openai", "model": "gpt-4o", "failures": 3, "seconds": 18.0}]


def test_one_call_is_let_through_after_its_time():
    clock = Clock()
    breaker = Breaker(1, 30, clock)
    breaker.failed(KEY)
    clock.now += 30
    assert [breaker.lets(KEY) for _ in range(3)] == [True, False, False]
    breaker.failed(KEY)
    assert not breaker.lets(KEY)
    clock.now += 30
    assert breaker.lets(KEY)
    breaker.answered(KEY)
    assert breaker.lets(KEY) and breaker.lets(KEY) and breaker.open() == []


def test_what_is_the_providers_failure():
    assert [status for status in (200, 400, 401, 403, 404, 408, 409, 422, 429, 500, 529) if is_failure(status)] == [
        *(408, 429, 500, 529)
    ]


def test_what_names_no_model_is_not_counted():
    breaker = Breaker(1, 30)
    breaker.failed(("openai", ""))
    breaker.failed(("openai", "x" * 201))
    assert not breaker.counts


def test_failures_of_another_hour_are_not_in_a_row():
    clock = Clock()
    breaker = Breaker(2, 30, clock)
    breaker.failed(KEY)
    breaker.failed(("openai", "other"))
    clock.now += 601
    breaker.failed(KEY)
    assert breaker.lets(KEY) and list(breaker.counts) == [KEY]
    clock.now += 601
    breaker.answered(("openai", "good"))
    assert not breaker.counts


def test_never():
    breaker = Breaker(0, 30)
    for _ in range(1000):
        breaker.failed(KEY)
    assert breaker.lets(KEY)


def test_names_that_callers_make_up_cost_no_memory(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 10)
    breaker = Breaker(1, 30)
    for number in range(100):
        breaker.failed(("openai", str(number)))
    assert len(breaker.open()) == 10
    assert breaker.lets(("openai", "0")) and not breaker.lets(("openai", "99"))
