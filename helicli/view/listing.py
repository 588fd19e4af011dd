"""Calls as lines of the format that was asked for: table, plain, json, jsonl or csv.

Owns what each format looks like; the same calls in the same order in all of them. A line can be written as soon as its
call is known, save in `json`, which is one array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from helicli.query.calls import Call
from helicli.view.fields import LINE, TEXT, Field, told_of
from helicli.view.formats import csv_cell
from helicli.view.rows import as_object, json_line
from helicli.view.style import Painted, Style
from helicli.view.text import cells, cut, left, right
from helicli.view.when import When

_GAP: Final = "  "


class Shape(Struct, frozen=True, kw_only=True):
    """How a list is written: the format, the columns (None: those the format has by itself), the head, the instants."""

    format: str
    fields: tuple[Field, ...] | None = None
    header: bool = False
    when: When = When()

    @property
    def needs_text(self) -> bool:
        """Whether the last message of a call is to be read for its line."""
        if self.fields is None:
            return self.format not in ("json", "jsonl")
        return any(each.name == TEXT for each in self.fields)

    def as_object(self, call: Call, said: str = "") -> dict[str, Any]:
        """A call as JSON holds it."""
        if self.fields is None:
            return as_object(call)
        told = told_of(call, said)
        return {each.name: each.value(call, told) for each in self.fields}

    def line(self, call: Call, said: str, width: int, instant: Callable[[int], str]) -> str:
        """A call's line; `width` matters to a table only, whose instants `instant` writes."""
        if self.format in ("json", "jsonl"):
            return json_line(self.as_object(call, said))
        told = told_of(call, said)
        if self.format == "table":
            return _table([each.cell(call, told, instant) for each in self._own], self._own, width)
        plain = [each.plain(call, told, self.when) for each in self._own]
        if self.format == "plain":
            return "\t".join(plain)
        return ",".join(csv_cell(text, each.is_number) for text, each in zip(plain, self._own, strict=True))

    def head(self, width: int, style: Style) -> str | None:
        """The line above all calls; None where there is none."""
        if not self.header or self.format in ("json", "jsonl"):
            return None
        if self.format == "table":
            titles = [each.title for each in self._own]
            return style.dim(_table(titles, self._own, width))
        names = [each.name for each in self._own]
        return "\t".join(names) if self.format == "plain" else ",".join(csv_cell(name) for name in names)

    @property
    def _own(self) -> tuple[Field, ...]:
        return self.fields or LINE


def _table(texts: Sequence[str], fields: Sequence[Field], width: int) -> Painted:
    """A row of fixed columns; the last takes what room there is."""
    parts: list[str] = []
    for at, (text, each) in enumerate(zip(texts, fields, strict=True)):
        if at == len(fields) - 1 and not each.is_number:
            parts.append(text)
        else:
            parts.append(right(text, each.width) if each.is_number else left(text, each.width))
    return Painted(cut(_GAP.join(parts).rstrip(), width))


def record(rows: Sequence[tuple[str, str]], style: Style, *, table: bool) -> list[str]:
    """One thing as lines of names and values that are safe: aligned for people, or separated by a tab."""
    if not table:
        return [f"{name}\t{value}" for name, value in rows]
    widest = max((cells(name) for name, _ in rows), default=0)
    return [f"{style.dim(left(name, widest))}{_GAP}{value}" for name, value in rows]
