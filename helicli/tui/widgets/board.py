"""The panels of analytics: plots in rows, lists below them.

Owns which panels are seen, which of them is picked, the stretch of time that all plots point at, and the way from one
panel to the next.
"""

from __future__ import annotations

from typing import Final

from textual.containers import Container

from helicli.tui import measures
from helicli.tui.figures import Figures
from helicli.tui.grouped import HEADS, group_rows, kind_rows, told_errors
from helicli.tui.measures import MEASURES, RANKINGS, Measure, Ranking
from helicli.tui.setup import Setup
from helicli.tui.widgets.bar_list import BarList, Row
from helicli.tui.widgets.panel import Panel
from helicli.tui.widgets.plot import PlotPanel

LAST: Final = 1 << 30
"""A row or a stretch that is after all others."""

WIDE: Final = 110
"""From so many cells on three plots stand in a row, else two."""

_SHOWN: Final = 6
_NARROW: Final = 4
_PARTS: Final = 6


class Board(Container):
    """Six plots, or four where there is less room, and two lists."""

    def __init__(self, setup: Setup) -> None:
        self.plots = [PlotPanel(setup, each, f"plot-{each.name}") for each in MEASURES[:_SHOWN]]
        self.groups = BarList("groups", ascii=setup.ascii)
        self.failures = BarList("failures", ascii=setup.ascii)
        self.panels: list[Panel] = [*self.plots, self.groups, self.failures]
        self.picked: Panel = self.plots[0]
        self.picked.picked = True
        self.ranking: Ranking = RANKINGS[0]
        self.zoomed = False
        self.cursor = -1
        super().__init__(*self.panels, id="board")

    @property
    def seen(self) -> list[Panel]:
        """The panels that are seen."""
        return [panel for panel in self.panels if panel.display]

    @property
    def widest(self) -> int:
        """The cells of the widest plot that is seen."""
        return max((plot.size.width for plot in self.plots if plot.display), default=0) or 40

    @property
    def measure(self) -> Measure | None:
        """The measure of the picked panel, where it is a plot."""
        return self.picked.measure if isinstance(self.picked, PlotPanel) else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor of the picked panel, where it is a list."""
        return self.picked.row if isinstance(self.picked, BarList) else None

    def lay_out(self, width: int) -> None:
        """Choose what is seen for a width."""
        wide = width >= WIDE
        for at, panel in enumerate(self.panels):
            is_plot = at < _SHOWN
            panel.display = panel is self.picked if self.zoomed else (not is_plot or wide or at < _NARROW)
            panel.styles.column_span = _PARTS if self.zoomed else 2 if is_plot and wide else 3
        if not self.picked.display:
            self.pick(self.plots[0])

    def pick(self, panel: Panel) -> None:
        """Have keys mean another panel."""
        self.picked = panel
        for each in self.panels:
            each.pick(each is panel)

    def next(self, step: int) -> None:
        """Pick the next panel in their order, or the one before."""
        seen = self.panels if self.zoomed else self.seen
        self.pick(seen[(seen.index(self.picked) + step) % len(seen)])

    def beside(self, across: int, down: int) -> None:
        """Pick the nearest panel on one side."""
        here = self.picked.region
        found = [
            (abs(panel.region.y - here.y), abs(panel.region.x - here.x), at)
            for at, panel in enumerate(self.seen)
            if (panel.region.x - here.x) * across > 0 or (panel.region.y - here.y) * down > 0
        ]
        if found:
            self.pick(self.seen[min(found)[2]])

    def down(self, step: int) -> None:
        """The next row of a list; from a plot, or from the first row up, another panel."""
        panel = self.picked
        if isinstance(panel, BarList) and 0 <= panel.cursor + step < len(panel):
            panel.move(panel.cursor + step)
        elif not isinstance(panel, BarList) or step < 0:
            self.beside(0, step)

    def aside(self, step: int) -> None:
        """A stretch of time on or back; from a list another panel."""
        if isinstance(self.picked, BarList):
            self.beside(step, 0)
        elif self.cursor < 0:
            self.go(LAST if step < 0 else 0)
        else:
            self.point_at(max(0, self.cursor + step))

    def page(self, parts: float) -> None:
        """Pages of a list, or quarters of a plot."""
        panel = self.picked
        if isinstance(panel, BarList):
            panel.move(panel.cursor + (round(panel.page * parts) or (1 if parts > 0 else -1)))
        else:
            self.point_at(max(0, self.cursor + round(self.plots[0].count * parts / 4)))

    def go(self, at: int) -> None:
        """A row of a list, or a stretch of time."""
        if isinstance(self.picked, BarList):
            self.picked.move(at)
        else:
            self.point_at(at)

    def point_at(self, stretch: int) -> None:
        """Have all plots point at a stretch of time; -1 for none."""
        count = self.plots[0].count
        self.cursor = max(-1, min(stretch, count - 1))
        for plot in self.plots:
            plot.point_at(self.cursor)

    def turn(self) -> None:
        """Another figure in the picked panel."""
        if isinstance(self.picked, PlotPanel):
            self.picked.turn(MEASURES[(MEASURES.index(self.picked.measure) + 1) % len(MEASURES)])
        else:
            self.ranking = RANKINGS[(RANKINGS.index(self.ranking) + 1) % len(RANKINGS)]

    def show(self, figures: Figures, title: str) -> None:
        """Show other figures; `title` is what calls are grouped by."""
        for plot in self.plots:
            plot.show(figures.course, figures.took)
        groups, failures, course = figures.groups, figures.failures, figures.course
        rows = group_rows(groups, self.ranking) if groups is not None else []
        told = measures.figure(sum(row.amount for row in rows), self.ranking.unit) if groups is not None else "…"
        nothing = f"no {self.ranking.name}" if groups is not None else ""
        self.groups.show(f"{self.ranking.name} by {title}", told, rows, nothing=nothing, heads=HEADS)
        kinds = kind_rows(failures) if failures is not None else []
        nothing = "no call failed" if failures is not None else ""
        self.failures.show("errors", told_errors(course.total) if course is not None else "…", kinds, nothing=nothing)
