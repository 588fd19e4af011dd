"""A log as it changes, and the file it is in."""

from __future__ import annotations

from helicli.errors import DatabaseError, NotFoundError
from helicli.query.growth import Growth
from helicli.store.connect import open_writer
from tests.query import logs


def test_a_log_that_grows_is_told_once(tmp_path):
    path = tmp_path / "x.db"
    growth = Growth(path)
    assert isinstance(growth.look().trouble, NotFoundError)
    assert growth.look() is None
    logs.write(path, logs.call(1), logs.call(2))
    found = growth.look()
    assert (found.first, found.last, found.trouble) == (1, 2, None)
    assert growth.look() is None
    logs.write(path, logs.call(3))
    assert growth.look().last == 3
    db = open_writer(path)
    db.execute("DELETE FROM calls WHERE seq = 1")
    assert growth.look().first == 2
    db.execute("DELETE FROM calls")
    found = growth.look()
    assert (found.first, found.last) == (0, 0)
    db.close()
    growth.close()


def test_another_file_is_another_file(tmp_path):
    path = tmp_path / "x.db"
    logs.write(path, logs.call(1))
    growth = Growth(path)
    first = growth.look().file
    other = logs.write(tmp_path / "y.db", logs.call(1), logs.call(2))
    for suffix in ("", "-wal", "-shm"):
        path.with_name("x.db" + suffix).unlink(missing_ok=True)
    other.replace(path)
    found = growth.look()
    assert (found.file, found.last) == (first + 1, 2)
    growth.close()


def test_what_is_no_log_is_told(tmp_path):
    path = tmp_path / "x.db"
    path.write_text("this is some text, long enough to be looked at")
    growth = Growth(path)
    assert isinstance(growth.look().trouble, DatabaseError)
    assert growth.look() is None
    growth.close()
