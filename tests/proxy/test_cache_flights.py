"""One call for many, on the road: who waits, who leaves, who goes alone."""

from __future__ import annotations

import asyncio

import pytest

from helicli.caching import Clearing
from helicli.proxy import cache as cache_module
from helicli.proxy import cache_flight
from tests.proxy.cache_scene import KEY, ON, Says, ask, hit, until
from tests.proxy.house import post
from tests.proxy.wires import Provider

pytestmark = pytest.mark.anyio


async def test_a_hundred_at_once_are_one(house):
    says = Says()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        calls = [asyncio.ensure_future(proxy.call(post(ask(stream=n % 2 == 0), ON, KEY))) for n in range(100)]
        [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 99)
        says.hold.set()
        answers = await asyncio.gather(*calls)
        assert says.asked == 1
        assert sum(hit(fields) for _, fields, _ in answers) == 99
        assert all(status == 200 and b"Answer " in body for status, _, body in answers)
        ends = await proxy.ends(100)
        assert sum(end.cache.put is not None for end in ends) == 1
        assert ends[0].cache.put is not None
        assert not proxy.house.cache.flights


async def test_the_leader_leaves(house):
    says = Says()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        leader = await proxy.connect()
        await leader.send(post(ask(), ON, KEY))
        await says.arrived.wait()
        others = [asyncio.ensure_future(proxy.call(post(ask(), ON, KEY))) for _ in range(3)]
        [flight] = proxy.house.cache.flights.values()
        await until(lambda: flight.followers == 3)
        leader.close()
        await until(lambda: flight._alone)
        says.hold.set()
        answers = await asyncio.gather(*others)
        assert all(hit(fields) for _, fields, _ in answers) and says.asked == 1
        first, *rest = await proxy.ends(4)
        assert (first.error, first.cache.put is not None, first.status) == ("client_closed", True, 200)
        assert all(end.error is None for end in rest)


async def test_all_leave(house):
    gone = asyncio.Event()

    async def provider_script(wire):
        await wire.request()
        await wire.gone()
        gone.set()

    async with Provider(provider_script) as provider, house(provider) as proxy:
        clients = []
        for _ in range(2):
            clients.append(await proxy.connect())
            await clients[-1].send(post(ask(), ON, KEY))
            [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 1)
        clients[0].close()
        await until(lambda: flight._alone)
        assert not gone.is_set()
        clients[1].close()
        await asyncio.wait_for(gone.wait(), 10)
        assert [end.error for end in await proxy.ends(2)] == ["client_closed"] * 2


async def test_followers_of_a_failed_leader_go_by_themselves(house):
    class First(Says):
        async def send(self, wire, said, content_type):
            self.status = b"500 Oops" if self.asked == 1 else b"200 OK"
            await super().send(wire, said, content_type)

    says = First()
    says.hold.clear()
    async with Provider(says) as provider, house(provider) as proxy:
        calls = [asyncio.ensure_future(proxy.call(post(ask(), ON, KEY))) for _ in range(3)]
        [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: flight.followers == 2)
        says.arrived.clear()
        says.hold.set()
        answers = await asyncio.gather(*calls)
        assert sorted(status for status, _, _ in answers) == [200, 200, 500]
        assert says.asked == 3 and not any(hit(fields) for _, fields, _ in answers)
        assert hit((await proxy.call(post(ask(), ON, KEY)))[1])


