"""The one table of columns against the schema that stores them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from helicli.columns import COLUMNS, Column, Kind
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
