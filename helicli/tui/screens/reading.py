"""What the keys that scroll and find do, for a screen whose body is lines of text."""

from __future__ import annotations

from helicli.tui.screens.base import HouseScreen
from helicli.tui.screens.menu import Ask
from helicli.tui.widgets.lines_view import LinesView


class ReadingScreen(HouseScreen):
    """A screen with one text."""

    @property
    def body(self) -> LinesView:
        """The text."""
        return self.query_one("#view", LinesView)

    def action_line_down(self) -> None:
        """`j`"""
        self.body.by(1)

    def action_line_up(self) -> None:
        """`k`"""
        self.body.by(-1)

    def action_screen_down(self) -> None:
        """A page."""
        self.body.by_pages(1)

    def action_screen_up(self) -> None:
        """A page."""
        self.body.by_pages(-1)

    def action_top(self) -> None:
        """`g`"""
        self.body.to_begin()

    def action_bottom(self) -> None:
        """`G`"""
        self.body.to_end()

    def action_find(self) -> None:
        """`F`"""
        self.app.push_screen(Ask("find in this view"), self._find)

    def action_next_hit(self) -> None:
        """`n`"""
        self._to_hit(1)

    def action_previous_hit(self) -> None:
        """`N`"""
        self._to_hit(-1)

    def _to_hit(self, step: int) -> None:
        if not self.body.next_hit(step):
            self.house.tell("nothing was found in this view; F finds a text")

    def _find(self, text: str | None) -> None:
        if text:
            found = self.body.find(text)
            self.house.tell(f"{found} line{'' if found == 1 else 's'} with {text}" if found else f"no {text} here")
