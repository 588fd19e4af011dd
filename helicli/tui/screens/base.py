"""What every screen is: a bar of what is looked at, a body, a bar of keys.

Owns the actions that mean the same everywhere; a screen says what they mean for what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from helicli.query.growth import Extent
from helicli.tui import keys
from helicli.tui.feed import Feed
from helicli.tui.screens.jump import Jump
from helicli.tui.screens.menu import Item
from helicli.tui.setup import Setup

if TYPE_CHECKING:
    from helicli.tui.app import HelicliApp


def bindings(*scopes: str) -> list[BindingType]:
    """The bindings of some scopes, as Textual takes them."""
    return [
        Binding(",".join(action.keys), action.method, action.doc, show=False, id=action.id)
        for scope in scopes
        for action in keys.bindings_of(scope)
    ]


class HouseScreen(Screen[None], inherit_bindings=False):
    """A screen of the app. `screen_id` is its name in the table of keys."""

    screen_id: ClassVar[str] = ""
    AUTO_FOCUS = ""

    @property
    def house(self) -> HelicliApp:
        """The app."""
        return cast("HelicliApp", self.app)

    @property
    def feed(self) -> Feed:
        """The log."""
        return self.house.feed

    @property
    def setup(self) -> Setup:
        """What the app was started with."""
        return self.house.setup

    def grown(self, extent: Extent) -> None:
        """The log holds other calls than before."""

    def start_filter(self) -> None:
        """`/`"""

    def go_back(self) -> bool:
        """`esc`: undo the last narrowing here; whether there was one."""
        return False

    def jumps(self) -> list[Jump]:
        """The places of the screen that keys can go to."""
        return []

    def turn_window(self) -> None:
        """`t`"""

    def turn_pause(self) -> None:
        """`space`"""

    def copies(self) -> list[Item]:
        """What `y` offers, the command for what is shown first. A value that begins with `@` is had from the log."""
        return []
