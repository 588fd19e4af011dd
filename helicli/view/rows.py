"""A call as data: a JSON object.

Owns how each kind of column is written. Units are those of the column's name and precision is what is stored; JSON
holds no sign that drives a terminal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from helicli.columns import COLUMNS, Column, Kind
from helicli.units import rfc3339

if TYPE_CHECKING:
    from helicli.query.calls import Call
    from helicli.query.wire import Side, Wire
    from helicli.rates import Split

_ESCAPED: Final = re.compile(
    "[\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def as_object(call: Call) -> dict[str, Any]:
    """All columns by their names: numbers, strings, null, and `properties` an object."""
    return {column.name: value_of(column, getattr(call, column.field)) for column in COLUMNS}


def made_of(parts: Split | None) -> dict[str, Any]:
    """What a call's cost is made of, null where that is not known."""
    if parts is None:
        return {"cost_parts": None}
    told = {f"{name}_usd": getattr(parts, f"{name}_nano") / 1e9 for name in ("input", "output", "fees", "tries")}
    return {"cost_parts": told}


def both_sides(call: Call, sides: Wire) -> dict[str, Any]:
    """What went over the wire in a call."""
    return {
        "request": _side(sides.request),
        "response": {"status": call.status, **_side(sides.response)},
        "redacted": sides.redacted,
        **({} if sides.inputs is None else {"inputs": msgspec.Raw(sides.inputs)}),
    }


def _side(side: Side) -> dict[str, Any]:
    """Headers, size and body; the body base64 where it is no UTF-8, null where it is not kept."""
    told: dict[str, Any] = {"headers": side.headers, "size": side.size, "body": None}
    if side.held is not None:
        try:
            told["body"] = side.body.decode()
        except UnicodeDecodeError:
            import binascii

            told |= {"body": binascii.b2a_base64(side.body, newline=False).decode(), "body_encoding": "base64"}
        told["complete"] = len(side.held) == side.size
    return told


def json_line(value: Any) -> str:
    """A value as JSON on one line. Signs that JSON lets through but a terminal obeys are escaped."""
    return _ESCAPED.sub(_escape, msgspec.json.encode(value).decode())


def value_of(column: Column, stored: Any) -> Any:
    """A stored value in the unit of its column's name, as JSON holds it."""
    if stored is None:
        return None
    if column.kind is Kind.MS:
        return stored / 1000
    if column.kind is Kind.USD:
        return stored / 1e9
    if column.kind is Kind.INSTANT:
        return rfc3339(stored)
    return str(UUID(bytes=stored)) if column.kind is Kind.ID else stored


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
