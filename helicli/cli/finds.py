"""Calls that were found, printed page by page as they come.

Owns the way to stdout in each format: a table fitted to the first page, lines, or one JSON array, which is whole also
where the search was stopped. What was printed is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from helicli.cli import shaping
from helicli.cli.options import Invocation
from helicli.query.calls import Call
from helicli.query.reading import Log
from helicli.view.fields import listed
from helicli.view.found import Table
from helicli.view.listing import Shape
from helicli.view.rows import json_line
from helicli.view.summary import Tally

OWN: Final = listed(
    ("seq", "created_at", "status", "model", "latency_ms", "input_tokens", "output_tokens", "cost_usd", "user", "name")
)
"""What a list holds for programs where no columns are asked for: nothing that is read from bodies."""


class Finds:
    """One list."""

    def __init__(self, run: Invocation, db: Log, shape: Shape) -> None:
        self._run = run
        self._out = run.out
        self._db = db
        self._fitted = shape.format == "table" and shape.fields is None
        lines_of_own = shape.fields is None and shape.format in ("plain", "csv")
        self._shape = (
            Shape(format=shape.format, fields=OWN, header=shape.header, when=shape.when) if lines_of_own else shape
        )
        self._table: Table | None = None
        self._begun = False
        self._held: str | None = None
        self.tally = Tally()

    def show(self, calls: Sequence[Call]) -> None:
        """Print calls."""
        if not calls:
            return
        self._begin(calls)
        said = self._said(calls)
        for call in calls:
            self.tally.add(call)
            self._print(call, said.get(call.seq, ""))

    def end(self) -> None:
        """Print what stands below all calls."""
        if self._shape.format == "json":
            self._out.data("[]" if self._held is None else f"{self._held}]")
        elif self._shape.format == "csv":
            self._begin([])

    def _begin(self, first: Sequence[Call]) -> None:
        if self._begun:
            return
        self._begun = True
        if self._fitted:
            when = shaping.when(self._run, "relative")
            self._table = Table(first, self._out.width, self._out.style, when)
            if self._run.maybe("header") is not False:
                self._out.data(self._table.head())
            return
        head = self._shape.head(self._out.width, self._out.style)
        if head is not None:
            self._out.data(head)

    def _said(self, calls: Sequence[Call]) -> dict[int, str]:
        if self._fitted or not self._shape.needs_text:
            return {}
        from helicli.query.wire import last_said

        return last_said(self._db, [call for call in calls if not call.failed])

    def _print(self, call: Call, said: str) -> None:
        if self._table is not None:
            self._out.data(self._table.line(call))
        elif self._shape.format == "json":
            told = json_line(self._shape.as_object(call, said))
            # The comma comes with the next one, so that the array is whole wherever it ends.
            if self._held is not None:
                self._out.data(f"{self._held},")
            self._held = told if self._held is not None else f"[{told}"
        else:
            self._out.data(self._shape.line(call, said, self._out.width, self._shape.when.dated))
