"""The template language: text with `{{variables}}` and `{{> partials}}`.

Owns its grammar, how a value becomes text, and which values fit a type. A value is inserted as text and never read as a
template; what is escaped comes out as it was. Pure.

    {{name}} {{name:number}}      a variable; types: string, number, boolean, any
    {{hc:name:type}}              the same as Helicone writes it; a type of its own takes any value
    {{> name}}                    the partial of that name
    \\{{                           two braces as they are; each further two backslashes are one
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.errors import UsageError

ANY: Final = "any"
TYPES: Final = ("string", "number", "boolean", ANY)

_NAME: Final = r"-?[A-Za-z_][A-Za-z0-9_-]*"
_PARTIAL: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_TAG: Final = re.compile(
    r"(\{{2,})(?:\s*(?:"
    rf"hc\s*:\s*(?P<own>{_NAME})\s*:\s*(?P<kind>{_NAME})"
    rf"|(?P<name>{_NAME})(?:\s*:\s*(?P<type>{'|'.join(TYPES)}))?"
    rf"|>\s*(?P<partial>{_PARTIAL})"
    r")\s*\}\})?",
    re.ASCII,
)
_END: Final = re.compile(r"(\\*)(\{*)\Z")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_EXAMPLES: Final = {"number": "3", "boolean": "true"}
_SOME: Final = '"…"'
_YES: Final = {"true": True, "yes": True, "false": False, "no": False}
_FORMS: Final = (
    r"write {{name}}, {{name:number}} (string, number, boolean, any) or {{> partial}}; braces as they are: \{{"
)


class Tag(Struct, frozen=True):
    """A variable."""

    name: str
    type: str = ANY


class Include(Struct, frozen=True):
    """The place of a partial."""

    name: str


Piece = str | Tag | Include


class Template(Struct, frozen=True):
    """A text that was read: its pieces in their order, no two texts side by side."""

    pieces: tuple[Piece, ...]

    @property
    def tags(self) -> Iterator[Tag]:
        """Its variables, as often as they stand there."""
        return (piece for piece in self.pieces if isinstance(piece, Tag))

    @property
    def includes(self) -> Iterator[Include]:
        """Its partials."""
        return (piece for piece in self.pieces if isinstance(piece, Include))

    @property
    def whole(self) -> Tag | None:
        """The variable that it is, where it is nothing else."""
        only = self.pieces[0] if len(self.pieces) == 1 else None
        return only if isinstance(only, Tag) else None


def parse(text: str, *, strict: bool = True, place: str = "") -> Template:
    """Read a text. Where it is not `strict`, what only looks like a tag is text. Raises UsageError, which says a line
    of `place`."""
    pieces: list[Piece] = []
    plain: list[str] = []
    at = 0
    for found in _TAG.finditer(text) if "{{" in text else ():
        start, tag = found.start(), _tag(found)
        slashes = _slashes(text, at, start)
        if tag is None and not strict:
            continue
        if tag is None and slashes % 2 == 0:
            raise _wrong(text, start, place)
        plain.append(text[at : start - slashes] + "\\" * (slashes // 2))
        if slashes % 2:
            plain.append(found[0] if not strict else found[1])
            at = found.end() if not strict else found.end(1)
            continue
        assert tag is not None
        plain.append(found[1][:-2])
        _close(pieces, plain)
        pieces.append(tag)
        at = found.end()
    plain.append(text[at:])
    _close(pieces, plain)
    return Template(tuple(pieces))


def _tag(found: re.Match[str]) -> Tag | Include | None:
    if found["partial"]:
        return Include(found["partial"])
    if found["own"]:
        return Tag(found["own"], found["kind"])
    return Tag(found["name"], found["type"] or ANY) if found["name"] else None


def _slashes(text: str, first: int, at: int) -> int:
    """How many backslashes stand right before a place."""
    count = 0
    while at - count > first and text[at - count - 1] == "\\":
        count += 1
    return count


def _close(pieces: list[Piece], plain: list[str]) -> None:
    text = "".join(plain)
    if text:
        pieces.append(text)
    plain.clear()


def _wrong(text: str, at: int, place: str) -> UsageError:
    line = text.count("\n", 0, at) + 1
    end = text.find("}}", at)
    shown = text[at : end + 2] if 0 <= end - at <= 40 else text[at : at + 20]
    return UsageError(f'"{" ".join(shown.split())}" in line {line}{place} is no variable', _FORMS)


def written(template: Template) -> str:
    """A template as a text that reads as the same one."""
    out: list[str] = []
    pieces = template.pieces
    for at, piece in enumerate(pieces):
        if isinstance(piece, Tag):
            known = piece.type in TYPES and not (piece.name == "hc" and piece.type != ANY)
            typed = f":{piece.type}" if piece.type != ANY else ""
            out.append(f"{{{{{piece.name}{typed}}}}}" if known else f"{{{{hc:{piece.name}:{piece.type}}}}}")
        elif isinstance(piece, Include):
            out.append(f"{{{{> {piece.name}}}}}")
        elif at + 1 < len(pieces):
            # Braces right before a tag are text without being escaped; backslashes before them count twice.
            end = _END.search(piece)
            assert end is not None
            out.append(escaped(piece[: end.start()]) + end[1] * 2 + end[2])
        else:
            out.append(escaped(piece))
    return "".join(out)


def escaped(text: str) -> str:
    """A text as a template that gives it back."""
    return re.sub(r"(\\*)(\{{2,})", lambda found: found[1] * 2 + "\\" + found[2], text)


def expand(template: Template, partials: Mapping[str, Template], within: tuple[str, ...] = ()) -> Template:
    """The template with its partials in their places. Raises UsageError for one that is missing, or in itself."""
    if not any(template.includes):
        return template
    pieces: list[Piece] = []
    for piece in template.pieces:
        if not isinstance(piece, Include):
            pieces.append(piece)
        elif piece.name in within:
            raise UsageError(f'the partial "{piece.name}" stands in itself', "take it out of one of them")
        elif piece.name not in partials:
            raise UsageError(f'no partial "{piece.name}"', f"make a file _{piece.name}.md beside it")
        else:
            pieces.extend(expand(partials[piece.name], partials, (*within, piece.name)).pieces)
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> Template:
    """A template of pieces, with the texts that stand side by side as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return Template(tuple(joined))


