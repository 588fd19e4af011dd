"""The calls behind a figure of analytics, and the commands that tell the same figures.

Owns how what is pointed at becomes a filter and a time. What a figure counts is what is found, neither more nor less.
"""

from __future__ import annotations

import shlex

from msgspec.structs import replace

from helicli.filters.terms import FIELDS, Check, Field, no, text
from helicli.filters.values import Kind, Present
from helicli.grouping import By, Value
from helicli.tui import commands as writing
from helicli.tui.analysis import Course
from helicli.tui.grouped import GroupKey, KindKey
from helicli.tui.looking import Look
from helicli.tui.measures import Measure
from helicli.tui.setup import Setup


def of_measure(setup: Setup, look: Look, course: Course, measure: Measure, at: int) -> tuple[str, str]:
    """The filter and the time of the calls behind a measure: those of a stretch, or of the window for -1."""
    edges = course.edges
    return look.narrowed(setup, measure.narrowing, (edges[at], edges[at + 1]) if at >= 0 else None)


def of_row(setup: Setup, look: Look, group: By, key: object) -> tuple[str, str] | None:
    """The same of a row of a list; None for one that stands for several."""
    if isinstance(key, KindKey):
        return look.narrowed(setup, key.filter)
    if isinstance(key, GroupKey):
        return replace(look, typed=of_group(setup, look.typed, group, key.value)).narrowed(setup, "")
    return None


def of_group(setup: Setup, typed: str, group: By, value: Value) -> str:
    """A filter that leaves the calls of one group of those of another filter."""
    if value is not None:
        return writing.narrowed(setup, typed, group.name, str(value))
    field = FIELDS.get(group.column) or Field(group.name, Kind.TEXT)
    return writing.joined(setup, typed, text(no(Check(field, (Present(),)))))


def commands(setup: Setup, look: Look, group: By, course: Course | None) -> list[tuple[str, str, str]]:
    """The commands for what is shown: the letter that chooses it, what it is for, the command."""
    told: list[tuple[str, str, str, list[str]]] = [("s", "these figures", "stats", [])]
    if course is not None:
        told.append(("o", "over time", "stats", _every(course.every)))
    told.append(("g", f"by {group.name}", "costs", ["--by", group.name]))
    told.append(("c", "these calls", "filter", []))
    return [(letter, name, _command(setup, look, command, more)) for letter, name, command, more in told]


def _command(setup: Setup, look: Look, name: str, more: list[str]) -> str:
    words = [setup.program, name]
    if look.typed.strip():
        words.append(shlex.quote(look.typed.strip()))
    return " ".join([*words, look.options(), *map(shlex.quote, more)])


def _every(stretch: str) -> list[str]:
    """The option that cuts the time into the same stretches."""
    return ["--by", stretch] if stretch in ("week", "month") else ["--every", stretch]
