"""The YAML that stands at the head of `.prompt` and `.prompty` files, as plain values.

Owns the part of YAML that such heads are written in: mappings, lists, quoted and plain scalars, `[…]` and `{…}`, block
texts, comments. What it does not know (anchors, tags, several documents) is refused with its line, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from helicli.errors import UsageError

_KEY: Final = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"\[\]{},&*!|>%@`:-][^:#]*?|-[^\s:#][^:#]*?)\s*:(?:\s+|$)"""
)
_BLOCK: Final = re.compile(r"([|>])([+-]?)")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+|\d*\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_FLOW: Final = re.compile(
    r"""\s*(?:([\[\]{},])|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|([^\[\]{},"':#\s][^\[\]{},:]*)|(:))"""
)
_UNKNOWN: Final = ("&", "*", "!", "%", "@", "`", "? ")


class _Line:
    """A line that says something: its number, how far it is indented, its text."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text.strip()
        self.indent = len(text) - len(text.lstrip(" "))


class _Reader:
    def __init__(self, text: str) -> None:
        self._all = text.split("\n")
        self._lines = [_Line(at, line) for at, line in enumerate(self._all) if _says(line)]
        self._at = 0

    def whole(self) -> Any:
        value = self._node(0) if self._lines else {}
        if self._peek() is not None:
            raise self._wrong("is not indented as the lines before it")
        return value

    def _peek(self) -> _Line | None:
        return self._lines[self._at] if self._at < len(self._lines) else None

    def _wrong(self, why: str) -> UsageError:
        line = self._lines[min(self._at, len(self._lines) - 1)]
        return UsageError(
            f'line {line.number + 2} of the header, "{line.text[:40]}", {why}',
            "write it as plain YAML: name: value, lists with -, texts in quotes",
        )

    def _node(self, indent: int) -> Any:
        """The mapping or list whose lines are indented so far at least."""
        line = self._peek()
        if line is None or line.indent < indent:
            return None
        return self._list(line.indent) if _is_item(line.text) else self._mapping(line.indent)

    def _list(self, indent: int) -> list[Any]:
        found = []
        while (line := self._peek()) is not None and line.indent == indent and _is_item(line.text):
            rest = line.text[1:].lstrip()
            if not rest:
                self._at += 1
                found.append(self._node(indent + 1))
            elif _KEY.match(rest):
                line.indent += len(line.text) - len(rest)
                line.text = rest
                found.append(self._mapping(line.indent))
            else:
                self._at += 1
                found.append(self._scalar(rest, line))
        return found

    def _mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (line := self._peek()) is not None and line.indent == indent and not _is_item(line.text):
            key = _KEY.match(line.text)
            if key is None:
                raise self._wrong("is not understood")
            name, rest = str(_plain(key["key"])) if key["key"][0] in "\"'" else key["key"], line.text[key.end() :]
            if name in found:
                raise self._wrong("stands there twice")
            self._at += 1
            found[name] = self._value(rest, line)
        return found

    def _value(self, rest: str, line: _Line) -> Any:
        rest = _uncommented(rest)
        if block := _BLOCK.fullmatch(rest):
            return self._text(line, folded=block[1] == ">", keep=block[2])
        if rest:
            return self._scalar(rest, line)
        following = self._peek()
        if following is not None and following.indent == line.indent and _is_item(following.text):
            return self._list(line.indent)
        return self._node(line.indent + 1)

    def _text(self, line: _Line, *, folded: bool, keep: str) -> str:
        lines, at = [], line.number + 1
        while at < len(self._all):
            text = self._all[at]
            if text.strip() and len(text) - len(text.lstrip(" ")) <= line.indent:
                break
            lines.append(text)
            at += 1
        while (waiting := self._peek()) is not None and waiting.number < at:
            self._at += 1
        margin = min((len(text) - len(text.lstrip(" ")) for text in lines if text.strip()), default=0)
        lines = [text[margin:].rstrip("\r") for text in lines]
        while lines and not lines[-1].strip() and keep != "+":
            lines.pop()
        told = re.sub(r"(?<!\n)\n(?!\n)", " ", "\n".join(lines)) if folded else "\n".join(lines)
        return told if keep == "-" or not told else told + "\n"

    def _scalar(self, text: str, line: _Line) -> Any:
        text = _uncommented(text)
        try:
            if text[:1] in ("[", "{"):
                return _flow(text)
            if text.startswith(_UNKNOWN):
                raise ValueError
            return _plain(text)
        except (ValueError, IndexError, msgspec.DecodeError):
            self._at = self._lines.index(line)
            raise self._wrong("is not understood") from None


def read(text: str) -> dict[str, Any]:
    """The values of a header. Raises UsageError."""
    if "\t" in re.sub(r"\S.*", "", text):
        raise UsageError("the header is indented with tabs", "indent it with spaces")
    found = _Reader(text).whole()
    if not isinstance(found, dict):
        raise UsageError("the header is a list", "write it as name: value")
    return found


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _uncommented(text: str) -> str:
    """A value without the comment after it."""
    quoted = re.match(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?$""", text)
    if quoted:
        return quoted[1]
    return re.sub(r"(?:^|\s)#.*$", "", text).strip() if not text.startswith(("[", "{")) else text.strip()


def _plain(text: str) -> Any:
    """One scalar. Raises ValueError."""
    if text[:1] == '"':
        return msgspec.json.decode(text, type=str)
    if text[:1] == "'":
        if len(text) < 2 or text[-1] != "'":
            raise ValueError(text)
        return text[1:-1].replace("''", "'")
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return float(text) if set(text) & set(".eE") else int(text)
    return text


def _flow(text: str) -> Any:
    """`[a, b]` or `{a: b}`. Raises ValueError."""
    tokens = _tokens(text)
    value = _flowing(next(tokens), tokens)
    if next(tokens, None) is not None:
        raise ValueError(text)
    return value


def _tokens(text: str) -> Iterator[tuple[str, Any]]:
    at = 0
    while text[at:].strip() and not text[at:].lstrip().startswith("#"):
        found = _FLOW.match(text, at)
        if found is None:
            raise ValueError(text)
        at = found.end()
        if found[2] or found[3]:
            yield "value", _plain((found[2] or found[3]).strip())
        else:
            yield found[1] or found[4], None


def _flowing(token: tuple[str, Any], tokens: Iterator[tuple[str, Any]]) -> Any:
    kind, value = token
    if kind == "value":
        return value
    if kind not in ("[", "{"):
        raise ValueError(kind)
    items: list[Any] = []
    named: dict[str, Any] = {}
    while True:
        token = next(tokens, ("", None))
        if token[0] == ("]" if kind == "[" else "}"):
            return items if kind == "[" else named
        if kind == "{":
            name = str(_flowing(token, tokens))
            if next(tokens, ("", None))[0] != ":":
                raise ValueError(name)
            named[name] = _flowing(next(tokens, ("", None)), tokens)
        else:
            items.append(_flowing(token, tokens))
        token = next(tokens, ("", None))
        if token[0] == ("]" if kind == "[" else "}"):
            return items if kind == "[" else named
        if token[0] != ",":
            raise ValueError(kind)
