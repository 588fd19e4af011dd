"""Help: the keys of a screen, those that are everywhere, and how filters are written. All of it from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from helicli.tui import keys
from helicli.tui.widgets.canvas import Line, OneLine
from helicli.tui.widgets.lines_view import LinesView

_TWO: Final = 110
"""From so many cells on there are two columns."""

_FILTERS: Final = (
    ("user:ada,linus", "either of them"),
    ("model:gpt-4o*", "* stands for any text"),
    ("status:error status:4xx", "failed; a class"),
    ("cost:>0.01 latency:1s..5s", "compared; ranges; units"),
    ("prop.Feature:search", "a property; * for any"),
    ("has:error is:stream is:cached", "what a call has, or is"),
    ('"refund policy"', "what was said"),
    ("-cache:hit", "what does not hold"),
    ("user:a or (is:stream -user:b)", "either; AND binds more"),
    ("@slow", "a saved filter"),
)


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """The page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,ctrl+c,enter", "leave", show=False),
        Binding("j,down", "by(1)", show=False),
        Binding("k,up", "by(-1)", show=False),
        Binding("pagedown,ctrl+f,ctrl+d,space", "page(1)", show=False),
        Binding("pageup,ctrl+b,ctrl+u", "page(-1)", show=False),
    ]

    def __init__(self, screen: str, bound: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._screen = screen
        self._bound = bound

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box help"):
            yield LinesView()
            yield OneLine()

    def on_mount(self) -> None:
        """Show it."""
        room = self.app.size
        lines = page(self._screen, self._bound, room.width)
        longest = max(sum(cell_len(text) for text, _ in line) for line in lines)
        self.query_one(".box").styles.width = min(room.width, longest + 5)
        view = self.query_one(LinesView)
        view.styles.height = min(len(lines), max(3, room.height - 3))
        if len(lines) > room.height - 3:
            self.query_one(OneLine).tell([(" j k space scroll, esc goes back", "dim")])
        else:
            self.query_one(OneLine).display = False
        view.show(lines)
        view.focus()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_by(self, rows: int) -> None:
        """Scroll."""
        self.query_one(LinesView).by(rows)

    def action_page(self, part: int) -> None:
        """Scroll."""
        self.query_one(LinesView).by_pages(part)


def page(screen: str, bound: Mapping[str, Sequence[str]], width: int) -> list[Line]:
    """The lines: in two columns where there is room, beside each other what is about as long."""
    blocks = [_block(scope, bound) for scope in (*reversed(keys.OF_SCREEN[screen]), keys.EVERYWHERE)]
    filters: list[Line] = [[("filters", "title")]]
    filters += [[(f"  {text:<30}", "accent"), (told, "")] for text, told in _FILTERS]
    filters += [[("", "")], [("  tab completes, ↑ ↓ older filters, esc gives up", "dim")]]
    blocks.append(filters)
    if width < _TWO:
        return _joined(blocks)
    columns = [(_joined(blocks[:at]), _joined(blocks[at:])) for at in range(1, len(blocks))]
    left, right = min(columns, key=lambda pair: max(len(pair[0]), len(pair[1])))
    column = max(sum(cell_len(text) for text, _ in line) for line in left) + 2
    lines: list[Line] = []
    for first, second in zip_longest(left, right, fillvalue=()):
        taken = sum(cell_len(text) for text, _ in first)
        lines.append([*first, (" " * (column - taken), ""), *second])
    return lines


def _joined(blocks: Sequence[list[Line]]) -> list[Line]:
    """One below another, an empty line between."""
    lines: list[Line] = []
    for block in blocks:
        lines += [*([[("", "")]] if lines else []), *block]
    return lines


def _block(scope: str, bound: Mapping[str, Sequence[str]]) -> list[Line]:
    rows: list[tuple[str, str]] = []
    actions = iter(keys.bindings_of(scope))
    for action in actions:
        pressed = list(bound[action.id])
        if action.both:
            other = bound[next(actions).id]
            # The first key of each, then the others: they belong together in pairs.
            pressed = [key for pair in zip_longest(pressed, other) for key in pair if key]
        rows.append((" ".join(keys.shown(key) for key in pressed), action.both or action.doc))
    wide = max(len(told) for told, _ in rows)
    return [[(keys.SCOPES[scope], "title")], *([(f"  {told:<{wide}}  ", "accent"), (doc, "")] for told, doc in rows)]