def typed(kind: str, value: Any) -> Any:
    """A value as its type has it: the number of "3", the truth of "yes". Raises ValueError where it does not fit."""
    if kind == "string":
        if isinstance(value, str):
            return value
    elif kind == "number":
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            text = value.strip()
            return float(text) if set(text) & set(".eE") else int(text)
    elif kind == "boolean":
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in _YES:
            return _YES[value.strip().lower()]
    else:
        return value
    raise ValueError(kind)


def as_text(kind: str, value: Any) -> str:
    """A value as it is inserted: a string as it is, all else as JSON. Raises ValueError where it does not fit."""
    if isinstance(value, str) and kind != "boolean":
        typed(kind, value)
        return value.strip() if kind == "number" else value
    return msgspec.json.encode(typed(kind, value)).decode()


class Inputs:
    """The values of one filling. What is missing or does not fit is gathered, and told at once by `check`."""

    def __init__(self, given: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
        self._given = given
        self._types = types or {}
        self._missing: dict[str, str] = {}
        self._wrong: dict[str, str] = {}

    def fill(self, template: Template) -> str:
        """The text of a template; a place without a value stays empty until `check` tells of it."""
        return "".join(piece if isinstance(piece, str) else self._text(piece) for piece in template.pieces)

    def value(self, tag: Tag) -> Any:
        """The value of a variable, in its type."""
        return self._fit(tag, typed)

    def check(self, whose: str, fix: Callable[[Mapping[str, str]], str]) -> None:
        """Raise UsageError for what was missing or did not fit; `fix` says how to give some names, each with an example
        of a value, or `…`."""
        if self._missing:
            names = list(self._missing)
            noun = "variable" if len(names) == 1 else "variables"
            raise UsageError(f"{whose} needs {len(names)} {noun}: {', '.join(names)}", fix(examples(self._missing)))
        if self._wrong:
            told = ", ".join(f"{name} is to be {_article(kind)}" for name, kind in self._wrong.items())
            raise UsageError(f"{whose}: {told}", fix(examples(self._wrong)))

    def _text(self, piece: Tag | Include) -> str:
        return self._fit(piece, as_text) if isinstance(piece, Tag) else ""

    def _fit(self, tag: Tag, how: Any) -> Any:
        value = self._given.get(tag.name)
        kind = tag.type if tag.type != ANY else self._types.get(tag.name, ANY)
        if value is None:
            self._missing[tag.name] = kind
            return ""
        try:
            return how(kind, value)
        except ValueError:
            self._wrong[tag.name] = kind
            return ""


def in_json(examples: Mapping[str, str]) -> str:
    """How variables are given in JSON: `write "limit": 3, "question": "…"`."""
    return "write " + ", ".join(f'"{name}": {value if value != "…" else _SOME}' for name, value in examples.items())


def examples(kinds: Mapping[str, str]) -> dict[str, str]:
    """A value of each variable's type, `…` where any will do."""
    return {name: _EXAMPLES.get(kind, "…") for name, kind in kinds.items()}


def _article(kind: str) -> str:
    return {"boolean": "true or false"}.get(kind, f"a {kind}")
