"""A call as data: a JSON object, or a row of tab-separated text.

Owns how each kind of column is written. Units are those of the column's name and precision is what is stored; JSON
holds no sign that drives a terminal, a row has one line and as many fields as columns.
"""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

import msgspec

from helicli.columns import COLUMNS, Column, Kind
from helicli.query.calls import Call
from helicli.units import rfc3339
from helicli.view.safe import safe

TAIL: Final = ("seq", "created_at", "status", "model", "latency_ms", "input_tokens", "output_tokens", "cost_usd")
"""The columns a list of calls begins with on a pipe."""

_BY_NAME: Final = {column.name: column for column in COLUMNS}
_ESCAPED: Final = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def as_object(call: Call) -> dict[str, Any]:
    """All columns by their names: numbers, strings, null, and `properties` an object."""
    return {column.name: _value(column, getattr(call, column.field)) for column in COLUMNS}


def json_line(value: Any) -> str:
    """A value as JSON on one line. Signs that JSON lets through but a terminal obeys are escaped."""
    return _ESCAPED.sub(_escape, msgspec.json.encode(value).decode())


def tsv(call: Call, text: str) -> str:
    """A call as a row: TAIL, user, name, and the error or else what was said. An empty field is null."""
    fields = [_plain(_value(_BY_NAME[name], getattr(call, _BY_NAME[name].field))) for name in TAIL]
    return "\t".join([*fields, safe(call.user or ""), safe(call.name or ""), safe(text)])


def _value(column: Column, stored: Any) -> Any:
    if stored is None:
        return None
    if column.kind is Kind.MS:
        return stored / 1000
    if column.kind is Kind.USD:
        return stored / 1e9
    if column.kind is Kind.INSTANT:
        return rfc3339(stored)
    return str(UUID(bytes=stored)) if column.kind is Kind.ID else stored


def _plain(value: Any) -> str:
    """A field for people and programs: money without an exponent."""
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    return "" if value is None else safe(str(value))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
