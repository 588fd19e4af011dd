"""`helicli db`: where the database is and what it holds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from helicli.errors import NotFoundError
from tests.query import logs


def test_path(console, empty):
    assert console("db", "path").out == f"{console.database}\n"
    got = empty("db", "path")
    assert (got.code, got.out) == (0, f"{empty.database}\n")


def test_info_as_an_object(console):
    told = json.loads(console("db", "info", "--json").out)
    assert told.pop("size_bytes") == console.database.stat().st_size
    assert told == {
        "path": str(console.database),
        "free_bytes": 0,
        "wal_bytes": 0,
        "journal_bytes": 0,
        "calls": 5,
        "first_call": "2026-11-21T14:03:11.204Z",
        "last_call": "2026-11-21T14:07:11.204Z",
        "schema": 1,
        "engine": None,
    }


def test_info_on_a_pipe(console):
    rows = dict(line.split("\t") for line in console("db", "info").lines)
    assert rows["calls"] == "5" and rows["last"] == "2026-11-21T14:07:11.204Z" and rows["engine"] == "not running"
    assert rows["journal"] == "empty"


def test_info_on_a_terminal(console):
    console.env["NO_COLOR"] = "1"
    lines = console("db", "info", tty=True).lines
    assert lines[0] == f"path     {console.database}"
    assert lines[6:] == ["first    12m ago", "last     8m ago", "schema   1", "engine   not running"]


def test_info_of_an_empty_log(empty):
    logs.write(empty.database)
    rows = dict(line.split("\t") for line in empty("db", "info").lines)
    assert (rows["calls"], rows["first"], rows["last"]) == ("0", "–", "–")


def test_info_without_a_database(empty):
    got = empty("db", "info")
    assert (got.code, got.out) == (NotFoundError.exit_code, "")


def test_the_engine_is_told_while_it_answers(console, engine):
    told = json.loads(console("db", "info", "--json").out)["engine"]
    assert told == {"pid": 4121, "address": "http://127.0.0.1:8787", "version": "0.1.0"}
    assert (
        dict(line.split("\t") for line in console("db", "info").lines)["engine"] == "http://127.0.0.1:8787 · pid 4121"
    )
    engine.close()
    assert json.loads(console("db", "info", "--json").out)["engine"] is None


def test_asking_does_not_change_the_file(console):
    before = console.database.read_bytes()
    console("db", "info")
    assert console.database.read_bytes() == before


def test_sql(console):
    assert console("db", "sql", "SELECT seq, user FROM requests WHERE seq < 3").lines == ["1\tada", "2\tlinus"]
    assert console("db", "sql", "SELECT 1 AS one, NULL AS no", "--json").out == '[{"one":1,"no":null}]\n'
    assert console("db", "sql", "SELECT 1 AS one", "--format", "csv").lines == ["one", "1"]
    assert console("db", "sql", "SELECT 1 AS one", tty=True).lines[1:] == ["  1"]
    assert "requests\tview" in console("db", "sql", "--tables").out


@pytest.mark.parametrize("args", [["DELETE FROM calls"], [""], [], ["SELECT 1", "--tables"], ["SELECT nope"]])
def test_sql_that_cannot_be_asked(console, args):
    result = console("db", "sql", *args)
    assert (result.code, result.out) == (2, "")
    assert "fix:" in result.err


def test_a_backup_is_of_the_user_alone_and_replaces_nothing_unasked(console, tmp_path):
    target = tmp_path / "copy.db"
    got = console("db", "backup", str(target))
    assert (got.code, got.out) == (0, "") and f"to {target}" in got.err
    assert target.stat().st_mode & 0o777 == 0o600
    before = target.stat().st_ino
    got = console("db", "backup", str(target))
    assert got.code == 2 and got.err.endswith("name another file, or add --force\n")
    assert target.stat().st_ino == before
    assert console("db", "backup", "--force", str(target)).code == 0 and target.stat().st_ino != before


def test_a_backup_never_takes_the_place_of_the_log(console, tmp_path):
    (tmp_path / "link.db").symlink_to(console.database)
    for place in (console.database, tmp_path / "link.db", tmp_path, tmp_path / "no" / "x.db"):
        assert console("db", "backup", "--force", str(place)).code == 2


def test_a_backup_is_made_while_an_engine_answers(console, engine, tmp_path):
    assert console("db", "backup", str(tmp_path / "copy.db")).code == 0


def test_vacuum_is_refused_while_an_engine_answers(console, engine):
    got = console("db", "vacuum")
    assert got.code == 4 and "fix:   stop it (kill 4121), then helicli db vacuum" in got.err
    engine.close()
    assert console("db", "vacuum").code == 0


def test_vacuum_waits_for_nobody_who_holds_the_lock(console, monkeypatch):
    from helicli import paths
    from helicli.engine import lock

    monkeypatch.setattr(lock, "ORPHANS_SECONDS", 0)
    held = lock.Lock.take(paths.lock_file(console.database), console.database, print)
    assert console("db", "vacuum").code == 4
    held.release()


def test_a_check_of_a_damaged_log_exits_1_and_says_what_is_wrong(console):
    with closing(sqlite3.connect(console.database, isolation_level=None)) as db:
        db.execute("UPDATE parts SET uses = 99 WHERE id = 1")
    got = console("db", "check")
    assert got.code == 1 and got.out.startswith("part 1: counted 99 times, used ")
    told = json.loads(console("db", "check", "--json").out)
    assert told["ok"] is False and len(told["faults"]) == 1


def test_info_in_other_formats(console):
    head, row = console("db", "info", "--format", "csv").lines
    assert head.startswith("path,size_bytes,free_bytes") and row.startswith(str(console.database))
    assert json.loads(console("db", "path", "--json").out) == {"path": str(console.database)}
