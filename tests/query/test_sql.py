"""SQL of the user's own: what is answered, and that nothing but reading is."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.query.sql import TABLES, asked


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT seq FROM requests ORDER BY 1",
        "SELECT seq FROM calls ORDER BY 1;",
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5) SELECT n FROM s",
    ],
)
def test_answers(log, statement):
    with asked(log, statement) as answer:
        assert [row[0] for row in answer.rows] == [1, 2, 3, 4, 5]


def test_names_what_there_is(log):
    with asked(log, TABLES) as answer:
        told = {row[0]: row[2] for row in answer.rows}
    assert answer.names == ("name", "type", "columns")
    assert "cost_usd" in told["requests"]
    assert "cost_nano" in told["calls"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM calls",
        "UPDATE words SET word = 'x'",
        "INSERT INTO words (word) VALUES ('x')",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE VIEW x AS SELECT 1",
        "DROP TABLE calls",
        "ATTACH 'y.db' AS y",
        "ATTACH '/etc/passwd' AS y",
        "VACUUM INTO 'y.db'",
        "PRAGMA journal_mode = delete",
        "PRAGMA query_only = off",
        "PRAGMA writable_schema = on",
        "PRAGMA wal_checkpoint(truncate)",
        "PRAGMA data_store_directory = '/'",
        "BEGIN EXCLUSIVE",
        "SELECT load_extension('x')",
        "SELECT fts3_tokenizer('simple')",
        "REINDEX",
        "ANALYZE",
        "WITH x AS (SELECT 1) DELETE FROM calls",
    ],
)
def test_refuses_all_that_is_not_reading(log, tmp_path, statement):
    with pytest.raises(UsageError), asked(log, statement) as answer:
        list(answer.rows)
    assert not list(tmp_path.glob("y.db*"))
    assert log.execute("SELECT count(*) FROM calls").fetchone()[0] == 5


@pytest.mark.parametrize(
    "statement", ["", "--", "SELECT", "SELECT 1; SELECT 2", "SELECT nope FROM calls", "SELECT ?", "\0"]
)
def test_what_is_no_statement(log, statement):
    with pytest.raises(UsageError), asked(log, statement) as answer:
        list(answer.rows)


def test_a_row_that_would_fill_the_memory_is_refused(log):
    with pytest.raises(UsageError), asked(log, "SELECT zeroblob(1000000000)") as answer:
        list(answer.rows)


def test_the_connection_is_as_it_was_afterwards(log):
    with asked(log, "SELECT 1") as answer:
        list(answer.rows)
    assert log.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
