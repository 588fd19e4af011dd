"""The app: its screens, what is said to all of them, and what keys mean everywhere.

Owns the way from a key to a screen and from the feed to the screen that is shown. Nothing here reads the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor

from helicli.errors import HelicliError, UsageError
from helicli.guess import guess
from helicli.query.growth import Extent
from helicli.tui import commands, keys
from helicli.tui.ascii import Ascii
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.history import History
from helicli.tui.marks import Marks
from helicli.tui.one_call import copied
from helicli.tui.screens import offering
from helicli.tui.screens.base import HouseScreen, bindings
from helicli.tui.screens.menu import Menu
from helicli.tui.setup import Setup
from helicli.tui.theme import THEME
from helicli.view.safe import safe

if TYPE_CHECKING:
    from textual.screen import Screen

    from helicli.tui.screens.lists import ListScreen

ADDRESS = "http://127.0.0.1:8787"
"""Where an engine is that was not told anything else."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_STARTED_SECONDS: Final = 1.0
"""So long after it was mounted the first screen is seen, its rows too."""


def _requests() -> Screen[Any]:
    from helicli.tui.screens.requests import RequestsScreen

    return RequestsScreen()


def _analytics() -> Screen[Any]:
    from helicli.tui.screens.analytics import AnalyticsScreen

    return AnalyticsScreen()


