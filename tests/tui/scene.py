"""The app on a screen of a given size, driven by keys, with a clock that stands still."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from helicli.tui.app import HelicliApp
from helicli.tui.call_list import CallList
from helicli.tui.feed import Feed
from helicli.tui.screens.inspector import InspectorScreen
from helicli.tui.screens.requests import RequestsScreen
from helicli.tui.setup import Setup
from helicli.tui.widgets.call_table import CallTable
from helicli.tui.widgets.lines_view import LinesView

UNTIL_MS = 1_795_250_000_000
"""When the last call of the demo's log ended."""

NOW = datetime.fromtimestamp(UNTIL_MS / 1000 + 60, UTC)
PATIENCE = 60.0


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
            # A menu that a key opens must stand before the next one is for it.
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text, sign by sign."""
        names = {
            " ": "space",
            ":": "colon",
            "-": "minus",
            '"': "quotation_mark",
            "@": "at",
            "/": "slash",
            "*": "asterisk",
        }
        names |= {".": "full_stop", ">": "greater_than_sign", "(": "left_parenthesis", ")": "right_parenthesis"}
        await self.press(*(names.get(sign, sign) for sign in text))

    async def settle(self) -> None:
        """Wait until nothing is asked and nothing is to be drawn."""
        quiet = 0
        for _ in range(int(PATIENCE / 0.01)):
            await self.pilot.pause()
            quiet = quiet + 1 if self.app.feed.idle and self._still() else 0
            if quiet == 2:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the app does not come to rest")

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds."""
        for _ in range(int(PATIENCE / 0.01)):
            await self.pilot.pause()
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it does not come")

    def text(self) -> str:
        """What stands on the screen; the version of the prices is not ours to test."""
        lines = [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]
        return re.sub(r"genai-prices [\d.]+", "genai-prices X", "\n".join(lines)) + "\n"

    def view(self) -> str:
        """What stands in the view of a call, also what is scrolled out of sight."""
        lines = self.app.screen.query_one("#view", LinesView).lines
        return "\n".join("".join(text for text, _ in line) for line in lines)

    def _still(self) -> bool:
        """Whether no timer runs that will ask something."""
        for screen in self.app._screens():
            for widget in (*screen.query("Peek"), *screen.query("FilterBar")):
                timer = widget._timer  # type: ignore[attr-defined]
                if timer is not None and timer._task is not None and not timer._task.done():
                    return False
        return True


@asynccontextmanager
async def scene(database: Path, size: tuple[int, int] = (120, 36), **given: Any) -> AsyncIterator[Scene]:
    """The app with a log; `given` are fields of its setup."""
    setup = Setup(database=database, now=lambda: NOW, **given)
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
