"""How a run comes by an engine: a real one is started, shared, and gone with the last lease."""

from __future__ import annotations

import os
import threading
import time

import pytest

from helicli import paths
from helicli.engine import client
from helicli.engine import join as module
from helicli.engine.join import join
from helicli.engine.lock import Lock
from helicli.engine.place import EngineSettings, pack
from helicli.errors import DatabaseError, HelicliError, UsageError


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "x.db"
    yield path
    deadline = time.monotonic() + 60
    while (lock := Lock.try_take(paths.lock_file(path))) is None:
        assert time.monotonic() < deadline, "the engine did not end"
        time.sleep(0.02)
    os.close(lock.fd)


def enter(database, said=None, **asked):
    settings = EngineSettings(database, **{"port": 0, **asked})
    return join(database, {"user": "ada"}, asked, lambda: pack(settings), (said or []).append)


def test_several_at_once_share_one_engine(database):
    leases = []
    threads = [threading.Thread(target=lambda: leases.append(enter(database))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len({lease.given.address for lease in leases}) == 1
    assert len({lease.given.run for lease in leases}) == len({lease.given.token for lease in leases}) == 4
    assert [lease.settle() for lease in leases] == ["none"] * 4
    assert paths.log_file(database).stat().st_mode & 0o777 == 0o600
    with pytest.raises(HelicliError, match="--bodies"):
        enter(database, bodies="off")
    for lease in leases:
        lease.close()


def test_an_engine_that_is_about_to_end_is_waited_for(database, monkeypatch):
    first = enter(database)
    control = module.read(paths.lock_file(database)).control
    client.ask(control, "stop")
    second = enter(database)
    assert second.given.address != first.given.address
    # Its engine has gone; what it had logged is not waited for any longer than that.
    first._control = "/gone"
    monkeypatch.setattr(module, "_ORPHANS_SECONDS", 0)
    assert first.settle() == "gone"
    for lease in (first, second):
        lease.close()


def test_an_engine_that_cannot_start_says_why(database):
    with pytest.raises(HelicliError) as caught:
        enter(database, bodies="most")
    assert "most" in caught.value.message
    assert caught.value.exit_code == UsageError.exit_code
    database.write_text("no database, but long enough to be looked at as one" * 100)
    with pytest.raises(HelicliError) as caught:
        enter(database)
    assert caught.value.exit_code == DatabaseError.exit_code


def test_one_that_dies_at_once_is_an_error(database, monkeypatch):
    monkeypatch.setattr(module.sys, "executable", "/bin/false")
    with pytest.raises(HelicliError, match="ended before it answered"):
        enter(database)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be written"):
        join(tmp_path / "file" / "x.db", {}, {}, lambda: b"", print)


def test_patience_ends(database, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0)
    held = Lock.try_take(paths.lock_file(database))
    with pytest.raises(DatabaseError, match="in use"):
        enter(database)
    held.release()


def test_who_waits_says_so(database, monkeypatch):
    monkeypatch.setattr(module, "_TELL_SECONDS", 0)
    held = Lock.try_take(paths.lock_file(database))
    said = []

    def say(text):
        said.append(text)
        held.release()

    settings = pack(EngineSettings(database, port=0))
    join(database, {}, {}, lambda: settings, say).close()
    assert said == ["waiting for another engine of this database to start or to end"]
