"""Where a body is cut: elements that are sent again, long texts, and the marks that wander over them.

Pure, and by byte offset: joining what was cut gives the body back whatever it was, because nothing is read out of it
but places. What cannot be cut is kept whole. Never re-serialises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct

PART_MIN: Final = 256
"""Elements are gathered, from the first on, until they have so many bytes: a row of its own costs a hundred."""

TEXT_MIN: Final = 512
"""A string under one of the keys of `_TEXTS` is cut out from this length on."""

_LISTS: Final = frozenset(("messages", "input", "contents", "tools"))
_TEXTS: Final = frozenset(("system", "instructions", "systemInstruction", "system_instruction", "prompt"))
_WRAPPERS: Final = frozenset(("request", "response"))
"""Keys under which a whole body stands: Gemini's in Google's own tools, the Responses API's in its events."""

_ECHOED: Final = (b'"tools"', b'"instructions"')

_MARK: Final = re.compile(rb'"cache_control"\s{0,64}:\s{0,64}\{[^{}]{0,200}\}(\s{0,64},\s{0,64})?')
_EVENT: Final = re.compile(rb"^data:[ \t]{0,8}(\{[^\n]{2048,})", re.MULTILINE)
"""The data of an event that is long enough to repeat what was asked."""

_SPACES: Final = b" \t\r\n"
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_COLON: Final = re.compile(rb"\s{0,64}:\s{0,64}")
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_PLACES_TRIED: Final = 16

_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Cut(Struct, frozen=True):
    """A body in pieces: literals[0] chains[0] literals[1] … chains[n-1] literals[n], each chain the parts of one place.

    `marks` are put in afterwards: each an offset in the joined pieces, before marks, and the bytes that stood there.
    """

    literals: list[bytes]
    chains: list[list[bytes]]
    marks: list[tuple[int, bytes]]


def cut(body: bytes) -> Cut | None:
    """A body in pieces; None where there is nothing to cut out."""
    if len(body) < PART_MIN:
        return None
    text, marks = _without_marks(body)
    try:
        places = sorted(_chains(text))
    except (ValueError, RecursionError, IndexError):
        return None
    literals: list[bytes] = []
    chains: list[list[bytes]] = []
    done = 0
    for start, ends in places:
        if start < done:
            continue
        literals.append(text[done:start])
        parts = []
        for end in ends:
            parts.append(text[start:end])
            start = end
        chains.append(parts)
        done = start
    if not chains:
        return None
    literals.append(text[done:])
    return Cut(literals, chains, marks)


def join(pieces: Cut) -> bytes:
    """The body that was cut."""
    rows = [pieces.literals[0]]
    for parts, literal in zip(pieces.chains, pieces.literals[1:], strict=True):
        rows += parts
        rows.append(literal)
    text = b"".join(rows)
    if not pieces.marks:
        return text
    rows, done = [], 0
    for at, mark in pieces.marks:
        rows += (text[done:at], mark)
        done = at
    return b"".join((*rows, text[done:]))


def _without_marks(body: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """A body as if nothing were marked for caching, and the marks, each with the comma that came with it."""
    if body.find(b'"cache_control"') < 0:
        return body, []
    rows: list[bytes] = []
    marks: list[tuple[int, bytes]] = []
    done = kept = 0
    for found in _MARK.finditer(body):
        before = body[max(done, found.start() - 64) : found.start()].rstrip(b" \t\r\n")
        if before.endswith(b","):
            start = max(done, found.start() - 64) + len(before) - 1
            end = found.end() if found[1] is None else found.start(1)
        else:
            start, end = found.span()
        rows.append(body[done:start])
        kept += start - done
        marks.append((kept, body[start:end]))
        done = end
    return b"".join((*rows, body[done:])), marks


def _chains(text: bytes) -> Iterator[tuple[int, list[int]]]:
    """Where each chain begins, and where each of its parts ends; in no order, some may overlap."""
    if text[:1] in (b"{", b" ", b"\n", b"\r", b"\t"):
        yield from _in_object(text, text, 0, 2)
        return
    if not text.startswith((b"data:", b"event:", b":", b"id:")) or not any(key in text for key in _ECHOED):
        return
    for line in _EVENT.finditer(text):
        with suppress(ValueError, RecursionError):
            yield from _in_object(text, line[1], line.start(1), 2)


def _in_object(text: bytes, value: bytes, start: int, depth: int) -> Iterator[tuple[int, list[int]]]:
    """The chains in an object that stands at `start` of the text."""
    for key, raw in _object.decode(value).items():
        if key not in _LISTS and key not in _TEXTS and key not in _WRAPPERS:
            continue
        inner = bytes(raw)
        if len(inner) < PART_MIN:
            continue
        at = _place(text, key.encode(), inner, start, start + len(value))
        if at < 0:
            continue
        if key in _WRAPPERS:
            if depth and inner.startswith(b"{"):
                yield from _in_object(text, inner, at, depth - 1)
        elif key in _LISTS and inner[:64].translate(None, _SPACES).startswith(b"[{"):
            yield from _elements(text, inner, at)
        else:
            for found in _STRING.finditer(inner):
                if found.end() - found.start() >= TEXT_MIN:
                    yield at + found.start(), [at + found.end()]


def _place(text: bytes, key: bytes, value: bytes, start: int, end: int) -> int:
    """Where the value of a key stands; -1 where it is not found by looking for it."""
    name = b'"' + key + b'"'
    for _ in range(_PLACES_TRIED):
        start = text.find(name, start, end)
        if start < 0:
            break
        start += len(name)
        colon = _COLON.match(text, start)
        if colon and text.startswith(value, colon.end()):
            return colon.end()
    return -1


def _elements(text: bytes, array: bytes, start: int) -> Iterator[tuple[int, list[int]]]:
    """The chain of an array at `start`: a part begins where the last one ended, so that it holds its own comma."""
    first = last = at = start + 1
    ends: list[int] = []
    for element in _array.decode(array):
        at = _after_space(text, at) + memoryview(element).nbytes
        if at - last >= PART_MIN:
            ends.append(at)
            last = at
        at = _after_space(text, at)
        if text[at] not in b",]":
            return
        at += 1
    if ends:
        yield first, ends


def _after_space(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
