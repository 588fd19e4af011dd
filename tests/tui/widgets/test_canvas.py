"""Lines in roles, cut and filled to the width of the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App

import helicli.tui
from helicli.tui.widgets.canvas import ROLES, Canvas, strip

pytestmark = pytest.mark.anyio


class Three(Canvas):
    def line(self, y):
        return [("one ", "ok"), ("[red]two[/] 日本", "bad"), ("three" * 40, "")]


class Shown(App[None]):
    CSS_PATH = Path(helicli.tui.__file__).with_name("helicli.tcss")

    def compose(self):
        yield Three()


async def test_a_line_is_as_wide_as_the_widget_and_no_markup():
    app = Shown()
    for width in (40, 9, 1):
        async with app.run_test(size=(width, 3)) if width == 40 else Shown().run_test(size=(width, 3)) as pilot:
            widget = pilot.app.query_one(Three)
            line = widget.render_line(0)
            assert line.cell_length == width
            assert sum(segment.cell_length for segment in line) == width
            if width == 40:
                assert line.text.startswith("one [red]two[/] 日本three")
                assert strip(widget, [("a", "dim")], 5, "cursor").text == "a    "


async def test_every_role_has_a_look():
    css = Path(helicli.tui.__file__).with_name("helicli.tcss").read_text()
    for role in ROLES:
        assert re.search(rf"\.canvas--{role}\b", css), role
