"""The keys that mark calls, and what can be done with those that are marked.

Owns what the menu of them offers; the marks themselves are the app's, they stay while filters change.
"""

from __future__ import annotations

from functools import partial

from helicli.tui import commands
from helicli.tui.screens.lists import ListScreen
from helicli.tui.screens.menu import Item, Menu


class Marking(ListScreen):
    """A list of calls with these keys."""

    def action_mark(self) -> None:
        """`x`"""
        seq = self.table.seq
        if seq is not None:
            self.house.marks.turn(seq)
            self.table.turned()
            self.table.by(1)

    def action_marks(self) -> None:
        """`X`"""
        marked = list(self.house.marks)
        if not marked:
            self.house.tell("no call is marked; x marks one")
            return
        these = "seq:" + ",".join(map(str, marked))
        command = commands.filter_command(self.setup, these, "all")
        items = [
            Item("only", "only these calls", "o", these),
            Item(command, "copy the command for them", "c", command),
            Item(f"{command} --format jsonl", "copy the command for them as JSON", "j", f"{command} --format jsonl"),
            Item("clear", "unmark them", "u"),
        ]
        if len(marked) == 2:
            items.insert(0, Item("diff", "what differs between them", "d", f"{marked[1]} and {marked[0]}"))
        self.app.push_screen(Menu(f"{len(marked)} marked", items), partial(self._do_marked, marked, these))

    def clear_marks(self) -> None:
        """Unmark them all."""
        self.house.marks.clear()
        self.table.turned()

    def _do_marked(self, marked: list[int], these: str, what: str | None) -> None:
        if what == "only":
            self.choose(these, "all")
        elif what == "clear":
            self.clear_marks()
        elif what == "diff":
            self.house.inspect(self, marked[0], "diff")
        elif what is not None:
            self.house.copy(what)