class HelicliApp(App[None], inherit_bindings=False):
    """helicli on the full screen."""

    CSS_PATH = Path(__file__).with_name("helicli.tcss")
    MODES: ClassVar[dict[str, Any]] = {"requests": _requests, "analytics": _analytics}
    BINDINGS = bindings(keys.EVERYWHERE)
    ENABLE_COMMAND_PALETTE = False
    TITLE = "helicli"

    def __init__(
        self, setup: Setup, feed: Feed, first: CallList | None = None, started: Callable[[], object] = lambda: None
    ) -> None:
        """`first` is the list that the first screen shows, asked for already; `started` is called once it is seen,
        and `feed` closed at the end."""
        self._started = started
        self.setup = setup
        self.feed = feed
        self.first = first
        self.bound = keys.rebound(setup.keys)
        self.extent = Extent()
        self.history = History(setup.history)
        self.engine: str | None = None
        self.marks = Marks()
        super().__init__()
        self.animation_level = "none"
        self.register_theme(THEME)
        if setup.theme not in self.available_themes:
            near = guess(setup.theme, self.available_themes)
            fix = f"there are {', '.join(self.available_themes)}"
            raise UsageError(f'no theme "{setup.theme}"', f"did you mean {near}?   {fix}" if near else fix)
        self.no_color = not setup.color
        self._own_filters: list[LineFilter] = [] if setup.color else [NoColor()]
        if setup.ascii:
            self._own_filters.append(Ascii())
        self.theme = setup.theme if setup.color else "ansi-dark"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What is done to all that is drawn: without colour, nothing but bold, dim and reverse is left."""
        found = [each for each in super().get_line_filters() if not isinstance(each, Monochrome)]
        return [*found, *self._own_filters]

    @property
    def now_ms(self) -> int:
        """The time, in milliseconds UTC."""
        return round(self.setup.now().timestamp() * 1000)

    @property
    def shown(self) -> HouseScreen | None:
        """The screen that is shown, where it is no menu."""
        return self.screen if isinstance(self.screen, HouseScreen) else None

    def on_mount(self) -> None:
        """Show the first screen, and take what the feed has."""
        self.set_keymap({name: ",".join(several) for name, several in self.bound.items()})
        self.switch_mode(self.setup.screen)
        self.feed.listen(lambda done: self.call_later(self._take, done))
        self.feed.follow(self._grown, self._engine)
        self.set_timer(_STARTED_SECONDS, self._started)

    def on_unmount(self) -> None:
        """Let the log go."""
        self.feed.close()

    def _take(self, done: Callable[[], None]) -> None:
        """An answer of the feed; one that comes while the app ends is nobody's."""
        if self.is_running:
            done()

    def tell(self, text: str) -> None:
        """Say something for a moment."""
        self.notify(safe(text), markup=False, timeout=4)

    def tell_error(self, error: HelicliError) -> None:
        """Say what went wrong, and what helps."""
        self.notify(safe(f"{error.message}   {error.fix}"), markup=False, severity="error", timeout=8)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, and show it: not every terminal takes it.

        Control characters are left out: where it is pasted they would be keys.
        """
        text = _CONTROL.sub("", text)
        self.copy_to_clipboard(text)
        short = text if len(text) <= 200 else f"{len(text):,} signs"
        self.tell(f"copied: {short}")

    def inspect(self, screen: ListScreen, seq: int, view: str = "chat") -> None:
        """Look at one call of a list."""
        from helicli.tui.screens.inspector import InspectorScreen

        self.push_screen(InspectorScreen(seq, screen, view))

    def drill(self, text: str, since: str) -> None:
        """Show the calls behind a figure: those of a filter and a time."""
        self.switch_mode("requests")
        self.call_after_refresh(self._drill, text, since)

    def keep_filter(self, name: str, text: str) -> None:
        """Know a filter by the name it was saved under."""
        self.setup.saved[name] = text

    def _drill(self, text: str, since: str) -> None:
        from helicli.tui.screens.requests import RequestsScreen

        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, RequestsScreen):
            self.screen.drill(text, since)

    def _screens(self) -> list[HouseScreen]:
        return [each for stack in self._screen_stacks.values() for each in stack if isinstance(each, HouseScreen)]

    def _grown(self, extent: Extent) -> None:
        if extent.file != self.extent.file:
            # Another log: its calls have other numbers.
            self.marks.clear()
        self.extent = extent
        for screen in self._screens():
            screen.grown(extent)

    def _engine(self, address: str) -> None:
        self.engine = address
        for screen in self._screens():
            screen.grown(self.extent)

    async def action_do(self, name: str) -> None:
        """Do what a key of the table does."""
        method = name.replace("-", "_")
        where = "screen" if hasattr(self.screen, f"action_{method}") else "app"
        await self.run_action(f"{where}.{method}")

    def action_go_requests(self) -> None:
        """`1`"""
        self.switch_mode("requests")

    def action_go_analytics(self) -> None:
        """`2`"""
        self.switch_mode("analytics")

    def action_filter(self) -> None:
        """`/`"""
        if self.shown:
            self.shown.start_filter()

    def action_palette(self) -> None:
        """`:`"""
        if self.shown:
            shown = self.shown
            told = offering.palette(shown.screen_id, self.bound, shown.copies(), self.setup, self.available_themes)
            self.push_screen(Menu("commands", told, typing=True), self._chosen)

    async def _chosen(self, what: str | None) -> None:
        if what is None:
            return
        if what.startswith("@"):
            self.drill(what, "all")
        elif what.startswith("theme "):
            self.theme = what.removeprefix("theme ")
        elif what.startswith("copy "):
            self.copy(what.removeprefix("copy "))
        else:
            await self.action_do(what)

    def action_help(self) -> None:
        """`?`"""
        from helicli.tui.screens.help import HelpScreen

        if self.shown:
            self.push_screen(HelpScreen(self.shown.screen_id, self.bound))

    async def action_back(self) -> None:
        """`esc`"""
        if self.shown:
            self.shown.go_back()

    def action_jump(self) -> None:
        """`^o`"""
        from helicli.tui.screens.jump import JumpScreen

        jumps = [jump for jump in self.shown.jumps() if jump.place.region.area] if self.shown else []
        if jumps:
            self.push_screen(JumpScreen(jumps), lambda at: jumps[at].go() if at is not None else None)

    def action_leave(self) -> None:
        """`q`"""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()

    async def action_quit(self) -> None:
        """`^c`"""
        self.exit()

    def action_pause(self) -> None:
        """`space`"""
        if self.shown:
            self.shown.turn_pause()

    def action_window(self) -> None:
        """`t`"""
        if self.shown:
            self.shown.turn_window()

    def action_theme(self) -> None:
        """`T`"""
        names = list(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.tell(f"theme {self.theme}")

    def action_copy(self) -> None:
        """`y`"""
        items = self.shown.copies() if self.shown else []
        if items:
            # The call that the menu was opened for: under the cursor another may stand by then.
            self.push_screen(Menu("copy", items), partial(self._copy, getattr(self.shown, "seq", None)))

    def _copy(self, seq: int | None, what: str | None) -> None:
        if what is None:
            return
        if not what.startswith("@"):
            self.copy(what)
            return
        if seq is not None:
            address, show = self.engine or ADDRESS, commands.show_command(self.setup, seq)
            work = partial(copied, seq=seq, what=what[1:], address=address, show=show)
            self.feed.ask("rows", "copy", work, self.copy, self.tell_error)
