"""Dimensions: windows that fit into one another, and measures of columns that are there."""

from __future__ import annotations

import sqlite3

import pytest

from helicli.store.connect import open_writer
from helicli.store.dimensions import DAY_MS, DIMENSIONS, MEASURES, SUMS


@pytest.fixture
def db(tmp_path):
    db = open_writer(tmp_path / "x.db")
    yield db
    db.close()


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_windows_fit_into_one_another(db, dimension):
    assert dimension.wide_ms % dimension.span_ms == 0
    # A day without cells lies in whole windows.
    assert DAY_MS % dimension.span_ms == 0
    assert set(dimension.columns) <= set(columns(db, "cell_keys"))


def test_every_sum_is_a_column_with_its_measure(db):
    assert columns(db, "cells") == columns(db, "wide_cells") == ["key", "start", *SUMS, "latency_max_us", "last_at"]
    assert len(MEASURES) == len(SUMS)
    db.execute(f"SELECT {', '.join(MEASURES)} FROM calls c")
