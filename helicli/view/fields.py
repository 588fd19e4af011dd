"""What a list shows of a call: columns, single properties, and the text told of it.

Owns the names that --columns takes and the three ways in which one is written: a value for JSON, plain text for
programs, and a cell for people. Plain text and cells are safe and stand on one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from helicli.columns import Column, Kind, column
from helicli.errors import UsageError
from helicli.query.calls import Call
from helicli.units import count, dollars, figure, seconds
from helicli.view.lines import trouble
from helicli.view.rows import value_of
from helicli.view.safe import safe
from helicli.view.when import When

TEXT: Final = "text"
_PREFIXES: Final = {"prop.": "properties", "properties.": "properties", "score.": "scores", "scores.": "scores"}
_TEXT: Final = Column(TEXT, "TEXT", Kind.TEXT, "what went wrong, or else the last thing the user said")

_WIDTHS: Final = {
    Kind.ID: 36,
    Kind.INSTANT: 19,
    Kind.WORD: 16,
    Kind.TEXT: 40,
    Kind.COUNT: 6,
    Kind.FLAG: 5,
    Kind.MS: 7,
    Kind.USD: 9,
    Kind.MAP: 32,
}


class Field(Struct, frozen=True):
    """One of them. `label` names a single one of the column `properties` or `scores`."""

    column: Column
    label: str | None = None

    @property
    def name(self) -> str:
        """Its key in JSON and its heading for programs."""
        if self.label is None:
            return self.column.name
        return f"{'score' if self._is_score else 'prop'}.{self.label}"

    @property
    def title(self) -> str:
        """Its heading for people."""
        return safe(self.label).upper() if self.label is not None else self.column.title

    @property
    def width(self) -> int:
        """Its cells in a list of which the end is not known."""
        kind = self.column.kind if self.label is None else Kind.COUNT if self._is_score else Kind.WORD
        return max(_WIDTHS[kind], len(self.title))

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right of its column."""
        return self.column.is_number or (self.label is not None and self._is_score)

    @property
    def _is_score(self) -> bool:
        return self.column.name == "scores"

    def value(self, call: Call, told: str) -> Any:
        """As JSON holds it; `told` is the text told of the call."""
        if self.column is _TEXT:
            return told or None
        if self.label is not None:
            named = call.scores if self._is_score else call.properties
            return next((value for name, value in named.items() if name.lower() == self.label), None)
        return value_of(self.column, getattr(call, self.column.field))

    def plain(self, call: Call, told: str, when: When) -> str:
        """For a program: every figure there is, empty where nothing is known."""
        value = self.value(call, told)
        if value is None:
            return ""
        if self.column.kind is Kind.INSTANT:
            return when.exact(getattr(call, self.column.field))
        if isinstance(value, float):
            return f"{value:.9f}".rstrip("0").rstrip(".")
        if isinstance(value, bool):
            return "true" if value else "false"
        return safe(pairs(value) if isinstance(value, dict) else str(value))

    def cell(self, call: Call, told: str, instant: Callable[[int], str]) -> str:
        """For people: as few figures as count, `–` where nothing is known."""
        stored: Any = None if self.column is _TEXT or self.label is not None else getattr(call, self.column.field)
        value = self.value(call, told)
        if value is None:
            return "–"
        kind = self.column.kind
        if kind is Kind.INSTANT:
            return instant(stored)
        if kind is Kind.MS:
            return seconds(stored)
        if kind is Kind.USD:
            return dollars(stored)
        if kind is Kind.FLAG:
            return "yes" if value else "no"
        if kind is Kind.COUNT and self.column.name.endswith("_tokens"):
            return count(stored)
        if isinstance(value, float):
            return figure(value)
        return safe(pairs(value) if isinstance(value, dict) else str(value))


def pairs(named: Mapping[str, str | float]) -> str:
    """`Feature=search Version=2`, `helpful=0.8`."""
    return " ".join(f"{name}={figure(it) if isinstance(it, float) else it}" for name, it in named.items())


def field(name: str) -> Field:
    """The field of a name: a column, `prop.NAME`, `score.NAME`, or `text`. Raises UsageError."""
    word = name.strip()
    for prefix, known in _PREFIXES.items():
        if word.lower().startswith(prefix) and len(word) > len(prefix):
            return Field(column(known), word[len(prefix) :].lower())
    return Field(_TEXT if word.lower() == TEXT else column(word))


def fields(text: str) -> tuple[Field, ...]:
    """The fields of a list of names: `seq,model,prop.environment`. Raises UsageError."""
    names = [name for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--columns names none", "write --columns seq,model,cost   helicli help columns")
    return tuple(field(name) for name in names)


def listed(names: Sequence[str]) -> tuple[Field, ...]:
    """The fields of names that are known."""
    return tuple(field(name) for name in names)


LINE: Final = listed(
    ("seq", "created_at", "status", "model", "latency_ms", "input_tokens", "output_tokens", "cost_usd")
    + ("user", "name", TEXT)
)
"""What a list of calls holds for programs where no others are asked for."""


def told_of(call: Call, said: str) -> str:
    """The text told of a call: what went wrong, or else what its user said."""
    return trouble(call) or said
