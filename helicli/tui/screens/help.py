"""Help: the keys of a screen, those that are everywhere, and how filters are written. All of it from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from helicli.tui import keys
from helicli.tui.widgets.canvas import Line
from helicli.tui.widgets.lines_view import LinesView

_FILTERS = (
    ("user:ada,linus", "either of them"),
    ("model:gpt-4o*", "* stands for any text"),
    ("status:error status:4xx", "failed; a class of status"),
    ("cost:>0.01 latency:1s..5s", "compared; ranges; with units"),
    ("prop.Feature:search", "a property; * is any value"),
    ("has:error is:stream is:cached", "what a call has, what it is"),
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

    def on_mount(self) -> None:
        """Show it."""
        wide = self.app.size.width >= 100
        lines = page(self._screen, self._bound, 56 if wide else 0)
        box = self.query_one(".box")
        box.styles.width = min(self.app.size.width - 2, 124 if wide else 76)
        view = self.query_one(LinesView)
        view.styles.height = min(len(lines), self.app.size.height - 4)
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


def page(screen: str, bound: Mapping[str, Sequence[str]], column: int) -> list[Line]:
    """The lines; in two columns of so many cells, or in one where that is 0."""
    here = [block for scope in keys.OF_SCREEN[screen] for block in _block(scope, bound)]
    everywhere = _block(keys.EVERYWHERE, bound)
    filters: list[Line] = [[("filters", "title")]]
    filters += [[(f"  {text:<31}", "accent"), (told, "")] for text, told in _FILTERS]
    filters += [[("", "")], [("  tab completes, ↑ ↓ older filters, esc gives up", "dim")]]
    right = [*everywhere, *filters]
    if not column:
        return [*here, *right]
    lines: list[Line] = []
    for at in range(max(len(here), len(right))):
        first = here[at] if at < len(here) else []
        taken = sum(len(text) for text, _ in first)
        second = right[at] if at < len(right) else []
        lines.append([*first, (" " * max(2, column - taken), ""), *second])
    return lines


def _block(scope: str, bound: Mapping[str, Sequence[str]]) -> list[Line]:
    lines: list[Line] = [[(keys.SCOPES[scope], "title")]]
    for action in keys.bindings_of(scope):
        told = " ".join(keys.shown(key) for key in bound[action.id])
        lines.append([(f"  {told:<13}", "accent"), (action.doc, "")])
    return [*lines, [("", "")]]
