"""A panel with a measure over time.

Owns the scale, which stays for a while so that nothing jitters, and the stretch of time that is pointed at. What is
drawn is drawn by `plotting`.
"""

from __future__ import annotations

from typing import Final

from helicli.tui.analysis import Course, Took
from helicli.tui.axes import TIME, Scale, scale
from helicli.tui.measures import Measure, Spent
from helicli.tui.plotting import MARKS, Plot, Series, drawn, gutter
from helicli.tui.setup import Setup
from helicli.tui.widgets.canvas import Line, Span
from helicli.tui.widgets.panel import Panel

KEPT_MS: Final = 10_000
"""So long a scale stays that is larger than it need be."""


class PlotPanel(Panel):
    """One measure of the calls of a window."""

    def __init__(self, setup: Setup, measure: Measure, id: str) -> None:
        super().__init__(id, ascii=setup.ascii)
        self._setup = setup
        self.measure = measure
        self.cursor = -1
        self._course: Course | None = None
        self._took: Took | None = None
        self._plot: Plot | None = None
        self._scale: Scale | None = None
        self._scaled_at = 0
        self._drawn: tuple[tuple[int, int, int], list[Line]] | None = None

    @property
    def count(self) -> int:
        """How many stretches there are."""
        return len(self._course.begins) if self._course is not None else 0

    def show(self, course: Course | None, took: Took | None) -> None:
        """Show other figures; None for those that are not known yet."""
        if course is None:
            # Something else was asked: its figures are of another size.
            self._scale = None
        self._course, self._took = course, took
        self.cursor = min(self.cursor, self.count - 1)
        self._make()

    def turn(self, measure: Measure) -> None:
        """Show another measure."""
        self.measure = measure
        self._scale = None
        self._make()

    def point_at(self, stretch: int) -> None:
        """Point at a stretch of time; -1 for none."""
        if stretch != self.cursor:
            self.cursor = stretch
            self._drawn = None
            self.refresh()

    def title(self, room: int) -> tuple[str, Line]:
        """The measure, and what it comes to: at the cursor, else in the window."""
        course, measure = self._course, self.measure
        if course is None:
            return measure.title, [("…", "dim")]
        name = measure.title if measure.is_rate else f"{measure.title} / {course.every}"
        told = self._told(course)
        if told is None:
            return name, [("…", "dim")]
        for gap, short in ((2, False), (1, False), (1, True)):
            right = self._legend(told, gap, short)
            if sum(len(text) for text, _ in right) + len(name) <= room:
                return name, right
        return measure.short or name, right

    def body(self, row: int) -> tuple[Line, str]:
        """A line of the plot."""
        size = (self.size.width, self.rows, self.cursor)
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, self._draw())
        lines = self._drawn[1]
        return (lines[row] if row < len(lines) else ()), ""

    def point(self, column: int, row: int) -> None:
        """Point at the stretch under the mouse."""
        if self._plot is not None and self._scale is not None:
            edge = gutter(self._scale)
            if column >= edge:
                self.cursor = self._plot.at(column - edge, self.size.width - edge)

    def _make(self) -> None:
        self._plot = self._drawn = None
        course, took = self._course, self._took
        if course is not None and (took is not None or not self.measure.needs_times):
            spent = took.spent if took is not None else (Spent(),) * len(course.begins)
            self._plot = Plot(
                tuple(
                    Series(tuple(part.of(*each) for each in zip(course.totals, spent, strict=True)), part.role)
                    for part in self.measure.parts
                ),
                course.begins,
                course.first,
                course.last,
                self.measure.is_area,
                self._setup.zone,
            )
        self.refresh()

    def _draw(self) -> list[Line]:
        plot, rows = self._plot, self.rows
        if plot is None or rows < 2:
            return []
        fresh = scale(plot.largest, self.measure.unit, rows - 1)
        now = round(self._setup.now().timestamp() * 1000)
        known = self._scale
        if known is None or not self._serves(known, fresh, now):
            known, self._scaled_at = fresh, now
        self._scale = known
        return drawn(plot, known, self.size.width, self._setup.symbols, self.cursor)

    def _serves(self, known: Scale, fresh: Scale, now: int) -> bool:
        """Whether the scale of before is kept: for a while it is where it has more room, though not much more."""
        if known.rows != fresh.rows:
            return False
        return known == fresh or (fresh.top <= known.top <= 4 * fresh.top and now - self._scaled_at < KEPT_MS)

    def _told(self, course: Course) -> list[tuple[str, str, str]] | None:
        """The name, the role and the text of each series' figure."""
        if self.measure.needs_times and self._took is None:
            return None
        total, spent = course.total, self._took.whole if self._took is not None else Spent()
        if 0 <= self.cursor < self.count:
            total = course.totals[self.cursor]
            spent = self._took.spent[self.cursor] if self._took is not None else Spent()
        return [
            (part.name, part.role, figure)
            for part, figure in zip(self.measure.parts, self.measure.figures(total, spent), strict=True)
        ]

    def _legend(self, told: list[tuple[str, str, str]], gap: int, short: bool) -> list[Span]:
        spans: list[Span] = []
        for at, (name, role, text) in enumerate(told):
            if short and self.measure.unit == TIME and text.endswith("s") and "." in text and not text.endswith("ms"):
                text = f"{float(text[:-1]):.1f}s"
            mark = MARKS[at] if self.ascii and name else ""
            spans += [(" " * gap if at else "", ""), (f"{mark}{name} " if name else "", role), (text, "title")]
        return spans
