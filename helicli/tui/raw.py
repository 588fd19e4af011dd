"""A body as it went over the wire, in lines to be looked at: JSON, a stream of events, text, or bytes.

Owns how each is laid out and where it is cut. Nothing is decoded and written anew: a number or an escape stands as it
was sent, only white space between them is ours. Every line is safe for a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from helicli.providers import sse
from helicli.view.safe import safe

if TYPE_CHECKING:
    from helicli.tui.widgets.canvas import Line, Span

LONGEST: Final = 100_000
"""A line is cut there; nobody scrolls as far, and a pager shows all of it."""

MOST_LINES: Final = 50_000
"""So many lines are shown."""

MOST_BYTES: Final = 65_536
"""So much of what is no text is shown."""

_COLOURED: Final = 4_000
"""Lines longer than this are not told apart by colour."""

_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<text>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<other>[^\"\w-]+|.)",
    re.DOTALL,
)
_ROLES: Final = {"key": "accent", "text": "ok", "number": "warn", "word": "warn"}
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ROW: Final = 16


def raw(body: bytes, content_type: str = "") -> list[Line]:
    """The lines of a body."""
    if not body:
        return [[("(nothing)", "dim")]]
    if sse.is_stream(content_type, body):
        return _cut(_events(body), len(body))
    text = _text(body)
    if text is None:
        return _hex(body)
    told = _json(body)
    if told is not None:
        return _cut(map(_coloured, told.split("\n")), len(body))
    return _cut(([(_shortened(line), "")] for line in re.split("\r\n|\n|\r", text)), len(body))


def _json(body: bytes) -> str | None:
    """JSON with its line ends and indentation; None for what is none."""
    if not body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith((b"{", b"[")):
        return None
    try:
        return msgspec.json.format(body.removeprefix(sse.BOM), indent=2).decode("utf-8", "replace")
    except msgspec.MsgspecError:
        return None


def _events(body: bytes) -> Iterator[Line]:
    """One line an event: its number, its name, its data. What ends in the midst of an event is shown as it is."""
    number = 0
    for number, (name, data) in enumerate(sse.events(body), 1):
        head: list[Span] = [(f"{number:>5}  ", "dim")]
        if name:
            head.append((f"{safe(name.decode('utf-8', 'replace'))}  ", "accent"))
        yield [*head, *_coloured(data.decode("utf-8", "replace"))]
    splitter = sse.Splitter()
    splitter.feed(body)
    if splitter.rest.strip():
        rest = _shortened(splitter.rest.decode("utf-8", "replace"))
        yield [(f"{number + 1:>5}  ", "dim"), ("cut off  ", "bad"), (rest, "")]


def _coloured(line: str) -> Line:
    if len(line) > _COLOURED:
        return [(_shortened(line), "")]
    spans: list[Span] = []
    for found in _TOKEN.finditer(line):
        spans.append((safe(found[0]), _ROLES.get(found.lastgroup or "", "dim")))
    return spans


def _shortened(line: str) -> str:
    if len(line) <= LONGEST:
        return safe(line)
    return f"{safe(line[:LONGEST])}… {len(line) - LONGEST:,} characters more"


def _cut(lines: Iterator[Line], size: int) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if len(kept) == MOST_LINES:
            return [*kept, [(f"… cut after {MOST_LINES:,} lines of {size:,} bytes", "warn")]]
        kept.append(line)
    return kept


def _text(body: bytes) -> str | None:
    """The text of a body; None for what is none. A sign that a cut went through does not make it another thing."""
    if _BINARY.search(body[:MOST_BYTES]):
        return None
    text = body.decode("utf-8", "replace")
    strange = text.count("\ufffd")
    return None if strange > 2 and strange * 50 > len(text) else text


def _hex(body: bytes) -> list[Line]:
    lines: list[Line] = [[(f"{len(body):,} bytes that are no text", "dim")]]
    for at in range(0, min(len(body), MOST_BYTES), _ROW):
        part = body[at : at + _ROW]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append([(f"{at:08x}  ", "dim"), (f"{part.hex(' ', 1):<{_ROW * 3 - 1}}  ", ""), (shown, "accent")])
    if len(body) > MOST_BYTES:
        lines.append([(f"… {len(body) - MOST_BYTES:,} bytes more", "warn")])
    return lines
