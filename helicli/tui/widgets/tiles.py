"""The line of figures above the panels: what the calls of the window come to."""

from __future__ import annotations

from datetime import tzinfo

from rich.cells import cell_len

from helicli.query.totals import Totals
from helicli.tui.analysis import Course, Took
from helicli.tui.axes import SHARE
from helicli.tui.looking import stretch
from helicli.tui.measures import Spent, figure, share, tokens
from helicli.tui.widgets.canvas import Canvas, Line, Span
from helicli.units import count, dollars, seconds

_GAP = "   "


class Tiles(Canvas):
    """As many figures as there is room for; the first matter most."""

    def __init__(self, zone: tzinfo | None) -> None:
        super().__init__(id="tiles")
        self._zone = zone
        self._told: list[list[Span]] = []

    def show(self, course: Course | None, took: Took | None, cursor: int) -> None:
        """Show other figures: those of the window, or of the stretch that is pointed at."""
        self._told = []
        if course is not None and 0 <= cursor < len(course.begins):
            spent = took.spent[cursor] if took is not None else None
            time = stretch(course.edges[cursor], course.edges[cursor + 1], self._zone)
            self._told = [[(time, "accent")], *_tiles(course.totals[cursor], spent)]
        elif course is not None:
            self._told = _tiles(course.total, took.whole if took is not None else None)
        self.refresh()

    def line(self, y: int) -> Line:
        """The figures."""
        line: list[Span] = [("  ", "")]
        room = self.size.width - 2
        for tile in self._told:
            room -= sum(cell_len(text) for text, _ in tile) + len(_GAP)
            if room < -len(_GAP):
                break
            line += [*tile, (_GAP, "")]
        return line


def _tiles(total: Totals, spent: Spent | None) -> list[list[Span]]:
    p95 = spent.latency[1] if spent is not None else None
    failed = "bad" if total.errors else "title"
    hits = share(total.hits, total.hits + total.misses)
    tiles: list[list[Span]] = [
        [(f"{total.calls:,}", "title"), (f" call{'' if total.calls == 1 else 's'}", "dim")],
        [(dollars(total.cost_nano), "title")],
        [("p95 ", "dim"), (seconds(p95), "title")],
        [("errors ", "dim"), (figure(share(total.errors, total.calls), SHARE), failed)],
        [(count(tokens(total)), "title"), (" tokens", "dim")],
    ]
    if hits is not None:
        tiles.insert(4, [("cache ", "dim"), (figure(hits, SHARE), "title")])
    if total.saved_nano:
        tiles.append([("saved ", "dim"), (dollars(total.saved_nano), "title")])
    if total.unpriced:
        tiles.append([("unpriced ", "dim"), (f"{total.unpriced:,}", "warn")])
    return tiles
