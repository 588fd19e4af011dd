"""Questions answered in steps: the order, the sums, how far it has been looked."""

from __future__ import annotations

import pytest

from helicli.filters import Filter, parse
from helicli.query import plan, search
from helicli.query.reading import opened
from helicli.query.search import Search, Totals
from tests.query import logs


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(search, "_FIRST", 1)
    monkeypatch.setattr(search, "_MOST", 2)
    monkeypatch.setattr(search, "_SAID", 1)
    monkeypatch.setattr(search, "_PAGE", 1)


def found(db, text, limit=None, **times):
    looking = Search(db, Filter(term=parse(text).term, **times))
    return [call.seq for page in looking.newest(limit) for call in page]


@pytest.mark.parametrize(
    ("text", "limit", "seqs"),
    [
        ("", None, [5, 4, 3, 2, 1]),
        ("", 2, [5, 4]),
        ("latency:>1s", 3, [5, 3, 2]),
        ("latency:>1s", 0, []),
        ("user:ada", 2, [4, 3]),
        ("password", 2, [5, 4]),
        ("-user:ada", None, [5, 2]),
        ("user:nobody", None, []),
    ],
)
def test_the_newest_first(log, text, limit, seqs):
    assert found(log, text, limit) == seqs


def test_what_is_too_old_is_not_looked_at(log, monkeypatch):
    monkeypatch.setattr(search, "_MOST", 1)
    told = []
    chosen = Filter(term=parse("latency:>9s").term, since_ms=logs.T0 + 180_000)
    looking = Search(log, chosen, lambda each: told.append((each.looked, each.of)))
    looking.plan = plan.Plan("calls c NOT INDEXED", "1", (), False)
    assert [call.seq for page in looking.newest(None) for call in page] == [5, 4]
    assert told[-1] == (2, 2)


def test_a_call_that_was_written_late_is_found_by_its_time(tmp_path):
    """Seq is the order of ends; time is that of beginnings."""
    day = 86_400_000
    calls = [logs.call(n, at=logs.T0 - day * (n % 3), latency_us=5) for n in range(1, 10)]
    with opened(logs.write(tmp_path / "x.db", *calls)) as db:
        assert found(db, "latency:<1s", since_ms=logs.T0) == [9, 6, 3]


def test_it_is_told_how_far_it_has_been_looked(log):
    told = []
    list(Search(log, parse("latency:>1s"), lambda each: told.append((each.looked, each.of, each.found))).newest(None))
    assert [looked for looked, _, _ in told] == [1, 3, 5]
    assert told[-1] == (5, 5, 4)


def test_totals(log):
    assert Search(log, Filter()).totals() == Totals(5, 1, 13_273_980_000, 1, True)
    assert Search(log, parse("user:ada")).totals() == Totals(3, 1, 3_980_000, 0, True)
    assert Search(log, parse("password")).totals() is None


def test_totals_of_a_large_log_are_of_its_newest_part(log, monkeypatch):
    monkeypatch.setattr(search, "_COUNTED", 2)
    assert Search(log, parse("latency:>0")).totals() == Totals(2, 1, 13_270_000_000, 0, False)
    monkeypatch.setattr(search, "_SUMMED", 1)
    assert Search(log, parse("latency:>0")).totals() == Totals(1, 0, 13_270_000_000, 0, False)
    monkeypatch.setattr(search, "_SUMMED", 10)
    young = Filter(term=parse("-user:x").term, since_ms=logs.T0 + 180_000)
    looking = Search(log, young)
    looking.plan = plan.Plan("calls c NOT INDEXED", "1", (), False)
    assert looking.totals().complete
