"""The line at the top and the line at the bottom of every screen.

Owns how they are fitted: what matters most stands where it is cut last. The keys at the bottom are those of the table,
and can be clicked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from helicli.tui import keys
from helicli.tui.keys import Action
from helicli.tui.widgets.canvas import Canvas, Line, strip, style


class TopBar(Canvas):
    """What is looked at: `left` is cut where there is no room, `right` is not."""

    def __init__(self) -> None:
        super().__init__(id="top")
        self._left: Line = ()
        self._right: Line = ()

    def show(self, left: Line, right: Line) -> None:
        """Tell something else."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def line(self, y: int) -> Line:
        """Both sides, as far apart as there is room."""
        room = max(0, self.size.width - _width(self._right) - 2)
        return [*_fitted(self._left, room), (" ", ""), *self._right, (" ", "")]


def _width(line: Line) -> int:
    return sum(cell_len(text) for text, _ in line)


def _fitted(line: Line, room: int) -> list[tuple[str, str]]:
    """A line of exactly `room` cells; its last part is cut first."""
    from rich.cells import set_cell_size

    fitted: list[tuple[str, str]] = []
    for text, role in line:
        taken = min(cell_len(text), room)
        if taken < cell_len(text):
            text = set_cell_size(text, max(0, taken - 1)) + ("…" if taken else "")
        fitted.append((text, role))
        room -= taken
    return [*fitted, (" " * room, "")]


class KeyBar(Canvas):
    """The keys that matter here, as many as there is room for."""

    def __init__(self, screen: str, bound: Mapping[str, Sequence[str]]) -> None:
        super().__init__(id="keys")
        told = [action for action in keys.of_screen(screen) if action.hint]
        told += [action for action in keys.bindings_of(keys.EVERYWHERE) if action.hint]
        self._actions = told
        self._bound = bound

    def render_line(self, y: int) -> Strip:
        """The keys, each of which does what it says when it is clicked."""
        segments: list[Segment] = [Segment(" ", style(self, ""))]
        left = self.size.width - 1
        for action, text in self._told():
            taken = cell_len(text) + cell_len(action.hint) + 3
            if taken > left:
                break
            click = Style.from_meta({"@click": f"app.do('{action.id}')"})
            segments.append(Segment(text, style(self, "accent") + click))
            segments.append(Segment(f" {action.hint}  ", style(self, "") + click))
            left -= taken
        rest = strip(self, (), max(0, left))
        return Strip([*segments, *rest], self.size.width)

    def _told(self) -> list[tuple[Action, str]]:
        # Help is told always: it tells the rest.
        order = sorted(self._actions, key=lambda action: action.id != "help")
        return [(action, keys.shown(self._bound[action.id][0])) for action in order if self._bound[action.id]]
