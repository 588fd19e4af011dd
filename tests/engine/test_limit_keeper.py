"""The limits of one proxy: begun with, changed, asked for, and priced."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import closing

import pytest
from msgspec.structs import replace

from helicli import rates
from helicli.call import Charge, Tags
from helicli.engine import limit_keeper
from helicli.engine.change_words import LimitsRead, ReadLimits
from helicli.engine.limit_keeper import LimitKeeper
from helicli.engine.link import AsyncLink
from helicli.engine.words import AskPrice, AskUsage, LimitUsage, Notice, Price, ProxySettings
from helicli.journal import Position
from helicli.limits import LimitSettings
from helicli.policy import parse
from helicli.providers.registry import BUILT_IN
from helicli.proxy.admission import clock
from helicli.proxy.expense import Asked
from helicli.rates import Rate, Rates
from helicli.retrying import Timeouts
from helicli.store import charges, limits, position
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit
from helicli.store.position import Reached
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
            Timeouts(),
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


def test_it_is_asked_for_some_and_says_the_fullest(folder, monkeypatch):
    monkeypatch.setattr(limit_keeper, "SHOWN_MAX", 3)
    monkeypatch.setattr(limit_keeper, "_AT_ONCE", 2)
    many, few = parse("10;w=60;u=user"), parse("5;w=60;u=user")

    async def work(keeper, house, other):
        await keeper.begin()
        for number in range(1, 8):
            tags = Tags(user=f"user-{number}")
            asked = Asked(tags, BUILT_IN["openai"], "/v1/chat/completions", [], b"{}", 0)
            for _ in range(number):
                await house.admission.ask(asked, (many,))
        await house.admission.ask(asked, (few,))
        keeper.on_word(AskUsage(1))
        assert [each.used for each in (await other.hear()).standings] == [7, 6, 5]
        keeper.on_word(AskUsage(2, "5;w=60;s=user"))
        assert [(each.segment, each.used) for each in (await other.hear()).standings] == [("user-7", 1)]
        keeper.on_word(AskUsage(3, "none"))
        assert (await other.hear()).standings == []

    run(folder, work)


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


def test_two_changes_at_once_are_read_in_their_order(folder, monkeypatch):
    """What the first read began to read before the second change was stored must not come last."""
    read, began, go_on = limit_keeper.stored_limits, threading.Event(), threading.Event()

    def slowly(database):
        found = read(database)
        if not began.is_set():
            began.set()
            go_on.wait(10)
        return found

    monkeypatch.setattr(limit_keeper, "stored_limits", slowly)

    async def work(keeper, house, other):
        await keeper.begin()
        store(folder, "first", "5;w=60")
        keeper.on_word(ReadLimits(1))
        await asyncio.to_thread(began.wait, 10)
        store(folder, "second", "5;w=60")
        keeper.on_word(ReadLimits(2))
        first = asyncio.create_task(other.hear())
        # Where the second read does not wait for the first, its answer is there at once.
        await asyncio.wait({first}, timeout=0.3)
        go_on.set()
        assert [await first, await other.hear()] == [LimitsRead(1), LimitsRead(2)]
        assert [limit.shown for limit in house.admission.standing] == ["first", "second"]

    run(folder, work)


def test_what_a_proxy_has_counted_itself_is_not_read_again(folder):
    """The database was none when it began; since then the recorder has made one, with the proxy's own calls in it."""
    (folder / "db").write_bytes(b"no database at all, but long enough to be looked at as one" * 100)
    policy = parse("10;w=60")

    async def work(keeper, house, other):
        await keeper.begin()
        assert isinstance(await other.hear(), Notice)
        own = []
        for _ in range(3):
            asked = Asked(Tags(), BUILT_IN["openai"], "/v1/chat/completions", [], b"{}", 0)
            own += (await house.admission.ask(asked, (policy,))).close()
        (folder / "db").unlink()
        with closing(open_writer(folder / "db")) as db:
            db.execute("INSERT INTO words VALUES (1, ?), (2, '')", (policy.spelled,))
            for each in (*own, replace(own[0], amount=2)):
                charges.add(db, 1, 2, each)
            position.save(db, Reached(high=Position(9, 1, 100), low=Position(9, 1, 100)))
        while not keeper._counted:
            keeper.again()
            await asyncio.gather(*keeper._tasks)
        assert [each.used for _, each in house.admission.usage()] == [5], "three of its own and two of before"

    run(folder, work)


def test_made_up_models_cost_no_memory(folder, monkeypatch):
    monkeypatch.setattr(limit_keeper, "REMEMBERED", 5)

    async def work(keeper, house, other):
        for number in range(20):
            keeper.on_word(Price("openai", f"made-up-{number}", ()))
        assert len(keeper._learnt) <= 5

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
        monkeypatch.setattr(limit_keeper, "_PRICE_SECONDS", 60)
        await keeper._learn("openai", "gpt-4o")
        assert await other.hear() == await other.hear() == AskPrice("openai", "gpt-4o"), "asked anew, not waited for"
        keeper.on_word(Price("openai", "gpt-4o", (RATE,)))
        assert not keeper._silent

    run(folder, work)
