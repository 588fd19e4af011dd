"""The app: its screens, what is said to all of them, and what keys mean everywhere.

Owns the way from a key to a screen and from the feed to the screen that is shown. Nothing here reads the log.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.theme import Theme

from helicli.query.growth import Extent
from helicli.tui import keys
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.screens.base import HouseScreen, bindings
from helicli.tui.setup import Setup

if TYPE_CHECKING:
    from textual.screen import Screen

THEME = Theme(
    name="helicli",
    primary="#5fafd7",
    secondary="#87afaf",
    warning="#d7af5f",
    error="#e06c75",
    success="#87af5f",
    accent="#d787af",
    foreground="#d0d0d0",
    background="#16181d",
    surface="#1f232b",
    panel="#2a2f3a",
    dark=True,
)


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

    def __init__(self, setup: Setup, feed: Feed, first: CallList | None = None) -> None:
        """`first` is the list that the first screen shows, asked for already; `feed` is closed at the end."""
        self.setup = setup
        self.feed = feed
        self.first = first
        self.bound = keys.rebound(setup.keys)
        self.extent = Extent()
        super().__init__()
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = setup.theme

    @property
    def shown(self) -> HouseScreen | None:
        """The screen that is shown, where it is no menu."""
        return self.screen if isinstance(self.screen, HouseScreen) else None

    def on_mount(self) -> None:
        """Show the first screen, and take what the feed has."""
        self.set_keymap({name: ",".join(several) for name, several in self.bound.items()})
        self.switch_mode(self.setup.screen)
        self.feed.listen(lambda done: self.call_later(done))
        self.feed.follow(self._grown)

    def on_unmount(self) -> None:
        """Let the log go."""
        self.feed.close()

    def _grown(self, extent: Extent) -> None:
        self.extent = extent
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, HouseScreen):
                    screen.grown(extent)

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

    async def action_back(self) -> None:
        """`esc`"""
        if self.shown:
            self.shown.go_back()

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
