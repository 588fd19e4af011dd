"""Requests made to fit their model: white space and comments taken out, ends or the middle cut away.

Owns which texts of a request are shortened, and how: as Helicone does, at both ends of a conversation last. Pure; what
is not text stays as it is. A body that is no JSON, or cannot be made to fit, is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from helicli.providers import lenient
from helicli.providers.estimate import tokens

CHUNK: Final = 1000
"""Characters of a piece that is cut out at once, at most."""

_TEXTS: Final = frozenset(("content", "text", "input", "prompt", "instructions", "system", "output"))
_LOOKED_INTO: Final = _TEXTS | {"messages", "contents", "parts", "systemInstruction"}
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_UUID: Final = re.compile(
    r"\"?\bid\"?\s{0,4}[:=]\s{0,4}\"?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\"?\s?,?", re.IGNORECASE
)
_SPACES: Final = re.compile(r"[ \t]+")
_LINES: Final = re.compile(r"\s*\n\s*")
_AROUND: Final = re.compile(r" ?([,.;:!?()\[\]{}]) ?")
_BREAKS: Final = ("\n\n", "\n", ". ", " ")

Change = Callable[[str], str]


def truncate(body: bytes, tokens_now: int, tokens_most: int) -> bytes | None:
    """The body with its texts cleaned and, where that is not enough, each cut by the same share at its end."""
    request = lenient.loads(body)
    texts = _texts(request)
    if not texts:
        return None
    cleaned = [_cleaned(text) for text in texts]
    counts = [tokens(text) for text in cleaned]
    rest = max(0, tokens_now - sum(map(tokens, texts)))
    room, whole = tokens_most - rest, sum(counts)
    if room <= 0:
        return None
    if whole > room:
        cleaned = [_first(text, count * room // whole) for text, count in zip(cleaned, counts, strict=True)]
    return _with(request, cleaned)


def middle_out(body: bytes, tokens_now: int, tokens_most: int) -> bytes | None:
    """The body without the pieces that stand nearest to the middle of all its texts, as few as will do."""
    request = lenient.loads(body)
    texts = _texts(request)
    pieces = [(number, piece) for number, text in enumerate(texts) for piece in _pieces(text)]
    counts = [tokens(piece) for _, piece in pieces]
    over = max(0, tokens_now - sum(map(tokens, texts))) + sum(counts) - tokens_most
    middle = (len(pieces) - 1) / 2
    gone = set()
    for at in sorted(range(len(pieces)), key=lambda at: (abs(at - middle), at)):
        if over <= 0:
            break
        gone.add(at)
        over -= counts[at]
    if over > 0 or not pieces:
        return None
    kept = [""] * len(texts)
    for at, (number, piece) in enumerate(pieces):
        if at not in gone:
            kept[number] += piece
    return _with(request, kept)


def _texts(request: Any) -> list[str]:
    """The texts of a conversation, in their order."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    _changed(request, keep)
    return found


def _with(request: Any, texts: list[str]) -> bytes:
    """The body with other texts in the places of its own."""
    following = iter(texts)
    changed = _changed(request, lambda _: next(following))
    try:
        return msgspec.json.encode(changed)
    except UnicodeEncodeError:
        # Half of a character, as JSON can spell one: it goes up spelled as it came.
        return json.dumps(changed, separators=(",", ":")).encode()


def _changed(request: Any, change: Change) -> Any:
    """A copy with every text changed; of the top level only what holds a conversation is looked into."""
    if not isinstance(request, dict):
        return request
    return {name: _value(name, value, change) if name in _LOOKED_INTO else value for name, value in request.items()}


def _value(name: str, value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change(value) if name in _TEXTS and value else value
    if isinstance(value, list):
        return [_value(name, each, change) for each in value]
    if isinstance(value, dict):
        return {key: _value(key, each, change) if key in _LOOKED_INTO else each for key, each in value.items()}
    return value


def _cleaned(text: str) -> str:
    for pattern, put in ((_COMMENT, ""), (_UUID, ""), (_SPACES, " "), (_LINES, "\n"), (_AROUND, r"\1")):
        text = pattern.sub(put, text)
    return text.strip()


def _first(text: str, most: int) -> str:
    """The beginning of a text that has at most so many tokens, counted piece by piece: once, however long it is."""
    start = 0
    while start < len(text) and (count := tokens(text[start : start + CHUNK])) <= most:
        most -= count
        start += CHUNK
    low, high = start, min(start + CHUNK, len(text))
    while low < high:
        half = (low + high + 1) // 2
        if tokens(text[start:half]) <= most:
            low = half
        else:
            high = half - 1
    return text[:low]


def _pieces(text: str) -> list[str]:
    """A text in pieces of at most CHUNK characters, cut at the end of a paragraph, a line, a sentence or a word."""
    pieces = []
    while len(text) > CHUNK:
        ends = (text.rfind(mark, 0, CHUNK) + len(mark) for mark in _BREAKS if mark in text[:CHUNK])
        end = next((end for end in ends if end > CHUNK // 2), CHUNK)
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text] if text else pieces
