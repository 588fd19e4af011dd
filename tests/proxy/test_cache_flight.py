"""Leaders and followers, and who lives as long as whom."""

from __future__ import annotations

import asyncio

import pytest

from helicli.proxy import cache_flight
from helicli.proxy.cache_flight import Flight, Stored
from tests.proxy.test_cache_index import entry

pytestmark = pytest.mark.anyio

STORED = Stored(entry("a"), b"body")


class Road:
    """A leader's way that ends when it is told to."""

    def __init__(self, flight, brings=STORED):
        self.flight = flight
        self.brings = brings
        self.go = asyncio.Event()
        self.cancelled = False

    async def travel(self):
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            self.flight.land(None)
            raise
        self.flight.land(self.brings)


async def under_way(followers=1):
    flight = Flight()
    road = Road(flight)
    leader = asyncio.ensure_future(flight.lead(road.travel()))
    tasks = [asyncio.ensure_future(flight.follow()) for _ in range(followers)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert flight.followers == followers
    return flight, road, leader, tasks


async def test_all_get_what_the_leader_brings():
    flight, road, leader, tasks = await under_way(3)
    road.go.set()
    assert await asyncio.gather(*tasks) == [STORED] * 3
    await leader
    assert flight.followers == 0


async def test_a_leader_that_brings_nothing():
    _, road, leader, tasks = await under_way()
    road.brings = None
    road.go.set()
    assert await tasks[0] is None
    await leader


async def test_an_error_on_the_road_is_the_leaders():
    flight = Flight()

    async def road():
        raise ValueError

    with pytest.raises(ValueError):
        await flight.lead(road())


async def test_the_leader_leaves_and_the_others_still_get_it():
    _, road, leader, tasks = await under_way(2)
    leader.cancel()
    await asyncio.sleep(0)
    assert not road.cancelled
    tasks[0].cancel()
    await asyncio.wait({tasks[0]})
    road.go.set()
    assert await tasks[1] == STORED
    await leader
    assert not road.cancelled


async def test_a_leader_without_followers_takes_the_road_with_it():
    _, road, leader, _ = await under_way(0)
    leader.cancel()
    await asyncio.wait({leader})
    assert leader.cancelled() and road.cancelled


async def test_the_last_follower_takes_the_road_with_it():
    _, road, leader, tasks = await under_way(2)
    leader.cancel()
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait({leader, *tasks})
    assert leader.cancelled() and road.cancelled


async def test_a_second_word_to_leave_is_obeyed():
    _, road, leader, tasks = await under_way()
    leader.cancel()
    await asyncio.sleep(0)
    leader.cancel()
    await asyncio.wait({leader})
    assert leader.cancelled() and road.cancelled
    assert await tasks[0] is None


async def test_followers_that_leave_do_not_disturb_a_leader_that_stays():
    _, road, leader, tasks = await under_way(1)
    tasks[0].cancel()
    await asyncio.wait({tasks[0]})
    assert not road.cancelled
    road.go.set()
    await leader


async def test_only_the_first_word_counts():
    flight = Flight()
    flight.land(None)
    flight.land(STORED)
    assert await flight.follow() is None


async def test_an_answer_that_stands_still_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(cache_flight, "PATIENCE_SECONDS", 0.01)
    flight, road, leader, tasks = await under_way(1)
    flight.moved()
    assert await tasks[0] is None
    road.go.set()
    await leader


async def test_an_answer_that_has_not_begun_is_waited_for(monkeypatch):
    monkeypatch.setattr(cache_flight, "PATIENCE_SECONDS", 0.001)
    _, road, leader, tasks = await under_way(1)
    await asyncio.wait(tasks, timeout=0.05)
    road.go.set()
    assert await tasks[0] == STORED
    await leader
