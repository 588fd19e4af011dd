"""Questions in a thread: the last of a group wins, errors come back, another file is opened anew."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

import pytest

from helicli.errors import DatabaseError, NotFoundError
from helicli.query.calls import last_seq
from helicli.tui.reader import Reader
from tests.query import logs


class Desk:
    """The thread that draws: takes what is posted, one after another."""

    def __init__(self, path) -> None:
        self.posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.reader = Reader("test", path, self.posted.put)
        self.got: list[object] = []

    def ask(self, group, work) -> None:
        self.reader.ask(group, work, self.got.append, self.got.append)

    def take(self) -> object:
        self.posted.get(timeout=30)()
        return self.got[-1] if self.got else None


@pytest.fixture
def desk(tmp_path):
    made = Desk(logs.sample(tmp_path / "x.db"))
    yield made
    made.reader.close()


def test_an_answer(desk):
    desk.ask("a", lambda log: iter([last_seq(log), "more"]))
    assert desk.take() == 5
    assert desk.take() == "more"


def test_the_last_question_of_a_group_wins(desk):
    begun, go_on = Event(), Event()

    def slow(log):
        begun.set()
        go_on.wait(30)
        yield "slow"

    desk.ask("a", slow)
    begun.wait(30)
    desk.ask("a", lambda log: iter(["waits"]))
    desk.ask("a", lambda log: iter(["last"]))
    desk.ask("b", lambda log: iter(["other"]))
    go_on.set()
    assert desk.take() == "last"
    assert desk.take() == "other"


def test_one_that_was_overtaken_before_it_was_shown_is_not_shown(desk):
    desk.ask("a", lambda log: iter(["old"]))
    done = desk.posted.get(timeout=30)
    desk.reader.forget("a")
    done()
    assert desk.got == []


def test_a_long_statement_is_stopped(desk):
    running = Event()

    def endless(log):
        log.create_function("running", 0, lambda: running.set() or 1)
        yield log.execute(
            "WITH RECURSIVE n(x) AS (SELECT running() UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        ).fetchone()

    desk.ask("a", endless)
    running.wait(30)
    desk.ask("a", lambda log: iter(["after"]))
    assert desk.take() == "after"


def test_errors_come_back(tmp_path):
    desk = Desk(tmp_path / "none.db")
    try:
        desk.ask("a", lambda log: iter([1]))
        assert isinstance(desk.take(), NotFoundError)
        (tmp_path / "none.db").write_text("no database at all, but text")
        desk.ask("a", lambda log: iter([1]))
        assert isinstance(desk.take(), DatabaseError)
        (tmp_path / "none.db").unlink()
        logs.sample(tmp_path / "none.db")
        desk.ask("a", lambda log: iter([last_seq(log)]))
        assert desk.take() == 5
    finally:
        desk.reader.close()


def test_another_file_is_opened_anew(desk, tmp_path):
    desk.ask("a", lambda log: iter([last_seq(log)]))
    assert desk.take() == 5
    other = logs.write(tmp_path / "y.db", logs.call(1))
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"x.db{suffix}").unlink(missing_ok=True)
    other.replace(tmp_path / "x.db")
    desk.ask("a", lambda log: iter([last_seq(log)]))
    assert desk.take() == 1


def test_nothing_is_asked_any_more_after_the_end(desk):
    desk.reader.close()
    assert desk.reader.idle
