"""Analytics: how many calls, how long, what they cost, what went wrong, over a window of time.

Owns what is looked at and what keys do to that; the panels own what they show, `figures` when the log is asked.
"""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.events import Resize, ScreenResume, ScreenSuspend

from helicli.errors import UsageError
from helicli.grouping import By, by
from helicli.query.growth import Extent
from helicli.tui import drilling
from helicli.tui.analysis import Question, fitting
from helicli.tui.asking import next_window
from helicli.tui.figures import Figures
from helicli.tui.grouped import group_title
from helicli.tui.keys import ANALYTICS, LISTS
from helicli.tui.looking import Look
from helicli.tui.plotting import points
from helicli.tui.screens.base import bindings
from helicli.tui.screens.boards import BoardScreen
from helicli.tui.screens.menu import Item, Menu
from helicli.tui.telling import empty, state, tabs
from helicli.tui.widgets.bars import KeyBar, TopBar
from helicli.tui.widgets.board import Board
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.tui.widgets.lines_view import LinesView
from helicli.tui.widgets.panel import Panel
from helicli.tui.widgets.tiles import Tiles

_AGES_SECONDS: Final = 10.0
_AXIS: Final = 6
"""About so many cells of a plot are its axis."""

_GROUPS: Final = (("model", "m"), ("user", "u"), ("prompt", "p"), ("name", "n"), ("provider", "v"), ("key", "k"))


