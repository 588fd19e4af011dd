"""The recorder and the cache: puts, evictions and clearings in the order of the journal, each once."""

from __future__ import annotations

import gzip
from contextlib import closing

import pytest
from msgspec.structs import replace

from helicli import journal
from helicli.caching import Clearing, Noted
from helicli.call import Head, Tags
from helicli.journal import Kind
from helicli.proxy.ids import new_id
from helicli.recorder.work import Recorder
from helicli.store.cache import CacheReader
from tests.recorder import scene as scenery
from tests.recorder.scene import ANSWER, ASKED, CREATED, JSON
from tests.store.test_cache import put


def store(proxy, name, *, key=None, call_id=None, response=ANSWER, size=None, head=JSON, tags=None, **noted):
    """A call that stores its answer; its id."""
    call_id = call_id or new_id(CREATED)
    entry = replace(put(key or name), size=len(response) if size is None else size)
    more = {"tags": tags} if tags else {}
    call = proxy.start(name, id=call_id, **more)
    call.request(ASKED)
    call.end(scenery.end(cache=Noted("miss", put=entry, **noted)), head, response)
    return call_id


def hit(proxy, source):
    call = proxy.start("hit")
    call.request(ASKED)
    call.end(replace(scenery.end(cache=Noted("hit", source=source)), latency_us=300), JSON, ANSWER)


def clear(proxy, **terms):
    proxy.journal.append(0, Kind.CLEAR, journal.encode(Clearing(**terms)))


def held(scene):
    with closing(CacheReader(scene.database)) as reader:
        return [entry.id for batch in reader.batches(0) for entry in batch][::-1]


def test_a_miss_is_stored_and_a_hit_costs_nothing(scene):
    proxy = scene.proxy()
    source = store(proxy, "a")
    hit(proxy, source)
    scene.drain()
    assert held(scene) == [source]
    miss, row = scene.row("a"), scene.row("hit")
    assert (miss["cache"], miss["saved_usd"], miss["cached_from"]) == ("miss", None, None)
    assert (row["cache"], row["cost_usd"], row["price_source"]) == ("hit", 0, None)
    columns = ("input", "output", "cache_read", "cache_write", "reasoning")
    assert [row[f"{name}_tokens"] for name in columns] == [0] * 5
    assert (row["saved_usd"], row["saved_ms"], row["cached_from"]) == (miss["cost_usd"], 499.7, miss["seq"])
    assert row["model"] == "gpt-4o"


def test_calls_that_do_not_use_it_say_nothing(scene):
    scene.proxy().small("a")
    scene.drain()
    assert scene.row("a")["cache"] is None


def test_what_was_compressed_is_kept_plain(scene):
    head = Head(200, [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")])
    source = store(scene.proxy(), "a", response=gzip.compress(ANSWER), size=len(ANSWER), head=head)
    scene.drain()
    with closing(CacheReader(scene.database)) as reader:
        assert reader.body(source) == ANSWER


def test_what_was_kept_from_the_journal_is_not_stored(scene):
    """A body that was masked, dropped or cut is not the one that the proxy has stored."""
    store(scene.proxy(), "a", size=len(ANSWER) + 1)
    scene.drain()
    assert held(scene) == []


@pytest.mark.parametrize("bodies", ["meta", "off"])
def test_what_is_switched_off_is_nowhere_on_disk(scene, bodies):
    store(scene.proxy(), "a")
    recorder = Recorder(scene.database, scene.directory, "box", bodies)
    scene.drain(recorder)
    assert held(scene) == [] and scene.row("a")["cache"] == "miss"
    recorder.close()


def test_what_is_omitted_is_nowhere_on_disk(scene):
    store(scene.proxy(), "a", tags=Tags(name="a", omit_response=True))
    scene.drain()
    assert held(scene) == []


def test_a_clearing_stands_between_what_was_before_and_after(scene):
    proxy = scene.proxy()
    store(proxy, "a")
    clear(proxy)
    late = store(proxy, "b")
    recorder = scene.drain()
    assert held(scene) == [late]
    assert (recorder.rows_written, recorder.bad_records) == (2, 0)


@pytest.mark.parametrize("pause", [False, True])
def test_a_clearing_is_not_done_again_after_a_death(scene, pause):
    """An open call keeps the journal, so that the clearing is read again: what came after it must stay."""
    proxy = scene.proxy()
    proxy.stream("open", b"x")
    store(proxy, "a")
    clear(proxy)
    if pause:
        scene.drain()
    late = store(proxy, "b")
    scene.drain().close()
    assert held(scene) == [late]
    scene.drain(scene.recorder())
    assert held(scene) == [late]


def test_evictions_and_clearings_of_a_part(scene):
    proxy = scene.proxy()
    first = store(proxy, "a")
    second = store(proxy, "b", evicted=(first,))
    third = store(proxy, "c")
    clear(proxy, ids=(second,))
    scene.drain()
    assert held(scene) == [third]


def test_a_clearing_that_does_not_read(scene):
    proxy = scene.proxy()
    kept = store(proxy, "a")
    proxy.journal.append(0, Kind.CLEAR, b"\xc1")
    recorder = scene.drain()
    assert held(scene) == [kept] and recorder.bad_records == 1


def test_the_end_of_an_engine(scene):
    proxy = scene.proxy()
    kept = store(proxy, "a")
    proxy.die()
    scene.finish()
    assert held(scene) == [kept] and scene.segments() == []
