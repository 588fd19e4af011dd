"""The one table of columns against the schema that stores them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from helicli.columns import COLUMNS, Column, Kind, column
from helicli.errors import UsageError
from helicli.store.migrations import migrate


def schema():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        return (
            [row[1] for row in db.execute("PRAGMA table_info(calls)")],
            [row[1] for row in db.execute("PRAGMA table_info(requests)")],
        )


def test_every_column_is_stored_under_its_field():
    stored, _ = schema()
    assert [column.field for column in COLUMNS if column.kind is not Kind.MAP] == [
        name for name in stored if name not in ("usage", "rate")
    ]


def test_the_view_for_others_has_the_same_names_in_the_same_order():
    assert [column.name for column in COLUMNS] == schema()[1]


def test_units_are_part_of_the_name():
    assert Column("latency_ms", "", Kind.MS, "").field == "latency_us"
    assert Column("cost_usd", "", Kind.USD, "").field == "cost_nano"
    assert Column("status", "", Kind.COUNT, "").field == "status"


def test_every_column_is_explained():
    assert all(column.title and column.doc for column in COLUMNS)


@pytest.mark.parametrize(
    ("word", "name"), [("latency", "latency_ms"), ("Cost", "cost_usd"), (" seq ", "seq"), ("saved", "saved_ms")]
)
def test_a_column_by_its_name_or_without_its_unit(word, name):
    assert column(word).name == name


@pytest.mark.parametrize(("word", "fix"), [("modle", "did you mean model?"), ("zzz", "helicli help columns")])
def test_a_word_that_is_no_column(word, fix):
    with pytest.raises(UsageError) as caught:
        column(word)
    assert caught.value.fix.startswith(fix)


def test_numbers_stand_at_the_right():
    assert column("cost").is_number and column("seq").is_number and not column("model").is_number
