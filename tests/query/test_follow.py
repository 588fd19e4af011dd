"""A log that grows, goes away, and comes back."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.errors import DatabaseError
from helicli.query import follow
from helicli.query.follow import Follower
from helicli.store.connect import open_writer
from tests.query import logs
from tests.query.logs import chosen


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db"


@pytest.fixture
def follower(path):
    following = Follower(path, chosen())
    yield following
    following.close()


def seqs(calls):
    return [call.seq for call in calls]


def fault(code):
    """An error as SQLite raises it."""
    error = sqlite3.OperationalError("it is not to be had")
    error.sqlite_errorcode = code
    return error


PASSING = [
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_BUSY_RECOVERY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR_SHORT_READ,
]


def remove(path):
    for name in path.parent.iterdir():
        if name.name.startswith(path.name):
            name.unlink()


def test_begins_with_the_newest_and_goes_on_after_them(path, follower):
    logs.sample(path)
    assert seqs(follower.begin(2)) == [4, 5]
    assert follower.poll() == []
    logs.write(path, logs.call(6), logs.call(7))
    assert seqs(follower.poll()) == [6, 7]
    assert follower.poll() == []


def test_a_backlog_of_none_begins_before_all_of_them(path, follower):
    logs.sample(path)
    assert follower.begin(None) == []
    assert seqs(follower.poll()) == [1, 2, 3, 4, 5]


def test_a_backlog_of_nothing_begins_after_all_of_them(path, follower):
    logs.sample(path)
    assert follower.begin(0) == follower.poll() == []


def test_gives_much_in_pages(path, follower, monkeypatch):
    monkeypatch.setattr(follow, "PAGE", 2)
    logs.sample(path)
    follower.begin(None)
    assert [seqs(follower.poll()) for _ in range(4)] == [[1, 2], [3, 4], [5], []]


def test_only_what_is_selected(path):
    following = Follower(path, chosen(user=("ada",)))
    logs.sample(path)
    assert seqs(following.begin(9)) == [1, 3, 4]
    logs.write(path, logs.call(6, user="linus"), logs.call(7, user="ada"))
    assert seqs(following.poll()) == [7]
    following.close()


def test_waits_for_a_database_and_gives_its_first_call(path, follower):
    assert follower.begin(10) == follower.poll() == []
    assert not follower.connected
    path.touch()
    assert follower.poll() == []
    logs.write(path, logs.call(1))
    assert seqs(follower.poll()) == [1]
    assert follower.connected


def test_goes_on_from_the_start_of_another_log(path, follower):
    logs.sample(path)
    follower.begin(1)
    remove(path)
    assert follower.poll() == []
    assert not follower.connected
    logs.write(path, logs.call(100), logs.call(101))
    assert seqs(follower.poll()) == [1, 2]


def test_goes_on_from_the_start_of_another_log_that_is_longer_already(path, follower):
    logs.sample(path)
    follower.begin(1)
    remove(path)
    logs.write(path, *(logs.call(number) for number in range(100, 108)))
    assert seqs(follower.poll()) == list(range(1, 9))


def test_goes_on_from_the_same_place_of_the_same_log(path, follower, tmp_path):
    logs.sample(path)
    follower.begin(1)
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    logs.write(copy, logs.call(6))
    remove(path)
    copy.rename(path)
    assert seqs(follower.poll()) == [6]


def test_numbers_given_again_are_seen_again(path, follower):
    logs.sample(path)
    follower.begin(1)
    with closing(open_writer(path)) as db:
        db.execute("DELETE FROM bodies WHERE seq >= 4")
        db.execute("DELETE FROM calls WHERE seq >= 4")
    assert follower.poll() == []
    logs.write(path, logs.call(9))
    assert seqs(follower.poll()) == [4]


def test_no_transaction_is_open_between_two_polls(path, follower):
    logs.sample(path)
    follower.begin(2)
    follower.poll()
    assert not follower._db.in_transaction
    with closing(open_writer(path)) as db:
        assert db.execute("PRAGMA wal_checkpoint(truncate)").fetchone()[0] == 0


def test_a_file_that_is_no_database_is_an_error(path, follower):
    path.write_bytes(b"this is not a database, and long enough to be read as one" * 100)
    with pytest.raises(DatabaseError, match="cannot read"):
        follower.poll()


def test_the_last_thing_said_is_read_for_the_calls_shown(path, follower):
    logs.sample(path)
    calls = follower.begin(3)
    assert follower.said(calls[:1]) == {3: "Is this spam?"}


@pytest.mark.parametrize("code", PASSING)
def test_a_database_that_is_locked_at_first_is_begun_when_it_can_be(path, follower, monkeypatch, code):
    logs.sample(path)

    def locked(path):
        raise DatabaseError("locked", "wait") from fault(code)

    with monkeypatch.context() as patch:
        patch.setattr(follow, "open_reader", locked)
        assert follower.begin(2) == follower.poll() == []
    assert seqs(follower.poll()) == [4, 5]
    assert follower.poll() == []


def test_a_log_that_breaks_while_it_is_read_is_opened_again(path, follower, monkeypatch):
    logs.sample(path)
    follower.begin(0)

    def broken(*_):
        raise fault(sqlite3.SQLITE_IOERR_READ)

    logs.write(path, logs.call(6))
    with monkeypatch.context() as patch:
        patch.setattr(follow, "after", broken)
        assert follower.poll() == []
        assert not follower.connected
    assert seqs(follower.poll()) == [6]


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL])
def test_what_stays_wrong_is_an_error(path, follower, monkeypatch, code):
    def wrong(*_):
        raise fault(code)

    logs.sample(path)
    monkeypatch.setattr(follow, "newest", wrong)
    with pytest.raises(DatabaseError, match="cannot read"):
        follower.begin(1)


def test_a_database_of_another_program_is_an_error_and_not_waited_for(path, follower):
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE songs (title)")
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(DatabaseError):
        follower.begin(1)
