"""Calls, printed as a list: the lines, and what they come to.

Owns the one way in which calls reach stdout as a list, in any format.
"""

from __future__ import annotations

from typing import Any

from helicli.cli.options import Invocation
from helicli.filters import Filter
from helicli.query.calls import Call
from helicli.query.follow import Follower
from helicli.view import lines
from helicli.view.formats import csv_cell
from helicli.view.listing import Shape, record
from helicli.view.rows import both_sides, json_line
from helicli.view.safe import safe


class Lister:
    """Prints calls as they are found. What is said in them is read through `follower`."""

    def __init__(
        self, run: Invocation, selection: Filter, shape: Shape, follower: Follower, *, bodies: bool = False
    ) -> None:
        self._run = run
        self._out = run.out
        self._selection = selection
        self._shape = shape
        self._follower = follower
        self._bodies = bodies
        self._held: list[dict[str, Any]] = []
        self.tally = lines.Tally()
        # Whose they are need not be said again where one user was asked for.
        self._whose = len(selection.named("user")) != 1

    def begin(self) -> None:
        """Print what stands above all calls."""
        head = self._shape.head(self._out.width, self._out.style)
        if head is not None:
            if self._as_lines:
                head = lines.head_line(self._out.width, self._out.style, self._shape.when, user=self._whose)
            self._out.data(head)

    def show(self, calls: list[Call]) -> None:
        """Print calls."""
        asked = [call for call in calls if not call.failed] if self._shape.needs_text else []
        said = self._follower.said(asked) if asked else {}
        for call in calls:
            self.tally.add(call)
            self._print(call, said.get(call.seq, ""))

    def end(self) -> None:
        """Print what stands below all calls."""
        if self._shape.format == "json":
            self._out.data(json_line(self._held))

    def footer(self) -> str:
        """The same, with what was chosen."""
        chosen = self._selection.told(self._run.zone)
        return " · ".join([self.tally.told(), chosen] if chosen else [self.tally.told()])

    @property
    def _as_lines(self) -> bool:
        return self._shape.format == "table" and self._shape.fields is None

    def _print(self, call: Call, said: str) -> None:
        if self._shape.format in ("json", "jsonl"):
            self._print_object(call, said)
            return
        if self._as_lines:
            line: str = lines.call_line(
                call, self._out.width, self._out.style, self._shape.when, said=said, user=self._whose
            )
        else:
            line = self._shape.line(call, said, self._out.width, self._shape.when.dated)
        self._out.data(line)
        if self._bodies:
            self._print_talk(call)

    def _print_object(self, call: Call, said: str) -> None:
        told = self._shape.as_object(call, said)
        sides = self._follower.wire(call) if self._bodies else None
        if sides is not None:
            told |= both_sides(call, sides)
        if self._shape.format == "json":
            self._held.append(told)
        else:
            self._out.data(json_line(told))

    def _print_talk(self, call: Call) -> None:
        from helicli.query.wire import conversation
        from helicli.view.page import Page, talk

        sides = self._follower.wire(call)
        if sides is None:
            return
        table = self._shape.format == "table"
        look = Page(self._out.style, self._out.width) if table else Page(type(self._out.style)(False))
        for line in talk(conversation(call, sides), look):
            self._out.data(line)


def print_record(run: Invocation, shape: Shape, told: dict[str, Any], rows: dict[str, str] | None = None) -> None:
    """Print one thing: `told` for programs, `rows` of safe text for people and pipes."""
    out = run.out
    if shape.format in ("json", "jsonl"):
        out.data(json_line(told))
        return
    if shape.format == "csv":
        if shape.header:
            out.data(",".join(csv_cell(name) for name in told))
        out.data(",".join(csv_cell("" if value is None else safe(str(value))) for value in told.values()))
        return
    pairs = list((rows or {name: safe(str(value)) for name, value in told.items()}).items())
    for line in record(pairs, out.style, table=shape.format == "table"):
        out.data(line)
