"""Clearing the cache through the supervisor, and where no engine runs."""

from __future__ import annotations

import asyncio
from contextlib import closing

import msgspec
import pytest

from helicli import paths
from helicli.caching import Clearing, Noted
from helicli.engine import clearing as clearing_module
from helicli.engine import desk as desk_module
from helicli.engine.clearing import Cleared, Clearings, clear
from helicli.engine.words import CacheCleared, ClearCache
from helicli.errors import DatabaseError, HelicliError, NetworkError, UsageError
from helicli.store.cache import CacheReader
from helicli.store.connect import open_writer
from tests.query.test_cache import fill
from tests.recorder import scene
from tests.store.test_cache import put

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


def asked(value):
    return {"clearing": msgspec.to_builtins(value)}


async def test_it_returns_when_memory_and_database_are_clear():
    said = []
    desk = Clearings(said.append)
    wanted = Clearing(seed="s", ids=(b"\x00" * 16,))
    asking = asyncio.ensure_future(desk.ask(asked(wanted)))
    await asyncio.sleep(0)
    assert said == [ClearCache(1, wanted)]
    desk.recorded((1, 1, 500))
    desk.cleared(CacheCleared(7, 99, None))
    desk.cleared(CacheCleared(1, 3, (1, 2, 40)))
    desk.recorded((1, 2, 39))
    await asyncio.sleep(0)
    assert not asking.done()
    desk.recorded((1, 2, 40))
    assert await asking == {"entries": 3, "recorded": True, "kept": True}


@pytest.mark.parametrize(("place", "kept"), [(None, False), ((1, 2, 40), True)])
async def test_where_the_journal_or_the_database_is_full(monkeypatch, place, kept):
    monkeypatch.setattr(desk_module, "SECONDS", 0.01)
    desk = Clearings(lambda word: desk.cleared(CacheCleared(word.number, 2, place)))
    assert await desk.ask(asked(Clearing())) == {"entries": 2, "recorded": False, "kept": kept}


async def test_a_proxy_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(desk_module, "SECONDS", 0.01)
    with pytest.raises(HelicliError, match="does not answer"):
        await Clearings(lambda word: None).ask(asked(Clearing()))


async def test_what_is_not_understood():
    with pytest.raises(UsageError):
        await Clearings(lambda word: None).ask({"clearing": 7})
    with pytest.raises(UsageError):
        await Clearings(lambda word: None).ask({})


def count(database):
    with closing(CacheReader(database)) as reader:
        return sum(map(len, reader.batches(0)))


def test_without_an_engine(tmp_path):
    database = fill(tmp_path / "x.db")
    assert clear(database, Clearing(seed="t"), print) == Cleared(1, True)
    assert count(database) == 2
    assert clear(database, Clearing(), print) == Cleared(2, True)
    assert count(database) == 0


@pytest.mark.parametrize("ending", [FileNotFoundError, ConnectionRefusedError, ConnectionResetError])
def test_an_engine_that_ends_between_two_questions(tmp_path, monkeypatch, ending):
    """It was there, and is gone when it is asked."""
    database = fill(tmp_path / "x.db")

    def ask(*given):
        raise ending

    monkeypatch.setattr(clearing_module.client, "answers", lambda path: True)
    monkeypatch.setattr(clearing_module.client, "ask", ask)
    assert clear(database, Clearing(seed="t"), print) == Cleared(1, True)
    assert count(database) == 2


def test_an_engine_that_does_not_answer(tmp_path, monkeypatch):
    database = fill(tmp_path / "x.db")

    def ask(*given):
        raise TimeoutError

    monkeypatch.setattr(clearing_module.client, "answers", lambda path: True)
    monkeypatch.setattr(clearing_module.client, "ask", ask)
    with pytest.raises(NetworkError, match="does not answer"):
        clear(database, Clearing(), print)
    assert count(database) == 3


def test_a_lock_that_cannot_be_had(tmp_path):
    database = fill(tmp_path / "x.db")
    paths.lock_file(database).mkdir()
    with pytest.raises(DatabaseError, match="cannot be written"):
        clear(database, Clearing(), print)


def test_what_waits_in_the_journal_is_cleared_too(tmp_path):
    database = fill(tmp_path / "x.db")
    folder = paths.journal_dir(database)
    folder.mkdir(exist_ok=True)
    proxy = scene.Proxy(folder)
    call = proxy.start("late")
    late = scene.end(cache=Noted("miss", put=msgspec.structs.replace(put("z"), size=len(scene.ANSWER))))
    call.request(scene.ASKED)
    call.end(late, scene.JSON, scene.ANSWER)
    proxy.die()
    assert clear(database, Clearing(), print) == Cleared(4, True)
    assert count(database) == 0 and not list(folder.glob("*.calls"))


def test_a_database_that_somebody_works_on(tmp_path):
    database = fill(tmp_path / "x.db")
    with closing(open_writer(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="cannot be written"):
            clear(database, Clearing(), print)
    assert count(database) == 3
