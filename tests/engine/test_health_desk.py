"""The proxy's health, asked for."""

from __future__ import annotations

import asyncio

from helicli.engine import health_desk
from helicli.engine.health_desk import HealthDesk
from helicli.engine.words import AskHealth, Health


def test_all_who_wait_are_told():
    said = []

    async def ask():
        desk = HealthDesk(said.append)
        asking = [asyncio.create_task(desk.ask()) for _ in range(2)]
        await asyncio.sleep(0)
        desk.on_word(Health({"version": "1"}))
        return await asyncio.gather(*asking)

    assert asyncio.run(ask()) == [{"version": "1"}] * 2
    assert said == [AskHealth()] * 2


def test_a_proxy_that_does_not_say_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(health_desk, "_SECONDS", 0.01)
    desk = HealthDesk(lambda word: None)
    assert asyncio.run(desk.ask()) == {}
    desk.on_word(Health({}))
