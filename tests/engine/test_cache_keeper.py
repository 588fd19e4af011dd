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
from helicli.recorder.work import Recorder
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
    fill(tmp_path / "x.db")
    await keeper.recorded()
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
    await keeper.recorded()
    assert ids(keeper) == []


def earlier(keeper, *records):
    """What an earlier proxy has left in the journal; its recorder."""
    path = keeper.folder / journal.segment_name(2, 1)
    path.write_bytes(journal.segment_header(2, 1) + b"".join(journal.pack(*record) for record in records))
    return Recorder(keeper.folder.parent / "x.db", keeper.folder, "box")


async def test_what_an_earlier_proxy_has_cleared_stays_away_also_where_that_waits_to_be_recorded(keeper, tmp_path):
    fill(tmp_path / "x.db")
    recorder = earlier(keeper, (0, Kind.CLEAR, journal.encode(Clearing(seed="t"))))
    await keeper.start()
    await keeper.recorded()
    assert ids(keeper) == []
    while recorder.step():
        pass
    recorder.close()
    await keeper.recorded()
    assert ids(keeper) == [id_of(3), id_of(1)]


async def test_a_segment_without_records_does_not_wait(keeper, tmp_path):
    fill(tmp_path / "x.db")
    earlier(keeper).close()
    await keeper.recorded()
    assert len(ids(keeper)) == 3


async def test_it_is_loaded_once(keeper, tmp_path):
    fill(tmp_path / "x.db")
    await keeper.recorded()
    await keeper.clear(ClearCache(1, Clearing()))
    await keeper.recorded()
    assert ids(keeper) == []


@pytest.mark.parametrize("wanted", [Clearing(seed="t"), Clearing(ids=(id_of(2),))])
async def test_what_is_cleared_before_it_is_loaded_stays_away(keeper, tmp_path, wanted):
    """Whatever the clock says: it may have been set back since the answers were stored."""
    fill(tmp_path / "x.db")
    keeper.cache.clock = lambda: logs.T0 - 86_400_000
    assert (await keeper.clear(ClearCache(1, wanted))).entries == 0
    await keeper.recorded()
    assert ids(keeper) == [id_of(3), id_of(1)]


async def test_a_database_that_cannot_be_read_is_read_later(keeper, tmp_path):
    path = fill(tmp_path / "x.db")
    held = path.read_bytes()
    path.write_bytes(b"no database" * 1000)
    await keeper.start()
    path.write_bytes(held)
    assert ids(keeper) == []
    await keeper.recorded()
    assert len(ids(keeper)) == 3


async def test_where_there_is_no_database_there_is_nothing(keeper):
    await keeper.recorded()
    assert ids(keeper) == []


async def test_a_clearing_that_the_disk_does_not_take_is_written_later(keeper, monkeypatch):
    writer = keeper._journal
    monkeypatch.setattr(writer, "append", lambda *record: False)
    assert (await keeper.clear(ClearCache(1, Clearing(seed="t")))).place is None
    monkeypatch.undo()
    writer.look_at_disk()
    [path] = keeper.folder.glob("*.calls")
    [(_, record)] = records(path)
    assert record.kind == Kind.CLEAR and writer.dropped_calls == 0


async def test_a_clearing_stands_in_the_journal(keeper, tmp_path):
    fill(tmp_path / "x.db")
    await keeper.recorded()
    wanted = Clearing(ids=(id_of(1),))
    said = await keeper.clear(ClearCache(9, wanted))
    assert (said.number, said.entries) == (9, 1)
    [path] = keeper.folder.glob("*.calls")
    [(_, record)] = records(path)
    assert record.kind == Kind.CLEAR and journal.clear_decoder.decode(record.payload) == wanted
    assert Position(*said.place) == Position(3, 1, path.stat().st_size)
