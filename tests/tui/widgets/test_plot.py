"""A plot on the screen: its scale, which does not jitter, and the place under the mouse."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from helicli.query.totals import Totals
from helicli.tui.analysis import Course
from helicli.tui.axes import COUNT, scale
from helicli.tui.measures import BY_NAME
from helicli.tui.setup import Setup
from helicli.tui.widgets.plot import KEPT_MS, PlotPanel
from tests.tui.scene import NOW

HOUR = 3_600_000


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


def course(*calls: int) -> Course:
    totals = tuple(Totals(calls=many) for many in calls)
    begins = tuple(at * HOUR for at in range(len(calls)))
    return Course(0, len(calls) * HOUR, "1h", begins, totals, Totals(calls=sum(calls)))


def panel(clock: Clock) -> PlotPanel:
    return PlotPanel(Setup(database=Path("x.db"), now=clock), BY_NAME["calls"], "plot")


def test_a_scale_that_is_a_little_too_large_stays_for_a_while():
    clock = Clock()
    plot = panel(clock)
    large, small, tiny = (scale(largest, COUNT, 9) for largest in (100, 60, 3))
    plot._scaled_at = round(clock.now.timestamp() * 1000)
    now = plot._scaled_at
    assert plot._serves(large, small, now + KEPT_MS - 1)
    assert not plot._serves(large, small, now + KEPT_MS)
    assert plot._serves(large, large, now + KEPT_MS)
    assert not plot._serves(small, large, now)
    assert not plot._serves(large, tiny, now)
    assert not plot._serves(replace(large, rows=5), large, now)
    assert clock.now + timedelta(0) == NOW


def test_the_title_tells_the_figure_of_the_window_or_of_the_cursor():
    plot = panel(Clock())
    assert plot.title(40) == ("calls", [("…", "dim")])
    plot.show(course(5, 7), None)
    name, right = plot.title(40)
    assert name == "calls / 1h" and "".join(text for text, _ in right) == "12"
    plot.point_at(1)
    assert "".join(text for text, _ in plot.title(40)[1]) == "7"
    plot.show(course(5), None)
    assert plot.cursor == 0


def test_what_is_not_known_yet_is_not_told():
    plot = PlotPanel(Setup(database=Path("x.db")), BY_NAME["latency"], "plot")
    plot.show(course(5, 7), None)
    assert plot.title(40) == ("latency", [("…", "dim")])
    assert plot.count == 2
