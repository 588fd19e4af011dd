"""What of the table is drawn anew: over a thin line each line counts."""

from contextlib import contextmanager

import pytest

from helicli.tui.widgets import call_table
from tests.tui.scene import scene

pytestmark = pytest.mark.anyio


@contextmanager
def drawn(table):
    """The texts of the lines that are drawn meanwhile."""
    lines, before = [], table.render_line

    def render_line(y):
        line = before(y)
        lines.append(line.text)
        return line

    table.render_line = render_line
    yield lines
    table.render_line = before


async def test_calls_that_come_above_draw_no_line_of_the_rows_on_the_screen(growing):
    path, writer = growing
    async with scene(path) as app:
        await app.press("j", "j", "j")
        with drawn(app.table) as lines:
            writer.add(*range(41, 91))
            await app.until(lambda: len(app.calls) == 90)
            await app.settle()
        assert lines == []
        assert "▲ 50 new" in app.text()
        assert app.table.seq == 37


async def test_calls_that_come_at_the_top_are_drawn_once_they_are_read(growing, monkeypatch):
    path, writer = growing
    # However slow the machine is: that what is read too slowly is drawn as dots is another matter.
    monkeypatch.setattr(call_table, "_BORNE_SECONDS", 60.0)
    async with scene(path) as app:
        with drawn(app.table) as lines:
            for number in range(41, 51):
                writer.add(number, user=f"user-{number}")
                await app.until(lambda last=number: app.calls.known(last) is not None)
            await app.settle()
        assert [line for line in lines if "····" in line] == []
        assert any("user-50" in line for line in lines)
        assert "user-50" in app.text()


async def test_time_that_passes_draws_only_the_lines_that_tell_it(growing):
    path, _ = growing
    async with scene(path) as app:
        with drawn(app.table) as lines:
            app.table.age(app.table.now + 1)
            await app.settle()
            assert lines == []
            app.table.age(app.table.now + 86_400_000)
            await app.settle()
        assert len(lines) == app.table.page


async def test_the_bar_tells_the_place_in_the_list(growing):
    path, _ = growing
    async with scene(path) as app:
        bar = app.table.vertical_scrollbar
        await app.press("G")
        assert (bar.window_virtual_size, round(bar.position)) == (40, 40 - app.table.page)
        await app.press("g")
        assert bar.position == 0
