"""Questions answered by number."""

from __future__ import annotations

import asyncio

import pytest

from helicli.engine import desk
from helicli.engine.change_words import PromptsRead, ReadPrompts
from helicli.engine.desk import Desk
from helicli.errors import HelicliError


def test_answers_find_who_waits_for_them():
    async def main():
        asked, own = [], Desk("fix")
        first = asyncio.create_task(own.ask(asked.append, ReadPrompts, "proxy"))
        second = asyncio.create_task(own.ask(asked.append, ReadPrompts, "proxy"))
        await asyncio.sleep(0)
        for word in reversed(asked):
            own.on_word(PromptsRead(word.number))
        own.on_word(PromptsRead(99))
        return [each.number for each in await asyncio.gather(first, second)], [each.number for each in asked]

    got, asked = asyncio.run(main())
    assert got == asked and len(set(asked)) == 2


def test_who_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(desk, "SECONDS", 0.01)
    own = Desk("look again")
    with pytest.raises(HelicliError, match="the proxy does not answer") as raised:
        asyncio.run(own.ask(lambda word: None, ReadPrompts, "proxy"))
    assert raised.value.fix == "look again"
    own.on_word(PromptsRead(1))
