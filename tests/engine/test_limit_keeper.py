"""The limits of one proxy: begun with, changed, asked for, and priced."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import pytest

from helicli import rates
from helicli.call import Charge
from helicli.engine import limit_keeper
from helicli.engine.limit_keeper import LimitKeeper
from helicli.engine.link import AsyncLink
from helicli.engine.words import AskPrice, AskUsage, LimitsRead, LimitUsage, Notice, Price, ProxySettings, ReadLimits
from helicli.limits import LimitSettings
from helicli.proxy.admission import clock
from helicli.rates import Rate, Rates
from helicli.store import charges, limits
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit
from tests.proxy.house import Proxy

RATE = Rate("openai", "gpt-4o", "test", (rates.make_tier(-1, {"input": 1}),))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "db.calls").mkdir()
    return tmp_path


def store(folder, name, policy, used=0):
    limit = StoredLimit(name, policy)
    with closing(open_writer(folder / "db")) as db:
        limits.add(db, limit)
        if used:
            now = clock().wall
            db.execute("INSERT INTO words VALUES (1, ?), (2, '')", (limit.limit().key,))
            charges.add(db, 1, 2, Charge(limit.limit().key, "", used, now, now + 60_000))


def run(folder, work, **settings):
    """Drive a keeper; `work` gets it, its house and the other end of its link."""

    async def main():
        ours, theirs = socket.socketpair()
        link, other = await AsyncLink.open(ours), await AsyncLink.open(theirs)
        told = ProxySettings(
            str(folder / "db"),
            str(folder / "db.calls"),
            9,
            "",
            "",
            [],
            {},
            {},
            "",
            1,
            1,
            1,
            limits=LimitSettings(**settings),
        )
        async with Proxy(folder / "db.calls", "http://127.0.0.1:9") as proxy:
            keeper = LimitKeeper(told, proxy.house, link)
            try:
                async with asyncio.timeout(20):
                    await work(keeper, proxy.house, other)
            finally:
                link.close()
                other.close()

    asyncio.run(main())


def test_it_begins_with_what_is_there(folder):
    store(folder, "few", "5;w=60", used=3)

    async def work(keeper, house, other):
        await keeper.begin()
        assert [limit.shown for limit in house.admission.standing] == ["9;w=60", "few"]
        keeper.on_word(AskUsage(4))
        word = await other.hear()
        assert isinstance(word, LimitUsage) and word.number == 4
        assert [(each.name, each.used, each.limit) for each in word.standings] == [("few", 3, 5)]

    run(folder, work, policies=("9;w=60",))


def test_a_change_is_read_and_told(folder):
    async def work(keeper, house, other):
        await keeper.begin()
        assert house.admission.standing == ()
        store(folder, "few", "5;w=60")
        keeper.on_word(ReadLimits(7))
        assert await other.hear() == LimitsRead(7)
        assert [limit.shown for limit in house.admission.standing] == ["few"]

    run(folder, work)


def test_what_cannot_be_read_is_tried_again(folder):
    (folder / "db").write_bytes(b"no database at all, but long enough to be looked at as one" * 100)

    async def work(keeper, house, other):
        await keeper.begin()
        word = await other.hear()
        assert isinstance(word, Notice) and "cannot be read" in word.text
        (folder / "db").unlink()
        store(folder, "few", "0;w=60")
        while not house.admission.standing:
            keeper.again()
            await asyncio.gather(*keeper._tasks)
        keeper.again()
        assert not keeper._tasks

    run(folder, work)


def test_a_price_is_asked_for_once_and_outlives_a_new_table(folder):
    async def work(keeper, house, other):
        asking = [asyncio.create_task(keeper._learn("openai", "gpt-4o")) for _ in range(2)]
        assert await other.hear() == AskPrice("openai", "gpt-4o")
        keeper.on_word(Price("openai", "gpt-4o", (RATE,)))
        await asyncio.gather(*asking)
        assert house.rates.rate("openai", "gpt-4o", 0) == RATE
        fresh = Rates({})
        keeper.learnt(fresh)
        assert fresh.rate("openai", "gpt-4o", 0) == RATE

    run(folder, work)


def test_a_price_that_nobody_tells_is_not_waited_for(folder, monkeypatch):
    monkeypatch.setattr(limit_keeper, "_PRICE_SECONDS", 0.01)

    async def work(keeper, house, other):
        await keeper._learn("openai", "gpt-4o")
        assert house.rates.all_of("openai", "gpt-4o") is None

    run(folder, work)
