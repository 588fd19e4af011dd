"""Stored answers, chosen and summed up."""

from __future__ import annotations

from contextlib import closing

import pytest
from msgspec.structs import replace

from helicli.caching import Noted
from helicli.errors import NotFoundError, UsageError
from helicli.filters import Filter, parse
from helicli.query import cache
from helicli.query.reading import opened
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs
from tests.store.test_cache import ANSWER, id_of, put, stored

NOW = logs.T0 + 60_000


def fill(path):
    """Three answers, of ada, linus and ada; the first was used twice."""
    with closing(open_writer(path)) as connection:
        writer = CallWriter(connection)
        writer.write(stored(1, user="ada", at=logs.T0))
        writer.write(stored(2, Noted("miss", put=put("b", seed="t")), user="linus", model="claude", at=logs.T0 + 1))
        writer.write(stored(3, user="ada", at=logs.T0 + 2))
        for number in (4, 5):
            hit = logs.call(number, cache="hit", cost_nano=0, latency_us=300, at=logs.T0 + number)
            writer.write(replace(hit, noted=Noted("hit", source=id_of(1))))
    return path


@pytest.fixture
def db(tmp_path):
    with opened(fill(tmp_path / "x.db")) as db:
        yield db


def seqs(found):
    return [entry.seq for entry in found]


def test_the_last_used_first(db):
    found = cache.entries(db, Filter(), NOW)
    assert seqs(found) == [1, 3, 2]
    assert (found[0].hits, found[0].cost_nano, found[0].latency_us) == (2, 1_990_000, 1_240_000)
    assert (found[2].seed, found[2].user, found[2].model, found[2].size) == ("t", "linus", "gpt-4o", len(ANSWER))
    assert seqs(cache.entries(db, Filter(), NOW, limit=1)) == [1]


@pytest.mark.parametrize(
    ("chosen", "more", "wanted"),
    [
        (parse("user:ada"), {}, [1, 3]),
        (parse("model:claude"), {}, [2]),
        (parse("user:nobody"), {}, []),
        (Filter(since_ms=logs.T0 + 1), {}, [3, 2]),
        (Filter(), {"seed": "t"}, [2]),
        (Filter(), {"seed": ""}, []),
        (parse("user:ada"), {"seed": "t"}, []),
        (Filter(), {"before_ms": logs.T0 + 1241}, [1]),
        (Filter(), {"by_hits": True, "limit": 2}, [1, 3]),
    ],
)
def test_selection(db, chosen, more, wanted):
    assert seqs(cache.entries(db, chosen, NOW, **more)) == wanted


def test_what_has_expired_is_not_there(db):
    late = logs.T0 + 10**9
    assert cache.entries(db, Filter(), late) == []
    assert cache.stats(db, late).entries == 0


def test_find(db):
    assert cache.find(db, "6161", NOW).seq == 1
    assert cache.find(db, "62" * 16, NOW).seq == 2
    assert cache.find(db, "3", NOW).seq == 3
    for ref in ("99", "zz", "616", "", "4", "6" * 70):
        with pytest.raises(NotFoundError, match="no stored answer"):
            cache.find(db, ref, NOW)


def test_the_beginning_of_two_keys_names_neither(tmp_path):
    path = fill(tmp_path / "x.db")
    with closing(open_writer(path)) as connection:
        like = replace(put("a"), key=b"aab" + b"-" * 13)
        CallWriter(connection).write(stored(6, Noted("miss", put=like), at=logs.T0 + 6))
    with opened(path) as db:
        with pytest.raises(UsageError, match="6161 begins the keys of 2 stored answers"):
            cache.find(db, "6161", NOW)
        assert (cache.find(db, "616162", NOW).seq, cache.find(db, "616161", NOW).seq) == (6, 1)


def test_answer(db):
    assert cache.answer(db, cache.find(db, "1", NOW)) == ANSWER


def test_stats(db):
    told = cache.stats(db, NOW)
    assert (told.entries, told.bytes, told.oldest_at) == (3, 3 * len(ANSWER), logs.T0 + 1240)
    assert (told.asked, told.hits, told.saved_nano, told.saved_us) == (5, 2, 2 * 1_990_000, 2 * 1_239_700)
    assert cache.stats(db, NOW + 86_400_000).asked == 0
