"""The cache of a proxy that starts again, and a clearing's way into the journal."""

from __future__ import annotations

import os

import pytest

from helicli import journal
from helicli.caching import CacheSettings, Clearing
from helicli.engine.cache_keeper import CacheKeeper
from helicli.engine.words import ClearCache
from helicli.journal import Kind, Position
from helicli.proxy.journal import Journal
from tests.query import logs
from tests.query.test_cache import fill
from tests.recorder.scene import records
from tests.store.test_cache import ANSWER, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def keeper(tmp_path):
    folder = tmp_path / "calls"
    folder.mkdir()
    writer = Journal(folder, 3, 1 << 40)
    keeper = CacheKeeper(tmp_path / "x.db", CacheSettings(), writer)
    keeper.cache.clock = lambda: logs.T0 + 60_000
    keeper.folder = folder
    yield keeper
    keeper.close()
    os.close(writer._live)
    os.close(writer._fd)


def ids(keeper):
    return [entry.id for entry in keeper.cache.index.entries()]


async def test_what_the_database_holds_comes_back_in_its_order(keeper, tmp_path):
    await keeper.load(last=False)
    assert ids(keeper) == []
    fill(tmp_path / "x.db")
    await keeper.load(last=False)
    assert ids(keeper) == [id_of(2), id_of(3), id_of(1)]
    assert await keeper.cache.fetch(id_of(1)) == ANSWER
    assert await keeper.cache.fetch(b"?" * 16) is None


async def test_a_start_waits_for_what_is_read_soon(keeper, tmp_path):
    fill(tmp_path / "x.db")
    await keeper.start()
    assert len(ids(keeper)) == 3


async def test_what_is_older_than_is_now_allowed_stays_away(keeper, tmp_path):
    fill(tmp_path / "x.db")
    keeper.cache.settings = CacheSettings(max_age_seconds=30)
    await keeper.load(last=False)
    assert ids(keeper) == []


async def test_it_is_loaded_again_when_the_recorder_has_come_so_far(keeper, tmp_path):
    await keeper.recorded(nothing_older=False, ours=False)
    fill(tmp_path / "x.db")
    await keeper.recorded(nothing_older=False, ours=False)
    assert ids(keeper) == []
    await keeper.recorded(nothing_older=True, ours=False)
    assert len(ids(keeper)) == 3
    assert (await keeper.clear(ClearCache(1, Clearing(seed="t")))).entries == 1
    await keeper.recorded(nothing_older=True, ours=True)
    assert ids(keeper) == [id_of(3), id_of(1)]
    await keeper.clear(ClearCache(2, Clearing()))
    await keeper.recorded(nothing_older=True, ours=True)
    assert ids(keeper) == []


async def test_a_clearing_stands_in_the_journal(keeper, tmp_path):
    fill(tmp_path / "x.db")
    await keeper.load(last=True)
    wanted = Clearing(ids=(id_of(1),))
    said = await keeper.clear(ClearCache(9, wanted))
    assert (said.number, said.entries) == (9, 1)
    [path] = keeper.folder.glob("*.calls")
    [(_, record)] = records(path)
    assert record.kind == Kind.CLEAR and journal.clear_decoder.decode(record.payload) == wanted
    assert Position(*said.place) == Position(3, 1, path.stat().st_size)
