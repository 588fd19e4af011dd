"""The marks that Helicone's older prompt formatters put around values in a request's texts.

Owns how they are taken off: what stands between them stays in its place, and all else of the body keeps its bytes.
Pure; takes time in proportion to the body, whatever it holds.

    Write about <helicone-prompt-input key="topic">tea</helicone-prompt-input>      is     Write about tea
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from helicli import headers as h

# Of a text in JSON: an unescaped quote ends it, and what follows is no part of a mark. Nothing is tried twice.
_REST: Final = rb'([^<>"\\]*+(?:\\[^<>][^<>"\\]*+)*+)'
_MARK: Final = re.compile(rb"<(\\?/)?\s*(?:" + b"|".join(h.PROMPT_MARKS) + rb")\b" + _REST + rb">")
_KEY: Final = re.compile(rb'\bkey=\\"(.*?)\\"', re.DOTALL)
_DEPTH: Final = 4


def unmarked(body: bytes) -> tuple[bytes, dict[str, str]] | None:
    """A body of JSON without the marks, and the values by their keys; None where it has none."""
    kept: list[bytes] = []
    values: dict[str, str] = {}
    begun: list[tuple[bytes, int]] = []
    at = 0
    for found in _MARK.finditer(body):
        kept.append(body[at : found.start()])
        at = found.end()
        if not found[1]:
            key = _KEY.search(found[2])
            # What is begun again and again and never ended is not gathered.
            begun = [*begun[-_DEPTH:], (key[1] if key else b"", len(kept))]
        elif begun:
            name, first = begun.pop()
            if name:
                values[_text(name)] = _text(b"".join(kept[first:]))
    if not at:
        return None
    return b"".join([*kept, body[at:]]), values


def _text(data: bytes) -> str:
    """The text that stands so in JSON."""
    try:
        return msgspec.json.decode(b'"' + data + b'"', type=str)
    except (msgspec.MsgspecError, ValueError):
        return data.decode("utf-8", "replace")