async def test_a_leader_that_stands_still_is_waited_for_once(house, monkeypatch):
    """Who has given it up leads those who come later: else each of them would wait for the same standing answer."""
    monkeypatch.setattr(cache_flight, "PATIENCE_SECONDS", 0.05)
    more = asyncio.Event()

    class Stands(Says):
        async def send(self, wire, said, content_type):
            if self.asked > 1:
                await super().send(wire, said, content_type)
            else:
                head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
                await wire.send(head % (content_type, len(said)) + said[:10])
                await more.wait()
                await wire.send(said[10:])

    says = Stands()
    async with Provider(says) as provider, house(provider) as proxy:
        standing = asyncio.ensure_future(proxy.call(post(ask(stream=True), ON, KEY)))
        [first] = await until(lambda: list(proxy.house.cache.flights.values()))
        await until(lambda: first._pieces)
        says.hold.clear()
        second = asyncio.ensure_future(proxy.call(post(ask(stream=True), ON, KEY)))
        await until(lambda: says.asked == 2)
        [flight] = proxy.house.cache.flights.values()
        assert flight is not first
        third = asyncio.ensure_future(proxy.call(post(ask(stream=True), ON, KEY)))
        await until(lambda: flight.followers == 1)
        says.hold.set()
        assert [hit((await each)[1]) for each in (second, third)] == [False, True]
        more.set()
        assert not hit((await standing)[1]) and says.asked == 2
        assert not proxy.house.cache.flights


async def test_the_leader_leaves_in_the_middle_of_a_stream(house):
    more = asyncio.Event()

    class Slow(Says):
        async def send(self, wire, said, content_type):
            await wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n" % content_type)
            for event in said.split(b"\n\n")[:-1]:
                piece = event + b"\n\n"
                await wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                await more.wait()
            await wire.send(b"0\r\n\r\n")

    says = Slow()
    async with Provider(says) as provider, house(provider) as proxy:
        leader = await proxy.connect()
        await leader.send(post(ask(stream=True), ON, KEY))
        await leader.head()
        await leader.reader.readexactly(50)
        other = asyncio.ensure_future(proxy.call(post(ask(), ON, KEY)))
        [flight] = proxy.house.cache.flights.values()
        await until(lambda: flight.followers == 1)
        leader.close()
        await until(lambda: flight._alone)
        more.set()
        _, fields, body = await other
        assert hit(fields) and b"Answer 1" in body and says.asked == 1
        first, second = await proxy.ends(2)
        assert first.cache.put is not None and second.cache.source == proxy.begins()[0].id


@pytest.mark.parametrize("why", ["status", "size"])
@pytest.mark.parametrize("leaves", [False, True])
async def test_what_will_not_be_stored_is_not_waited_for(house, monkeypatch, why, leaves):
    """It is known long before its end; and when its client has left too, nobody wants it."""
    monkeypatch.setattr(cache_module, "ENTRY_MAX", 900)
    gone, go = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.request()
        await go.wait()
        status = b"500 Oops" if why == "status" else b"200 OK"
        await wire.send(b"HTTP/1.1 %b\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n" % status)
        await wire.send(b": %b\n\n" % (b"x" * (1000 if why == "size" else 10)))
        await wire.gone()
        gone.set()

    async with Provider(script) as provider, house(provider) as proxy:
        leader, other = await proxy.connect(), await proxy.connect()
        await leader.send(post(ask(stream=True), ON, KEY))
        [flight] = await until(lambda: list(proxy.house.cache.flights.values()))
        await other.send(post(ask(stream=True), ON, KEY))
        await until(lambda: flight.followers == 1)
        if leaves:
            leader.close()
            await until(lambda: flight._alone)
        go.set()
        status, fields = await other.head()
        assert status == (500 if why == "status" else 200) and not hit(fields)
        assert not proxy.house.cache.flights
        if leaves:
            await asyncio.wait_for(gone.wait(), 10)
        else:
            assert not gone.is_set()


async def test_a_clearing_forgets_what_is_here_and_what_is_under_way(house):
    says = Says()
    async with Provider(says) as provider, house(provider) as proxy:
        cache = proxy.house.cache
        await proxy.call(post(ask("a"), ON, KEY))
        says.hold.clear()
        says.arrived.clear()
        under_way = asyncio.ensure_future(proxy.call(post(ask("b"), ON, KEY)))
        await says.arrived.wait()
        assert cache.clear(Clearing()) == 1
        assert (len(cache.index), cache.bodies.bytes, cache.flights) == (0, 0, {})
        says.hold.set()
        await under_way
        assert not hit((await proxy.call(post(ask("b"), ON, KEY)))[1])
        assert not hit((await proxy.call(post(ask("a"), ON, KEY)))[1])
