"""The threads together: answers wait for somebody to take them, and the log is watched."""

from __future__ import annotations

from queue import SimpleQueue

from helicli.query.calls import last_seq
from helicli.tui.feed import BUSY_SECONDS, LOOK_SECONDS, Feed, pause
from tests.query import logs


def test_what_comes_before_anybody_listens_waits(tmp_path):
    feed = Feed(logs.sample(tmp_path / "x.db"), lambda: "http://127.0.0.1:1")
    try:
        got, posted, engines = [], SimpleQueue(), []
        answered = SimpleQueue()
        feed.ask("rows", "a", lambda log: iter([last_seq(log)]), answered.put, answered.put)
        feed.follow(lambda extent: got.append(extent.last), engines.append)
        feed.listen(posted.put)
        while not (got and engines and not answered.empty()):
            posted.get(timeout=30)()
        assert (answered.get(), got, engines) == (5, [5], ["http://127.0.0.1:1"])
        logs.write(tmp_path / "x.db", logs.call(6))
        while got[-1] != 6:
            posted.get(timeout=30)()
        late = []
        feed.follow(lambda extent: late.append(extent.last), engines.append)
        assert late == [6]
    finally:
        feed.close()
    assert feed.idle


def test_what_goes_by_faster_than_it_is_read_is_looked_at_less_often():
    assert [pause(came) for came in (-5, 0, 1, 40, 41, 1_000)] == [LOOK_SECONDS] * 4 + [BUSY_SECONDS] * 2
