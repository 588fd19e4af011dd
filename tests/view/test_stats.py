"""How statistics look."""

from __future__ import annotations

from helicli.grouping import by
from helicli.histogram import bucket
from helicli.query.totals import Times, Totals
from helicli.store.dimensions import FIRST, OVERHEAD
from helicli.view.figures import objects
from helicli.view.stats import Stats, as_lines, as_object, stats_grid
from helicli.view.style import Style
from helicli.view.text import cells

TOTAL = Totals(calls=1204, errors=17, hits=22, misses=78, saved_nano=310_000_000, saved_us=250_000_000,
               latency_max_us=31_000_000, cost_nano=5)  # fmt: skip
TIMES = Times({bucket(910_000): 1200, bucket(31_000_000): 4, FIRST + bucket(280_000): 9, OVERHEAD + 100: 1204})
FIGURES = Stats(TOTAL, TIMES, 24.0, (1, 2, 3), (("429", 11), ("ti\x1bme", 6)))


def test_lines():
    assert as_lines(FIGURES, "last 24 hours", Style(False), 60) == [
        "last 24 hours · 1,204 calls · 50/h                       ▃▅▇",
        "latency      p50 913ms   p90 913ms   p95 913ms   p99 913ms   max 31.00s",
        "first token  p50 281ms   p90 281ms   p95 281ms   p99 281ms",
        "errors       1.4%  (429 ×11 · ti·me ×6)",
        "cache        22% hit · saved 4m 10s and $0.3100",
        "overhead     p50 0.10ms   p95 0.10ms   p99 0.10ms   (helicli's own time)",
    ]


def test_what_is_not_known_is_left_out():
    told = as_lines(Stats(Totals(calls=2), Times({5: 2}), 1.0), "today", Style(False), 80)
    assert [line.split()[0] for line in told] == ["today", "latency", "errors"]
    assert as_lines(Stats(Totals(), Times({}), 1.0), "today", Style(False), 80) == ["today · 0 calls · 0.0/h"]


def test_the_sparkline_never_makes_the_line_wider():
    figures = Stats(TOTAL, TIMES, 24.0, tuple(range(200)))
    assert cells(as_lines(figures, "today", Style(False), 70)[0]) == 70
    assert "▁" not in as_lines(figures, "today", Style(False), 34)[0]


def test_a_long_filter_is_cut():
    lines = as_lines(FIGURES, f"last 24 hours · user:{'漢' * 60}", Style(False), 80)
    assert cells(lines[0]) <= 80
    assert lines[0].endswith("… · 1,204 calls · 50/h")


def test_as_data():
    told = as_object(FIGURES, 0, 1_795_269_791_204)
    assert (told["since"], told["until"]) == (None, "2026-11-21T14:03:11.204Z")
    assert told["calls_per_hour"] == round(1204 / 24, 3)
    assert told["error_kinds"]["429"] == 11
    assert told["cache_hit_rate"] == 0.22
    assert told["latency_max_ms"] == 31_000
    assert as_object(Stats(Totals(), Times({}), 1.0), None, None)["cache_hit_rate"] is None


def test_groups():
    groups = {("b",): Totals(calls=1), ("a",): Totals(calls=2, errors=1)}
    grid = stats_grid((by("user"),), groups, {("a",): Times({7: 2})})
    rows = objects(grid)
    assert [row["user"] for row in rows] == ["a", "b"]
    assert (rows[0]["error_rate"], rows[0]["latency_p50_ms"], rows[1]["latency_p50_ms"]) == (0.5, 0.007, None)
