"""A prompt written as Markdown with a TOML header.

Owns that spelling. What is written is read again as the same prompt, where its texts neither begin nor end with empty
lines: a section has none at its ends.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from helicli.prompts import ROLES, Prompt

_HEAD: Final = re.compile(rf"^(\\*##[ \t]+(?:{'|'.join(ROLES)})[ \t]*)$", re.IGNORECASE | re.MULTILINE)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def written(prompt: Prompt) -> str:
    """The text of a file."""
    sections = [f"## {each.role}\n{_HEAD.sub(_escaped, each.text)}" for each in prompt.messages]
    return f"+++\n{_header(prompt)}+++\n\n" + "\n\n".join(sections) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[1]


def _header(prompt: Prompt) -> str:
    lines = [f"name = {_value(prompt.name)}"]
    for key in ("model", "description"):
        if text := getattr(prompt, key):
            lines.append(f"{key} = {_value(text)}")
    if prompt.labels:
        lines.append(f"labels = {_value(list(prompt.labels))}")
    for key in ("parameters", "defaults"):
        if table := getattr(prompt, key):
            lines += ["", f"[{key}]", *_lines(table)]
    for tool in prompt.tools:
        lines += ["", "[[tools]]", *_lines(tool)]
    return "\n".join(lines) + "\n"


def _lines(table: dict[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        # JSON's strings are TOML's, but for the one control sign that JSON does not escape.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    return "true" if value is True else "false" if value is False else repr(value)
