"""`helicli db`: where the database is and what it holds."""

from __future__ import annotations

import json

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
