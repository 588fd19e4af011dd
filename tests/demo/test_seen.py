"""The list of requests between two threads."""

from __future__ import annotations

import threading

import pytest

from helicli.demo.seen import Log, Seen


def test_waiting_ends_when_the_predicate_holds():
    log, seen = Log(), Seen("GET", "/v1/models", [(b"a", b"1"), (b"a", b"2")])
    threading.Timer(0.01, lambda: (log.add(seen), log.finish(seen))).start()
    log.wait_for(lambda all_seen: bool(all_seen) and all_seen[0].finished, timeout=5)
    assert log.all() == [seen]
    assert (seen.header(b"a"), seen.header(b"b")) == (b"1", None)


def test_a_timeout_tells_what_was_seen():
    log, seen = Log(), Seen("GET", "/v1/models", [])
    log.add(seen)
    with pytest.raises(TimeoutError, match=r"0\.01 s; the upstream saw GET /v1/models \(unfinished\)"):
        log.wait_for(lambda all_seen: len(all_seen) == 2, timeout=0.01)


def test_who_reads_cannot_change_the_list():
    log = Log()
    log.all().append(Seen("GET", "/", []))
    assert log.all() == []


def test_a_log_that_keeps_nothing_lists_nothing():
    log = Log(keep=False)
    log.add(Seen("GET", "/", []))
    assert log.all() == []


def test_an_abort_takes_the_finish_back():
    log, seen = Log(), Seen("GET", "/", [])
    log.finish(seen)
    log.abort(seen)
    assert not seen.finished
    assert seen.aborted_at is not None and seen.aborted_at >= seen.received_at
    assert str(seen) == "GET / (aborted)"
