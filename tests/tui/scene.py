"""The app on a screen of a given size, driven by keys, with a clock that stands still."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from textual.driver import Driver
from textual.events import Key, Paste
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from helicli.tui.app import HelicliApp
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.screens.inspector import InspectorScreen
from helicli.tui.screens.requests import RequestsScreen
from helicli.tui.setup import Setup
from helicli.tui.widgets.call_table import CallTable
from helicli.tui.widgets.filter_bar import FilterBar
from helicli.tui.widgets.lines_view import LinesView
from helicli.tui.widgets.peek import Peek

UNTIL_MS = 1_795_250_000_000
"""When the last call of the demo's log ended."""

NOW = datetime.fromtimestamp(UNTIL_MS / 1000 + 60, UTC)
PATIENCE = 60.0
_ROUNDS = 2
"""So many rounds in which nothing happens are rest: one may hand on what the next does."""


class Scene:
    """A running app."""

    def __init__(self, app: HelicliApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def requests(self) -> RequestsScreen:
        """The first screen."""
        found = self.app._screen_stacks["requests"][0]
        assert isinstance(found, RequestsScreen)
        return found

    @property
    def table(self) -> CallTable:
        """The table of calls."""
        return self.requests.table

    @property
    def calls(self) -> CallList:
        """What stands in it."""
        return self.requests.calls

    @property
    def inspector(self) -> InspectorScreen:
        """The call that is looked at."""
        assert isinstance(self.app.screen, InspectorScreen)
        return self.app.screen

    async def press(self, *pressed: str) -> None:
        """Press keys, and wait until what they asked has been answered."""
        for key in pressed:
            self.send(key)
            # A menu that a key opens must stand before the next one is for it.
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text, sign by sign."""
        for sign in text:
            self.send(_character_to_key(sign), sign)
            await self.settle()

    async def paste(self, text: str) -> None:
        """Put a text in at once: what typing does in the end, without what it does on the way."""
        self._driver.send_message(Paste(text))
        await self.settle()

    def send(self, key: str, sign: str | None = None) -> None:
        """Press a key, which types a sign, and wait for nothing."""
        event = Key(key, sign or key_to_character(key))
        event.set_sender(self.app)
        self._driver.send_message(event)

    async def settle(self) -> None:
        """Wait until nothing is asked and nothing is to be drawn."""
        rounds = 0
        end = monotonic() + PATIENCE
        while monotonic() < end:
            if self._still():
                await self._round()
                rounds = rounds + 1 if self._still() else 0
                if rounds == _ROUNDS:
                    return
            else:
                rounds = 0
                await asyncio.sleep(0.005)
        raise AssertionError("the app does not come to rest")

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds."""
        end = monotonic() + PATIENCE
        while monotonic() < end:
            await self._round()
            if holds():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it does not come")

    @property
    def _driver(self) -> Driver:
        assert self.app._driver is not None
        return self.app._driver

    async def _round(self) -> None:
        """Let every widget do what it has been told, and the screen be drawn; Textual's own pause sleeps too."""
        await self.pilot._wait_for_screen()
        self.app.screen._on_timer_update()
        await asyncio.sleep(0)

    def text(self) -> str:
        """What stands on the screen; the version of the prices is not ours to test."""
        lines = [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]
        return re.sub(r"genai-prices [\d.]+", "genai-prices X", "\n".join(lines)) + "\n"

    def view(self) -> str:
        """What stands in the view of a call, also what is scrolled out of sight."""
        lines = self.app.screen.query_one("#view", LinesView).lines
        return "\n".join("".join(text for text, _ in line) for line in lines)

    def _still(self) -> bool:
        """Whether nothing is asked, no message waits, nothing is to be drawn, and no timer runs that will ask."""
        if not self.app.feed.idle:
            return False
        screen = self.app.screen
        if screen._callbacks or screen._layout_required or screen._dirty_widgets:
            return False
        if any(pump._message_queue.qsize() for pump in (self.app, *screen.walk_children(with_self=True))):
            return False
        for each in self.app._screens():
            for widget in (*each.query(Peek), *each.query(FilterBar)):
                timer = widget._timer
                if timer is not None and timer._task is not None and not timer._task.done():
                    return False
        return True


@asynccontextmanager
async def scene(database: Path, size: tuple[int, int] = (120, 36), **given: Any) -> AsyncIterator[Scene]:
    """The app with a log; `given` are fields of its setup."""
    setup = Setup(**{"database": database, "now": lambda: NOW} | given)
    feed = Feed(database, setup.engine)
    app = HelicliApp(setup, feed)
    try:
        async with app.run_test(size=size) as pilot:
            running = Scene(app, pilot)
            await running.until(lambda: "requests" in app._screen_stacks or setup.screen != "requests")
            await running.settle()
            yield running
    finally:
        feed.close()
