"""What is covered by cells: nothing twice, nothing left out."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from helicli.filters import Filter, one_of
from helicli.grouping import by
from helicli.query.cover import FOREVER, cover
from helicli.query.reading import opened
from helicli.store.cells import CellWriter
from helicli.store.connect import open_writer
from tests.query import logs

QUARTER, DAY = 900_000, 86_400_000
MIDNIGHT = logs.T0 - logs.T0 % DAY


@pytest.fixture
def db(tmp_path):
    path = logs.write(tmp_path / "x.db", *(logs.call(n, at=logs.T0 + n * QUARTER, user="ada") for n in range(1, 21)))
    with closing(open_writer(path)) as db:
        assert CellWriter(db).advance(20, 18)
    with opened(path) as db:
        yield db


def pieces(found) -> list[tuple[int, ...]]:
    return [tuple(piece.values[:3]) for piece in found.pieces]


def test_all_time_has_no_edges(db):
    found = cover(db, Filter(), ())
    assert found.ranges == ((0, FOREVER),)
    assert pieces(found) == [(18, 0, FOREVER)]


def test_edges_are_rows(db):
    window = Filter(since_ms=MIDNIGHT + 5, until_ms=MIDNIGHT + 4 * QUARTER + 7)
    found = cover(db, window, ())
    assert found.ranges == ((MIDNIGHT + QUARTER, MIDNIGHT + 4 * QUARTER),)
    assert pieces(found)[1:] == [
        (MIDNIGHT + 5, MIDNIGHT + QUARTER, 18),
        (MIDNIGHT + 4 * QUARTER, MIDNIGHT + 4 * QUARTER + 7, 18),
    ]


def test_a_window_without_a_whole_cell_is_rows(db):
    window = Filter(since_ms=MIDNIGHT + 5, until_ms=MIDNIGHT + QUARTER + 5)
    assert cover(db, window, ()).dimension is None
    assert cover(db, replace(window, until_ms=MIDNIGHT + 2 * QUARTER), ()).dimension is not None


def test_of_a_cell_that_is_mostly_in_the_window_the_rest_is_taken_away(db):
    found = cover(db, Filter(since_ms=MIDNIGHT + 5, until_ms=MIDNIGHT + DAY), (by("user"),))
    assert found.ranges == ((MIDNIGHT, MIDNIGHT + DAY),)
    assert [(piece.sign, *piece.values[:3]) for piece in found.pieces[1:]] == [(-1, MIDNIGHT, MIDNIGHT + 5, 18)]
    late = Filter(since_ms=MIDNIGHT + DAY // 4 - 5, until_ms=MIDNIGHT + DAY // 4)
    assert cover(db, late, (by("user"),)).dimension is None


def test_what_lies_in_another_day_of_a_zone_is_rows(db):
    def moved(name: str, *words: str) -> list[tuple[int, ...]]:
        found = cover(db, Filter(), [by(word) for word in words], ZoneInfo(name))
        assert found.dimension is not None
        return [tuple(piece.values[:3]) for piece in found.pieces if piece.moved_from is not None]

    hour = 4 * QUARTER
    assert moved("Europe/Berlin", "user", "day") == [(MIDNIGHT + 23 * hour, MIDNIGHT + DAY, 18)]
    half_past_six = MIDNIGHT + 18 * hour + 2 * QUARTER
    assert moved("Asia/Kolkata", "user", "day") == [(MIDNIGHT + 18 * hour, half_past_six, 18)]
    # Its midnight is at the border of two cells.
    assert moved("America/Chicago", "user", "day") == []
    assert moved("UTC", "user", "day") == []
    # 21 November 2026 is a Saturday: only its days are others.
    assert moved("Europe/Berlin", "user", "week") == moved("Europe/Berlin", "user", "month") == []
    # Quarters of an hour lie in one day.
    assert moved("Europe/Berlin", "model", "day") == []
    assert cover(db, Filter(), (by("user"), by("hour"))).dimension is None


def test_of_some_calls_the_edges_are_read_by_what_they_have_in_common(db):
    window = Filter(since_ms=MIDNIGHT + 5, until_ms=MIDNIGHT + DAY)
    edge = cover(db, window.both(one_of("user", ["ada"])), (by("user"),)).pieces[1]
    steps = db.execute(f"EXPLAIN QUERY PLAN SELECT 1 FROM {edge.table} WHERE {edge.condition}", edge.values).fetchall()
    assert "calls_user (user=? AND created_at>? AND created_at<?)" in steps[0][3]


def test_wide_cells_of_days_only_where_days_are_theirs(db):
    what = by("model"), by("day")
    assert cover(db, Filter(), what, None if time.timezone == 0 else UTC).is_coarse
    assert not cover(db, Filter(), what, ZoneInfo("Europe/Berlin")).is_coarse
    assert not cover(db, Filter(), (by("model"), by("hour"))).is_coarse


def test_a_log_without_a_whole_block_is_rows(tmp_path):
    with opened(logs.sample(tmp_path / "y.db")) as db:
        assert cover(db, Filter(), ()).dimension is None
