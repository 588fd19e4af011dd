"""Bodies of several JSON values: one a line (NDJSON), or an array that arrives piece by piece.

Owns how they are cut apart, also where the body was broken off. Never raises; what is no JSON is left out.
"""

from __future__ import annotations

import json
import re
from typing import Any

from helicli.providers import lenient

_decoder = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*")


def of_lines(body: bytes) -> list[dict[str, Any]]:
    """The objects of a body, one a line. A body that is one value over many lines is that one."""
    whole = lenient.loads(body)
    if whole is not None:
        return lenient.mappings([whole])
    return lenient.mappings([lenient.loads(line) for line in body.splitlines() if line.strip()])


def of_array(body: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The objects of an array and whether it is whole; of one that was cut, those that came whole."""
    whole = lenient.loads(body)
    if isinstance(whole, list):
        return lenient.mappings(whole), True
    text = body.decode("utf-8", "replace").lstrip().removeprefix("[")
    found: list[Any] = []
    at = 0
    while at < len(text):
        gap = _BETWEEN.match(text, at)
        at = gap.end() if gap else at
        try:
            value, at = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
    return lenient.mappings(found), False