class AnalyticsScreen(BoardScreen):
    """The figures of some calls."""

    screen_id = ANALYTICS
    BINDINGS = bindings(LISTS, ANALYTICS)

    def __init__(self) -> None:
        super().__init__()
        self.look = Look()
        self.group: By = by("model")
        self.paused = False

    def compose(self) -> ComposeResult:
        """Filter, figures, panels."""
        since = self.setup.since
        self.look = Look(self.setup.filter, "24h" if since == "all" else since)
        self.figures = Figures(self.feed, self._question, self._changed, self._seconds, self.set_timer)
        yield TopBar()
        yield FilterBar(self.setup, self.feed, self.house.history)
        yield Tiles(self.setup.zone)
        yield Board(self.setup)
        yield LinesView(id="empty")
        yield KeyBar(ANALYTICS, self.house.bound)

    def on_mount(self) -> None:
        """Ask as soon as it is known how much there is room for."""
        self.bar.value = self.look.typed
        self.set_interval(_AGES_SECONDS, lambda: self.figures.age(self.house.now_ms))
        self.board.lay_out(self.app.size.width)
        self.call_after_refresh(self.figures.ask)

    @property
    def bar(self) -> FilterBar:
        """The filter."""
        return self.query_one(FilterBar)

    def turn_to(self, look: Look) -> None:
        """Look at something else. Raises UsageError."""
        look.chosen(self.setup)
        self.look = look
        if not self.bar.has_class("typing"):
            self.bar.value = look.typed
        self.point_at(-1)
        self.figures.ask()

    def grown(self, extent: Extent) -> None:
        """The log has changed."""
        if self.is_mounted and self.look.is_live or extent.trouble is not None:
            self.figures.grow(extent)

    def on_screen_suspend(self, event: ScreenSuspend) -> None:
        """Nobody looks."""
        self.figures.hold(True)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Somebody looks again."""
        self.figures.hold(self.paused)

    def on_resize(self, event: Resize) -> None:
        """More panels have room, or fewer."""
        self.board.lay_out(event.size.width)
        self.call_after_refresh(self._refit)

    def start_filter(self) -> None:
        """Type a filter."""
        self.bar.start()

    def leave_filter(self) -> None:
        """Have the filter typed no more."""
        self.bar.leave(self.look.typed)
        self.set_focus(None)

    def go_back(self) -> bool:
        """Give up the cursor, the zoom, the place in time, the filter."""
        if self.board.cursor >= 0:
            self.point_at(-1)
        elif self.board.zoomed:
            self.action_zoom()
        elif not self.look.is_live:
            self.turn_to(self.look.live())
        elif self.look.typed:
            self.turn_to(replace(self.look, typed=""))
        else:
            return False
        return True

    def turn_window(self) -> None:
        """The next window of time, until now."""
        self.turn_to(Look(self.look.typed, next_window(self.look.since)))

    def turn_pause(self) -> None:
        """Hold still, or go on."""
        self.paused = not self.paused
        self.figures.hold(self.paused)
        self._changed()

    def copies(self) -> list[Item]:
        """The commands for what is shown."""
        told = drilling.commands(self.setup, self.look, self.group, self.figures.course)
        return [Item(command, name, letter, command) for letter, name, command in told]

    def action_open(self) -> None:
        """`enter`: the calls behind what is pointed at."""
        board, course = self.board, self.figures.course
        if course is None:
            return
        found = None
        if board.measure is not None:
            found = drilling.of_measure(self.setup, self.look, course, board.measure, board.cursor)
        elif board.row is not None:
            found = drilling.of_row(self.setup, self.look, self.group, board.row.key)
        if found is not None:
            self.house.drill(*found)

    def action_group_by(self) -> None:
        """`b`"""
        groups = self.figures.groups
        items = [Item(name, name, letter) for name, letter in _GROUPS]
        names = groups.names if groups is not None else ()
        items += [
            Item(f"prop.{name}", name, str(at) if at < 10 else "", "property") for at, name in enumerate(names, 1)
        ]
        at = next((at for at, item in enumerate(items) if item.value == self.group.name), 0)
        self.app.push_screen(Menu("group by", items, at=at), self._group)

    def action_measure(self) -> None:
        """`M`"""
        self.board.turn()
        self._changed()

    def action_zoom(self) -> None:
        """`z`"""
        self.board.zoomed = not self.board.zoomed
        self.board.lay_out(self.size.width)
        self.call_after_refresh(self._refit)

    def action_pan_back(self) -> None:
        """`[`"""
        self._pan(back=True)

    def action_pan_on(self) -> None:
        """`]`"""
        self._pan(back=False)

    @on(FilterBar.Typed)
    def _typed(self, typed: FilterBar.Typed) -> None:
        if typed.text != self.look.typed:
            self.turn_to(replace(self.look, typed=typed.text))
        if typed.done:
            self.set_focus(None)

    @on(Panel.Picked)
    def _clicked(self, picked: Panel.Picked) -> None:
        panel = picked.panel
        self.leave_filter()
        self.board.pick(panel)
        if panel in self.board.plots:
            self.point_at(getattr(panel, "cursor", -1))
        if picked.opened:
            self.action_open()

    def _group(self, name: str | None) -> None:
        if name is not None:
            self.group = by(name)
            self.figures.refine()
            self._changed()

    def _pan(self, *, back: bool) -> None:
        course = self.figures.course
        if course is not None and self.look.since == "all":
            self.house.tell("all of the log is shown; t chooses a window")
        elif course is not None and (back or not self.look.is_live):
            self.turn_to(self.look.moved(course.first, course.last, self.house.now_ms, back=back))

    def moved(self) -> None:
        """Something else is pointed at: tell its figures."""
        self.query_one(Tiles).show(self.figures.course, self.figures.took, self.board.cursor)

    def _question(self) -> Question | None:
        try:
            chosen = self.look.chosen(self.setup)
        except UsageError as error:
            self.house.tell_error(error)
            return None
        room = points(max(8, self.board.widest - _AXIS), self.setup.symbols)
        return Question(chosen, self.house.now_ms, room, self.group, self.setup.zone)

    def _refit(self) -> None:
        """Ask again where there is room for other stretches of time."""
        question, course = self._question(), self.figures.course
        if question is None or course is None:
            return
        if fitting(course.last - course.first, question.points)[0] != course.every:
            self.figures.refine()

    def _changed(self) -> None:
        if not self.is_mounted:
            return
        figures, course = self.figures, self.figures.course
        self.board.show(figures, group_title(self.group))
        self.moved()
        lines = []
        if figures.trouble is not None or (course is not None and not course.total.calls):
            time = self.look.told(self.setup.zone)
            chosen, nothing = self.look.chosen(self.setup), self.house.extent.last == 0
            lines = empty(self.setup, figures.trouble, chosen, time, is_empty=nothing)
        view = self.query_one("#empty", LinesView)
        view.show(lines, keep=True)
        view.display = bool(lines)
        self.board.display = self.query_one(Tiles).display = not lines
        self._tell()

    def _tell(self) -> None:
        """What stands at the top."""
        course, trouble = self.figures.course, self.figures.trouble
        stretch = f" by {course.every}" if course is not None and self.look.is_live else ""
        live = state(self.house.engine, paused=self.paused, trouble=trouble is not None)
        if not self.look.is_live and not self.paused and trouble is None:
            live = [("] on", "warn")]
        self.query_one(TopBar).show(
            tabs("analytics"), [(f"{self.look.told(self.setup.zone)}{stretch}  ", "dim"), *live]
        )
        many = (
            "reading … " if course is None else f"{course.total.calls:,} call{'' if course.total.calls == 1 else 's'} "
        )
        self.bar.count([("" if trouble is not None else many, "dim")])

    @staticmethod
    def _seconds() -> float:
        return asyncio.get_running_loop().time()
